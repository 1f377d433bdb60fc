import { UNARY_CLAMP } from '../../assembly/abi/unary.ts';
import { RELU_ZEROS, unaryCases, unaryOp, valuesCase } from './common/unary.ts';
import type { Op } from './op.ts';

/** `y = max(x, 0)`; NaN passes through. Integers fold at compile time only. */
export const relu: Op = unaryOp({
  name: 'Relu',
  types: ['float32', 'int32', 'int64'],
  element: () => (x: number | bigint) => (x < 0 ? (typeof x === 'bigint' ? 0n : 0) : x),
  zeros: (_call, [share]) => Math.max(share, RELU_ZEROS),
  kernel: () => ({ kind: UNARY_CLAMP, lo: 0 }),
  cases: [
    ...unaryCases(),
    { name: 'fused upper bound', inputs: [{ dims: [2, 3, 5, 7] }], clamp: { lo: -1, hi: 0.5 } },
    valuesCase('special values', [Number.NaN, Infinity, -Infinity, 0, -3, 3, Number.NaN]),
  ],
});
