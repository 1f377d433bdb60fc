import { POOL_MEAN, POOL_MEAN_PADDED } from '../../assembly/abi/pool.ts';
import { lowerPool, type PoolAxis, poolGeometry, referencePool } from './common/pool.ts';
import { poolCases } from './common/pool_cases.ts';
import { type Call, floats, floatTensor, type Op } from './op.ts';

const countsPads = (call: Call): boolean => call.int('count_include_pad', 0) !== 0;

/** Taps of the window of output `o` inside of the padded image. */
function paddedTaps({ length, kernel, stride, dilation, begin, end }: PoolAxis, o: number): number {
  return Math.min(kernel, Math.ceil((length + end + begin - o * stride) / dilation));
}

/**
 * `y[n, c, oy, ox] = mean of x over the window`: of the positions inside of the image, or with `count_include_pad` of those inside of
 * the padded image, where pads are zeros. A window without any gives 0.
 */
export const averagePool: Op = {
  name: 'AveragePool',
  onnx: {},
  infer: (call) => [{ type: 'float32', dims: poolGeometry(call).dims }],
  reference(call, [x]) {
    const { axes, dims } = poolGeometry(call);
    const padded = countsPads(call);
    const mean = (window: readonly number[], oy: number, ox: number): number => {
      const count = padded ? paddedTaps(axes[0], oy) * paddedTaps(axes[1], ox) : window.length;
      return count > 0 ? window.reduce((sum, v) => sum + v, 0) / count : 0;
    };
    return [floatTensor(dims, referencePool(call, floats(x), mean))];
  },
  lower: (call) => lowerPool(call, 'average_pool', countsPads(call) ? POOL_MEAN_PADDED : POOL_MEAN),
  cases: [...poolCases(), ...poolCases({ count_include_pad: 1 })],
};
