import { UNARY_CLAMP } from '../../assembly/abi/unary.ts';
import type { DType } from '../tensor.ts';
import { attrToInput } from './common/legacy.ts';
import { RELU_ZEROS, unaryCases, unaryOp } from './common/unary.ts';
import type { Call, OnnxNode, Op, OpCase } from './op.ts';

const TYPES: readonly DType[] = ['float32', 'int32', 'int64'];

/** Opsets before 11 hold the bounds in attributes. */
function normalize(n: OnnxNode): void {
  if (n.opset >= 11) return;
  attrToInput(n, 'min', 1, 'float32');
  attrToInput(n, 'max', 2, 'float32');
}

function check(call: Call): void {
  const { type } = call.input(0);
  for (const index of [1, 2]) {
    const bound = call.optional(index);
    if (bound === undefined) continue;
    call.expectType(index, type);
    call.expect(
      bound.dims.every((d) => d === 1),
      () => `input ${index} is a scalar, found dims ${bound.dims.join('x')}`,
    );
  }
}

const boundOf = (call: Call, index: number, absent: number): number =>
  Number(call.optionalConstant(index)?.data[0] ?? absent);

const scalar = (value: number) => ({ dims: [], values: [value], constant: true });
const x = { dims: [2, 3, 5, 7] };

/** `y = min(max(x, min), max)` with scalar bounds, either of which may be absent; NaN passes through. Integers fold at compile time only. */
export const clip: Op = unaryOp({
  name: 'Clip',
  types: TYPES,
  normalize,
  check,
  element(_call, [, min, max]) {
    const lo = min?.data[0] ?? -Infinity;
    const hi = max?.data[0] ?? Infinity;
    return (x: number | bigint) => {
      let y = x;
      if (y < lo) y = lo;
      if (y > hi) y = hi;
      return y;
    };
  },
  kernel: (call) => ({
    kind: UNARY_CLAMP,
    lo: boundOf(call, 1, Number.NEGATIVE_INFINITY),
    hi: boundOf(call, 2, Number.POSITIVE_INFINITY),
  }),
  zeros: (call, [share]) =>
    boundOf(call, 1, -1) === 0 || boundOf(call, 2, 1) === 0 ? Math.max(share, RELU_ZEROS) : share,
  cases: [
    ...unaryCases().map((c): OpCase => ({ ...c, inputs: [c.inputs[0], scalar(-0.25), scalar(0.5)] })),
    { name: 'no bounds', inputs: [x] },
    { name: 'min only', inputs: [x, scalar(0.25)] },
    { name: 'max only', inputs: [x, null, scalar(0.25)] },
    { name: 'min above max', inputs: [x, scalar(0.5), scalar(-0.5)] },
    { name: 'fused clamp', inputs: [x, scalar(-0.5), scalar(0.75)], clamp: { lo: 0, hi: Infinity } },
    {
      name: 'special values',
      inputs: [{ dims: [5], values: [Number.NaN, Infinity, -Infinity, 7, 0] }, scalar(0), scalar(6)],
    },
  ],
});
