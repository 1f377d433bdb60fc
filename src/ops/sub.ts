import { BINARY_SUB } from '../../assembly/abi/binary.ts';
import { binaryOp } from './common/binary.ts';
import type { Op } from './op.ts';

/** `y = a - b` with numpy broadcasting. Integers fold at compile time only and wrap around. */
export const sub: Op = binaryOp({
  name: 'Sub',
  kind: BINARY_SUB,
  float: (a, b) => a - b,
  int: (a, b) => a - b,
  bigint: (a, b) => a - b,
});
