import * as F from '../../assembly/abi/argmax.ts';
import { OP_ARGMAX } from '../../assembly/abi.ts';
import { sizeOf, Tensor } from '../tensor.ts';
import type { Emitter, LowerCall } from './lower.ts';
import { type Call, floats, type Op, type OpCase } from './op.ts';

/** The operand as `[outer, axis, inner]`, and the dims of the result. */
function geometry(call: Call): { outer: number; length: number; inner: number; dims: number[] } {
  const { dims } = call.input(0);
  const axis = call.axis(call.int('axis', 0), dims.length);
  call.expect(dims[axis] > 0, () => `axis ${axis} is empty: nothing there is the largest`);
  const result = call.int('keepdims', 1) ? dims.with(axis, 1) : dims.toSpliced(axis, 1);
  return { outer: sizeOf(dims.slice(0, axis)), length: dims[axis], inner: sizeOf(dims.slice(axis + 1)), dims: result };
}

function reference(call: Call, x: Float32Array): BigInt64Array {
  const { outer, length, inner } = geometry(call);
  const ties = call.int('select_last_index', 0) !== 0;
  return BigInt64Array.from({ length: outer * inner }, (_, item) => {
    const start = Math.floor(item / inner) * length * inner + (item % inner);
    let best = 0;
    for (let k = 1; k < length; k++) {
      const [value, top] = [x[start + k * inner], x[start + best * inner]];
      if (value > top || (ties && value === top) || (Number.isNaN(top) && !Number.isNaN(value))) best = k;
    }
    return BigInt(best);
  });
}

function emitArgMax(e: Emitter, call: LowerCall): void {
  const { outer, length, inner } = geometry(call);
  if (outer * inner === 0) return;
  e.record(OP_ARGMAX, F.ARGMAX_SIZE)
    .at(F.ARGMAX_X, e.input(0))
    .at(F.ARGMAX_Y, e.output())
    .int(F.ARGMAX_OUTER, outer)
    .int(F.ARGMAX_AXIS, length)
    .int(F.ARGMAX_INNER, inner)
    .int(F.ARGMAX_LAST, call.int('select_last_index', 0) ? 1 : 0);
}

const make = (dims: readonly number[], axis: number, attrs: OpCase['attrs'] = {}): OpCase => ({
  name: `[${dims}] along ${axis}${Object.entries(attrs).map(([key, value]) => ` ${key}=${value}`)}`,
  attrs: { axis, ...attrs },
  inputs: [{ dims }],
});

const ties = { dims: [2, 5], values: [1, 3, 3, -1, 3, Number.NaN, -0, 0, Number.NaN, -2] };

/**
 * `y` = index of the largest element along `axis`, the first of equal ones unless `select_last_index` is set; a NaN is larger than nothing.
 * int64.
 */
export const argMax: Op = {
  name: 'ArgMax',
  onnx: {},
  infer(call) {
    call.expectType(0, 'float32');
    return [{ type: 'int64', dims: geometry(call).dims }];
  },
  reference: (call, [x]) => [new Tensor('int64', reference(call, floats(x)), geometry(call).dims)],
  lower(call) {
    return [
      {
        kernel: 'f32_argmax__dense',
        cost: 50 + 1.5 * sizeOf(call.input(0).dims),
        inputs: [{ kind: 'dense' }],
        output: 'dense',
        emit: (e) => emitArgMax(e, call),
      },
    ];
  },
  cases: [
    make([1], 0),
    make([33], 0),
    make([5, 10], -1),
    make([5, 10], 1, { keepdims: 0 }),
    make([2, 3, 4, 5], 1),
    make([2, 3, 4, 5], 2, { keepdims: 0 }),
    make([0, 3], 1),
    { name: 'ties and NaN', attrs: { axis: 1 }, inputs: [ties] },
    { name: 'ties and NaN from the end', attrs: { axis: 1, select_last_index: 1 }, inputs: [ties] },
  ],
};
