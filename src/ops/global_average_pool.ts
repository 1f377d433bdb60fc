import { lowerReduce, reducedDims, referenceReduce } from './common/reduce.ts';
import { type Call, floats, floatTensor, type Op } from './op.ts';

/** Every axis behind images and channels. */
function spatialAxes(call: Call): Set<number> {
  const rank = call.input(0).dims.length;
  call.expect(rank >= 3, () => `input 0 has at least 3 dimensions, found ${rank}`);
  return new Set(Array.from({ length: rank - 2 }, (_, i) => i + 2));
}

const shapes = [
  [1, 1, 1, 1],
  [2, 3, 5, 7],
  [1, 5, 4, 4],
  [2, 3, 7, 7],
  [1, 4, 1, 17],
  [2, 5, 9, 1],
  [1, 3, 9, 33],
  [2, 3, 9],
  [2, 3, 2, 3, 5],
  [0, 3, 5, 5],
  [1, 2, 0, 5],
];

/** `y[n, c] = mean of x[n, c, …]`, dims `[N, C, 1, …]`. */
export const globalAveragePool: Op = {
  name: 'GlobalAveragePool',
  onnx: {},
  infer(call) {
    call.expectType(0, 'float32');
    return [{ type: 'float32', dims: reducedDims(call.input(0).dims, spatialAxes(call), true) }];
  },
  reference(call, [x]) {
    const reduced = spatialAxes(call);
    return [floatTensor(reducedDims(x!.dims, reduced, true), referenceReduce('mean', floats(x), x!.dims, reduced))];
  },
  lower: (call) => lowerReduce(call, 'mean', spatialAxes(call)),
  cases: [
    ...shapes.map((dims) => ({ name: `[${dims}]`, inputs: [{ dims }] })),
    { name: 'fused clamp', inputs: [{ dims: [2, 3, 5, 7] }], clamp: { lo: 0, hi: 0.1 } },
  ],
};
