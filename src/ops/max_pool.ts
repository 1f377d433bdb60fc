import { POOL_MAX } from '../../assembly/abi/pool.ts';
import { lowerPool, poolGeometry, referencePool } from './common/pool.ts';
import { poolCases } from './common/pool_cases.ts';
import { floats, floatTensor, type Op } from './op.ts';

function greatest(window: readonly number[]): number {
  let y = Number.NEGATIVE_INFINITY;
  for (const v of window) if (v > y) y = v;
  return y;
}

/**
 * `y[n, c, oy, ox] = max of x over the window`, positions outside of the image left out. It starts from -inf and takes what is greater:
 * NaN is passed over, and a window wholly outside of the image gives -inf. The output Indices is not computed.
 */
export const maxPool: Op = {
  name: 'MaxPool',
  onnx: {},
  infer: (call) => [{ type: 'float32', dims: poolGeometry(call).dims }],
  reference(call, [x]) {
    return [floatTensor(poolGeometry(call).dims, referencePool(call, floats(x), greatest))];
  },
  zeros: (_call, [share]) => share ** 2,
  lower: (call) => lowerPool(call, 'max_pool', POOL_MAX),
  cases: [
    ...poolCases(),
    {
      name: 'special values',
      attrs: { kernel_shape: [1, 2], strides: [1, 2] },
      inputs: [
        {
          dims: [1, 1, 1, 10],
          values: [Number.NaN, 1, 2, Number.NaN, -Infinity, -3, Infinity, 1, Number.NaN, Number.NaN],
        },
      ],
    },
  ],
};
