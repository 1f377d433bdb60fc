import { COMPARE_LESS } from '../../assembly/abi/compare.ts';
import { compareOp, NUMBERS } from './common/compare.ts';
import type { Op } from './op.ts';

/** `y = a < b` with numpy broadcasting. */
export const less: Op = compareOp({
  name: 'Less',
  kind: COMPARE_LESS,
  types: NUMBERS,
  test: (a, b) => a < b,
});
