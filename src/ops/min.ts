import { BINARY_MIN } from '../../assembly/abi/binary.ts';
import { binaryOp } from './common/binary.ts';
import type { Op } from './op.ts';

/** `y` = the smaller of a and b with numpy broadcasting; NaN if one is NaN. Integers fold at compile time only; two operands. */
export const min: Op = binaryOp({
  name: 'Min',
  kind: BINARY_MIN,
  float: Math.min,
  int: Math.min,
  bigint: (a, b) => (a < b ? a : b),
});
