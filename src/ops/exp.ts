import { UNARY_EXP } from '../../assembly/abi/unary.ts';
import { unaryCases, unaryOp, valuesCase } from './common/unary.ts';
import type { Op } from './op.ts';

/** `y = e^x`. */
export const exp: Op = unaryOp({
  name: 'Exp',
  element: () => (x: number) => Math.exp(x),
  cost: 1,
  kernel: () => ({ kind: UNARY_EXP }),
  cases: [
    ...unaryCases(),
    valuesCase('special values', [Number.NaN, -Infinity, 0, -0, -1e4, -88, -103, 5, 1e-6, -1e-6]),
  ],
});
