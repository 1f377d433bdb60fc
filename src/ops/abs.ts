import { UNARY_ABS } from '../../assembly/abi/unary.ts';
import { keepsZeros, unaryCases, unaryOp, valuesCase } from './common/unary.ts';
import type { Op } from './op.ts';

/** `y = |x|`. Integers fold at compile time only. */
export const abs: Op = unaryOp({
  name: 'Abs',
  types: ['float32', 'int32', 'int64'],
  element: () => (x: number | bigint) => (typeof x === 'number' ? Math.abs(x) : x < 0n ? -x : x),
  kernel: () => ({ kind: UNARY_ABS }),
  zeros: keepsZeros,
  cases: [...unaryCases(), valuesCase('special values', [Number.NaN, Infinity, -Infinity, 0, -3])],
});
