import { COMPARE_EQUAL } from '../../assembly/abi/compare.ts';
import { compareOp, NUMBERS } from './common/compare.ts';
import type { Op } from './op.ts';

/** `y = a == b` with numpy broadcasting. */
export const equal: Op = compareOp({
  name: 'Equal',
  kind: COMPARE_EQUAL,
  types: [...NUMBERS, 'bool'],
  test: (a, b) => a === b,
});
