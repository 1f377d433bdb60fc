import { sizeOf } from '../tensor.ts';
import { convWindow } from './common/conv_geometry.ts';
import { convCandidates } from './common/conv_lower.ts';
import { zeroTileCases } from './common/zero_tile_cases.ts';
import { type Call, type CaseInput, floats, floatTensor, type Op, type OpCase, type ValueType } from './op.ts';

/**
 * Convolution with groups, over any number of spatial dims:
 * `Y[n, m, p] = B[m] + sum_{c, t} W[m, c, t] * X[n, g(m) * C/G + c, p * stride - pad + t * dilation]`, X zero outside of the image.
 *
 * X `[N, C, ...]`, W `[M, C/G, k...]`, B `[M]`, Y `[N, M, ...]`; G groups, g(m) the group of output m.
 */
export const conv: Op = {
  name: 'Conv',
  onnx: {},
  infer: inferConv,
  reference(call, [x, w, b]) {
    const [{ dims }] = inferConv(call);
    const { strides, dilations, pads } = convWindow(call, x!.dims.slice(2), w!.dims.slice(2));
    const y = new Float32Array(sizeOf(dims));
    const group = call.int('group', 1);
    const channels = w!.dims[1];
    const perGroup = w!.dims[0] / group;
    const outPixels = indices(dims.slice(2));
    const taps = indices(w!.dims.slice(2));
    const inDims = x!.dims.slice(2);
    const inSize = sizeOf(inDims);
    const xs = floats(x);
    const ws = floats(w);
    let at = 0;
    for (let n = 0; n < dims[0]; n++) {
      for (let m = 0; m < dims[1]; m++) {
        const firstChannel = Math.floor(m / perGroup) * channels;
        for (const p of outPixels) {
          let sum = b ? floats(b)[m] : 0;
          taps.forEach((t, tap) => {
            let pixel = 0;
            for (let i = 0; i < p.length; i++) {
              const q = p[i] * strides[i] - pads[i] + t[i] * dilations[i];
              if (q < 0 || q >= inDims[i]) return;
              pixel = pixel * inDims[i] + q;
            }
            for (let c = 0; c < channels; c++) {
              sum +=
                ws[(m * channels + c) * taps.length + tap] * xs[(n * x!.dims[1] + firstChannel + c) * inSize + pixel];
            }
          });
          y[at++] = sum;
        }
      }
    }
    return [floatTensor(dims, y)];
  },
  lower: convCandidates,
  cases: [...convCases(), ...zeroTileCases(false)],
};

/** Type of the output; checks operands 0 to 2. */
export function inferConv(call: Call): ValueType[] {
  const x = call.input(0);
  const w = call.input(1);
  call.expectType(0, 'float32');
  call.expectType(1, 'float32');
  call.expect(x.dims.length >= 3, () => `the input has 3 or more dimensions, found ${x.dims.length}`);
  call.expect(
    w.dims.length === x.dims.length,
    () => `weights have ${x.dims.length} dimensions, found ${w.dims.length}`,
  );
  const group = call.int('group', 1);
  const [m, channels, ...kernel] = w.dims;
  call.expect(group >= 1 && m % group === 0, () => `${m} filters do not split into ${group} groups`);
  call.expect(
    channels * group === x.dims[1],
    () =>
      `filters of ${channels} channels in ${group} groups read ${channels * group} channels, the input has ${x.dims[1]}`,
  );
  const declared = call.ints('kernel_shape', kernel);
  call.expect(
    declared.length === kernel.length && declared.every((k, i) => k === kernel[i]),
    () => `kernel_shape is ${declared.join('x')}, the weights have ${kernel.join('x')}`,
  );
  const bias = call.optional(2);
  if (bias) {
    call.expectType(2, 'float32');
    call.expect(
      bias.dims.length === 1 && bias.dims[0] === m,
      () => `the bias has ${m} elements, found ${bias.dims.join('x')}`,
    );
  }
  return [{ type: 'float32', dims: [x.dims[0], m, ...convWindow(call, x.dims.slice(2), kernel).out] }];
}

/** All index tuples of `dims` in row-major order. */
function indices(dims: readonly number[]): number[][] {
  return dims.reduce<number[][]>(
    (tuples, d) => tuples.flatMap((t) => Array.from({ length: d }, (_, i) => [...t, i])),
    [[]],
  );
}

