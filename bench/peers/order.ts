import { sizeOf, stridesOf } from '../../src/tensor.ts';

/** `y[i[perm[0]], i[perm[1]], …] = x[i[0], i[1], …]`: axis a of the result is axis `perm[a]` of `data`. */
export function permute(
  data: Float32Array,
  dims: readonly number[],
  perm: readonly number[],
): Float32Array<ArrayBuffer> {
  const strides = stridesOf(dims);
  const lengths = perm.map((axis) => dims[axis]);
  const steps = perm.map((axis) => strides[axis]);
  const result = new Float32Array(sizeOf(dims));
  const inner = lengths.length - 1;
  const index = new Array<number>(inner).fill(0);
  for (let to = 0, from = 0; to < result.length; ) {
    for (let i = 0, at = from; i < lengths[inner]; i++, at += steps[inner]) result[to++] = data[at];
    for (let axis = inner - 1; axis >= 0; axis--) {
      from += steps[axis];
      if (++index[axis] < lengths[axis]) break;
      from -= steps[axis] * lengths[axis];
      index[axis] = 0;
    }
  }
  return result;
}

/** `[n, c, h, w]` to `[n, h, w, c]`; other ranks as they are. */
export const toChannelsLast = (data: Float32Array, dims: readonly number[]): Float32Array<ArrayBuffer> =>
  dims.length === 4 ? permute(data, dims, [0, 2, 3, 1]) : Float32Array.from(data);

/** `[n, h, w, c]` to `[n, c, h, w]`; other ranks as they are. */
export const toChannelsFirst = (data: Float32Array, shape: readonly number[]): Float32Array =>
  shape.length === 4 ? permute(data, shape, [0, 3, 1, 2]) : data;
