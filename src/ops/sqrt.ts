import { UNARY_SQRT } from '../../assembly/abi/unary.ts';
import { keepsZeros, unaryCases, unaryOp, valuesCase } from './common/unary.ts';
import type { Op } from './op.ts';

/** `y = sqrt x`; NaN for x < 0. */
export const sqrt: Op = unaryOp({
  name: 'Sqrt',
  element: () => (x: number) => Math.sqrt(x),
  cost: 0.3,
  kernel: () => ({ kind: UNARY_SQRT }),
  zeros: keepsZeros,
  cases: [...unaryCases(), valuesCase('special values', [Number.NaN, Infinity, -Infinity, 0, 2, 1e-30, -1])],
});
