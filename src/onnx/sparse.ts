import { arrayOf, bytesOf, showDims, sizeOf, stridesOf, Tensor } from '../tensor.ts';
import type { SparseTensorProto } from './schema.ts';
import type { Source } from './source.ts';
import { checkDims, tensorOf } from './tensors.ts';

/** Row-major positions of the stored values: the indices themselves, or per-dimension indices times strides. */
function positionsOf(source: Source, indices: Tensor, dims: readonly number[], count: number, what: string): number[] {
  const width = indices.dims.length === 2 ? indices.dims[1] : 1;
  const perDim = indices.dims.length === 2;
  source.expect(
    indices.type === 'int64' &&
      indices.dims[0] === count &&
      (perDim ? width === dims.length : indices.dims.length === 1),
    () =>
      `${what} has ${count} values, so its indices are int64 ${count} or ${count}x${dims.length}, found ${indices.type} ${showDims(indices.dims)}`,
  );
  const strides = perDim ? stridesOf(dims) : [1];
  const limits = perDim ? dims : [sizeOf(dims)];
  const positions = new Array<number>(count);
  for (let i = 0, at = 0; i < count; i++) {
    positions[i] = 0;
    for (let d = 0; d < width; d++, at++) {
      const index = Number(indices.data[at]);
      source.expect(
        index >= 0 && index < limits[d],
        () => `${what} has an index ${index} outside of ${showDims(limits)}`,
      );
      positions[i] += index * strides[d];
    }
    source.expect(i === 0 || positions[i] > positions[i - 1], () => `${what} has indices that do not ascend`);
  }
  return positions;
}

/**
 * A SparseTensorProto (COO) as a dense tensor: `dense[position[k]] = values[k]`, zero elsewhere; indices are `[nnz]` row-major
 * positions or `[nnz, rank]`, ascending.
 *
 * @throws ZeroskipError `INVALID_MODEL` where values, indices and dims disagree or the dense size is out of proportion to the file.
 */
export function denseOf(source: Source, sparse: SparseTensorProto, what: string): Tensor {
  source.expect(sparse.values && sparse.indices, () => `${what} has no values or no indices`);
  checkDims(source, sparse.dims, what);
  const values = tensorOf(source, sparse.values, `values of ${what}`);
  source.expect(values.dims.length === 1, () => `${what} has 1-D values, found ${showDims(values.dims)}`);
  const indices = tensorOf(source, sparse.indices, `indices of ${what}`);
  const positions = positionsOf(source, indices, sparse.dims, values.size, what);
  const size = sizeOf(sparse.dims);
  source.expand(size * bytesOf(values.type), `${what} (${showDims(sparse.dims)} with ${values.size} values)`);
  const dense = new (arrayOf(values.type))(size);
  for (let i = 0; i < positions.length; i++) dense[positions[i]] = values.data[i];
  return new Tensor(values.type, dense, sparse.dims);
}
