import { COMPARE_GREATER } from '../../assembly/abi/compare.ts';
import { compareOp, NUMBERS } from './common/compare.ts';
import type { Op } from './op.ts';

/** `y = a > b` with numpy broadcasting. */
export const greater: Op = compareOp({
  name: 'Greater',
  kind: COMPARE_GREATER,
  types: NUMBERS,
  test: (a, b) => a > b,
});
