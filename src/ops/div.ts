import { BINARY_DIV } from '../../assembly/abi/binary.ts';
import type { Tensor } from '../tensor.ts';
import { binaryOp } from './common/binary.ts';
import type { Call, Op } from './op.ts';

function checkIntegers(call: Call, divisor: Tensor): void {
  const zero = Array.from(divisor.data as ArrayLike<number | bigint>).findIndex((d) => Number(d) === 0);
  call.expect(zero < 0, () => `an integer divisor is not 0, element ${zero} is`);
}

/** `y = a / b` with numpy broadcasting. Integers fold at compile time only and round towards zero. */
export const div: Op = binaryOp({
  name: 'Div',
  kind: BINARY_DIV,
  float: (a, b) => a / b,
  int: (a, b) => Math.trunc(a / b),
  bigint: (a, b) => a / b,
  checkIntegers,
});
