import { UNARY_SIGMOID } from '../../assembly/abi/unary.ts';
import { unaryCases, unaryOp, valuesCase } from './common/unary.ts';
import type { Op } from './op.ts';

/** `y = 1 / (1 + e^-x)`. */
export const sigmoid: Op = unaryOp({
  name: 'Sigmoid',
  element: () => (x: number) => 1 / (1 + Math.exp(-x)),
  cost: 1.2,
  kernel: () => ({ kind: UNARY_SIGMOID }),
  cases: [
    ...unaryCases(),
    valuesCase('special values', [Number.NaN, Infinity, -Infinity, 0, -0, 1e4, -1e4, 88, -88, 1e-6, -1e-6, 9, -9]),
  ],
});
