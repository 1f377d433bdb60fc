import * as U from '../../assembly/abi/unary.ts';
import type { Tensor } from '../tensor.ts';
import { unaryCases, unaryOp } from './common/unary.ts';
import type { Call, CaseInput, Op, OpCase } from './op.ts';

/** C's pow: other than JavaScript's it gives 1 for 1 to any power, and for -1 to an infinite one. */
const power = (x: number, y: number): number =>
  x === 1 || (x === -1 && Math.abs(y) === Number.POSITIVE_INFINITY) ? 1 : x ** y;

function exponentOf(call: Call, exponent: Tensor | undefined): number {
  if (!exponent) return call.unsupported('the exponent is a constant');
  return Math.fround(Number(exponent.data[0]));
}

const KINDS: ReadonlyMap<number, number> = new Map([
  [1, U.UNARY_CLAMP],
  [2, U.UNARY_SQUARE],
  [3, U.UNARY_CUBE],
  [0.5, U.UNARY_ROOT],
]);

const scalar = (value: number): CaseInput => ({ dims: [], values: [value], constant: true });

const SPECIAL = [Number.NaN, Infinity, -Infinity, 0, -0, 1, -1, 2, -2, 0.5, 1e-40, 1e20];

const cases = (exponent: number): OpCase[] => [
  ...unaryCases().map((c): OpCase => ({ name: `${c.name} ^ ${exponent}`, inputs: [c.inputs[0], scalar(exponent)] })),
  ...SPECIAL.map(
    (x): OpCase => ({ name: `${x} ^ ${exponent}`, inputs: [{ dims: [1], values: [x] }, scalar(exponent)] }),
  ),
];

/** `y = x ^ exponent` with a scalar constant exponent, as C's pow has it. */
export const pow: Op = unaryOp({
  name: 'Pow',
  check(call: Call) {
    const { dims } = call.input(1);
    call.expectType(1, 'float32', 'int32', 'int64');
    call.expect(
      dims.every((d) => d === 1) && dims.length <= call.input(0).dims.length,
      () => `the exponent is a scalar, found dims ${dims.join('x')}`,
    );
  },
  element(call, [, exponent]) {
    const y = exponentOf(call, exponent);
    return (x: number) => power(x, y);
  },
  kernel(call) {
    const alpha = exponentOf(call, call.input(1).constant);
    return { kind: KINDS.get(alpha) ?? U.UNARY_POWER, alpha };
  },
  cost: 0.4,
  zeros: (call, [share]) => (exponentOf(call, call.input(1).constant) > 0 ? share : 0),
  cases: [
    ...[2, 3, 0.5, -1, 1, 0, 2.5, -2].flatMap(cases),
    { name: 'int64 exponent', inputs: [{ dims: [5] }, { dims: [1], type: 'int64', values: [2], constant: true }] },
    { name: 'fused clamp', inputs: [{ dims: [2, 3, 5, 7] }, scalar(2)], clamp: { lo: 0.25, hi: 1 } },
  ],
});