function convCases(): OpCase[] {
  const make = (
    name: string,
    x: number[],
    w: number[],
    attrs: Record<string, number | string | number[]> = {},
    options: { density?: number; bias?: boolean; clamp?: { lo: number; hi: number } } = {},
  ): OpCase => ({
    name,
    attrs,
    clamp: options.clamp,
    inputs: [
      { dims: x },
      { dims: w, constant: true, density: options.density },
      options.bias === false ? null : ({ dims: [w[0]], constant: true } satisfies CaseInput),
    ],
  });
  const cases: OpCase[] = [];
  for (const density of [0, 0.1, 0.5, 1]) {
    for (const [side, m] of [
      [1, 1],
      [2, 3],
      [4, 4],
      [5, 5],
      [7, 8],
      [9, 9],
      [16, 2],
    ]) {
      cases.push(make(`1x1 ${side} ${m} d${density}`, [1, 5, side, side], [m, 5, 1, 1], {}, { density }));
    }
    for (const side of [3, 6, 8, 13]) {
      const pads = [1, 1, 1, 1];
      cases.push(make(`3x3 ${side} d${density}`, [1, 3, side, side + 1], [6, 3, 3, 3], { pads }, { density }));
      cases.push(
        make(
          `3x3 s2 ${side} d${density}`,
          [1, 3, side, side + 1],
          [5, 3, 3, 3],
          { pads, strides: [2, 2] },
          { density },
        ),
      );
      cases.push(
        make(`1x1 s2 ${side} d${density}`, [2, 3, side, side], [5, 3, 1, 1], { strides: [2, 2] }, { density }),
      );
    }
    cases.push(make(`sliced d${density}`, [1, 300, 3, 3], [9, 300, 1, 1], {}, { density, clamp: { lo: 0, hi: 6 } }));
    cases.push(make(`grouped d${density}`, [2, 6, 5, 5], [8, 3, 3, 3], { group: 2, pads: [1, 1, 1, 1] }, { density }));
    cases.push({
      name: `zero tiles grouped d${density}`,
      attrs: { group: 2, pads: [1, 1, 1, 1] },
      inputs: [
        { dims: [1, 8, 9, 9], zeroTiles: 0.5 },
        { dims: [6, 4, 3, 3], constant: true, density },
        { dims: [6], constant: true },
      ],
    });
    cases.push(make(`1d d${density}`, [1, 4, 17], [6, 4, 5], { pads: [2, 2], dilations: [2] }, { density }));
    cases.push(make(`se d${density}`, [1, 9, 1, 1], [6, 9, 1, 1], {}, { density, clamp: { lo: 0, hi: 1 } }));
    cases.push(make(`whole image d${density}`, [1, 3, 4, 5], [7, 3, 4, 5], {}, { density }));
    cases.push(make(`batch whole image d${density}`, [3, 3, 4, 5], [8, 3, 4, 5], {}, { density }));
  }
  for (const ow of [1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33]) {
    for (const stride of [1, 2]) {
      const w = (ow - 1) * stride + 1;
      const strides = [stride, stride];
      cases.push(make(`dw3 s${stride} ${ow}`, [1, 3, 5, w], [3, 1, 3, 3], { group: 3, pads: [1, 1, 1, 1], strides }));
    }
  }
  const dw3 = (name: string, h: number, w: number, attrs: object) =>
    cases.push(make(`dw3 ${name}`, [1, 2, h, w], [2, 1, 3, 3], { group: 2, ...attrs }));
  for (const strides of [
    [1, 1],
    [2, 2],
  ]) {
    for (const h of [1, 2, 3, 4, 6, 7]) dw3(`s${strides[0]} of ${h} rows`, h, 9, { pads: [1, 1, 1, 1], strides });
    for (const pads of [
      [0, 0, 0, 0],
      [0, 0, 1, 1],
      [1, 1, 0, 0],
      [1, 0, 0, 1],
      [1, 1, 2, 1],
    ])
      for (const w of [7, 10, 13]) dw3(`s${strides[0]} ${w} padded by ${pads}`, 6, w, { pads, strides });
    // Rows of 512 bytes are computed 16 at a time.
    for (const h of [16, 17, 34]) dw3(`s${strides[0]} ${h}x128`, h, 128, { pads: [1, 1, 1, 1], strides });
  }
  cases.push(
    make(
      'dw5 s2 batch',
      [2, 4, 9, 11],
      [4, 1, 5, 5],
      { group: 4, pads: [2, 2, 2, 2], strides: [2, 2] },
      { clamp: { lo: 0, hi: 6 } },
    ),
    make('dw dilated', [1, 2, 9, 9], [2, 1, 3, 3], { group: 2, pads: [2, 2, 2, 2], dilations: [2, 2] }),
    make('dw multiplier', [1, 2, 6, 6], [4, 1, 3, 3], { group: 2, pads: [1, 1, 1, 1] }),
    make('dw stride 3', [1, 2, 10, 10], [2, 1, 3, 3], { group: 2, strides: [3, 3] }),
    make('dw strides 2x1', [1, 2, 9, 9], [2, 1, 3, 3], { group: 2, strides: [2, 1], pads: [1, 0, 0, 1] }),
    make('same upper', [1, 2, 7, 8], [3, 2, 3, 3], { auto_pad: 'SAME_UPPER', strides: [2, 2] }),
    make('same lower', [1, 2, 7, 8], [3, 2, 2, 2], { auto_pad: 'SAME_LOWER' }),
    make('valid', [1, 2, 7, 8], [3, 2, 3, 3], { auto_pad: 'VALID' }, { bias: false }),
    make('uneven pads', [1, 2, 5, 6], [3, 2, 3, 2], { pads: [0, 2, 1, 0] }, { density: 0.4 }),
    make(
      'strides 3x2 dilated',
      [2, 2, 11, 12],
      [3, 2, 3, 3],
      { strides: [3, 2], dilations: [2, 1], pads: [1, 2, 3, 1] },
      { density: 0.4 },
    ),
    make('clamp', [1, 2, 6, 6], [5, 2, 3, 3], { pads: [1, 1, 1, 1] }, { density: 0.5, clamp: { lo: 0, hi: 1 } }),
    make('rows of tiles', [1, 3, 5, 18], [5, 3, 3, 3], {}, { clamp: { lo: 0, hi: 1 } }),
    make('rows of tiles, padded', [1, 2, 4, 8], [4, 2, 3, 3], { pads: [1, 1, 1, 1] }),
    make('wide', [1, 3, 6, 70], [9, 3, 3, 3], { pads: [1, 1, 1, 1] }, { density: 0.5 }),
  );
  return cases;
}
