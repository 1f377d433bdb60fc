import { COMPARE_AND } from '../../assembly/abi/compare.ts';
import { compareOp } from './common/compare.ts';
import type { Op } from './op.ts';

/** `y = a and b` with numpy broadcasting. */
export const and: Op = compareOp({
  name: 'And',
  kind: COMPARE_AND,
  types: ['bool'],
  test: (a, b) => Boolean(a) && Boolean(b),
});
