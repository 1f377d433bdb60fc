import { UNARY_TANH } from '../../assembly/abi/unary.ts';
import { unaryCases, unaryOp, valuesCase } from './common/unary.ts';
import type { Op } from './op.ts';

/** `y = tanh x`. */
export const tanh: Op = unaryOp({
  name: 'Tanh',
  element: () => (x: number) => Math.tanh(x),
  cost: 1.7,
  kernel: () => ({ kind: UNARY_TANH }),
  cases: [
    ...unaryCases(),
    valuesCase('special values', [Number.NaN, Infinity, -Infinity, 0, -0, 1e4, -1e4, 88, -88, 1e-6, -1e-6, 9, -9]),
  ],
});
