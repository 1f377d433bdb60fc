import { UNARY_HARD_SWISH } from '../../assembly/abi/unary.ts';
import { unaryCases, unaryOp, valuesCase } from './common/unary.ts';
import type { Op } from './op.ts';

/** `y = x min(max(x / 6 + 1 / 2, 0), 1)`. */
export const hardSwish: Op = unaryOp({
  name: 'HardSwish',
  element: () => (x: number) => x * Math.min(Math.max(x / 6 + 0.5, 0), 1),
  kernel: () => ({ kind: UNARY_HARD_SWISH, alpha: 1 / 6, beta: 0.5 }),
  cases: [...unaryCases(), valuesCase('special values', [Number.NaN, Infinity, 0, -3, 3, -2, 2, 1e4, -1e4])],
});
