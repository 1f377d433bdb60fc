import { BINARY_MAX } from '../../assembly/abi/binary.ts';
import { binaryOp } from './common/binary.ts';
import type { Op } from './op.ts';

/** `y` = the larger of a and b with numpy broadcasting; NaN if one is NaN. Integers fold at compile time only; two operands. */
export const max: Op = binaryOp({
  name: 'Max',
  kind: BINARY_MAX,
  float: Math.max,
  int: Math.max,
  bigint: (a, b) => (a > b ? a : b),
});
