import { UNARY_LOG } from '../../assembly/abi/unary.ts';
import { unaryCases, unaryOp, valuesCase } from './common/unary.ts';
import type { Op } from './op.ts';

const SPECIAL = [Number.NaN, Infinity, -Infinity, 0, -0, 1, -1, 1e-45, 1e-39, 1.1754943508222875e-38, 3.4e38];

/** `y = ln x`; -infinity for 0, NaN for x < 0. */
export const log: Op = unaryOp({
  name: 'Log',
  element: () => (x: number) => Math.log(x),
  cost: 0.4,
  kernel: () => ({ kind: UNARY_LOG }),
  cases: [
    ...unaryCases(),
    ...SPECIAL.map((x) => valuesCase(`${x}`, [x])),
    valuesCase('near 1', [0.999, 1.001, 0.7, Math.SQRT1_2, 0.708, 1.41, Math.SQRT2, 1.415, 0.99999994]),
  ],
});
