import { BINARY_MUL } from '../../assembly/abi/binary.ts';
import { binaryOp } from './common/binary.ts';
import type { Op } from './op.ts';

/** `y = a * b` with numpy broadcasting. Integers fold at compile time only and wrap around. */
export const mul: Op = binaryOp({
  name: 'Mul',
  kind: BINARY_MUL,
  float: (a, b) => a * b,
  int: Math.imul,
  bigint: (a, b) => a * b,
  zeros: ({ node }, [a, b]) => (node.inputs[0] === node.inputs[1] ? a : 1 - (1 - a) * (1 - b)),
});
