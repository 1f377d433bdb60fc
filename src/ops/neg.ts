import { UNARY_NEG } from '../../assembly/abi/unary.ts';
import { keepsZeros, unaryCases, unaryOp, valuesCase } from './common/unary.ts';
import type { Op } from './op.ts';

/** `y = -x`. Integers fold at compile time only. */
export const neg: Op = unaryOp({
  name: 'Neg',
  types: ['float32', 'int32', 'int64'],
  element: () => (x: number | bigint) => -x,
  kernel: () => ({ kind: UNARY_NEG }),
  zeros: keepsZeros,
  cases: [...unaryCases(), valuesCase('special values', [Number.NaN, Infinity, -Infinity, 0, 3])],
});
