import { COMPARE_OR } from '../../assembly/abi/compare.ts';
import { compareOp } from './common/compare.ts';
import type { Op } from './op.ts';

/** `y = a or b` with numpy broadcasting. */
export const or: Op = compareOp({
  name: 'Or',
  kind: COMPARE_OR,
  types: ['bool'],
  test: (a, b) => Boolean(a) || Boolean(b),
});
