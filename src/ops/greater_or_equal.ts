import { COMPARE_GREATER_OR_EQUAL } from '../../assembly/abi/compare.ts';
import { compareOp, NUMBERS } from './common/compare.ts';
import type { Op } from './op.ts';

/** `y = a >= b` with numpy broadcasting. */
export const greaterOrEqual: Op = compareOp({
  name: 'GreaterOrEqual',
  kind: COMPARE_GREATER_OR_EQUAL,
  types: NUMBERS,
  test: (a, b) => a >= b,
});
