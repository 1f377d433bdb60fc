import * as F from '../../assembly/abi/where.ts';
import { OP_WHERE } from '../../assembly/abi.ts';
import { arrayOf, bytesOf, sizeOf, Tensor } from '../tensor.ts';
import { broadcastShapes, broadcastSteps, walkBroadcast } from './common/broadcast.ts';
import { collapse, elementwiseCost, padLoops, splitInner } from './common/loops.ts';
import type { Candidate, Emitter, LowerCall } from './lower.ts';
import type { Call, CaseInput, Op, OpCase } from './op.ts';

const dimsOf = (call: Call): number[] => broadcastShapes(call, [0, 1, 2]);

/** Bytes of an element that the kernel copies. */
const SIZES: readonly number[] = [1, 4, 8];

const FIELDS = [F.WHERE_C, F.WHERE_A, F.WHERE_B];
const OUTER = [F.WHERE_C0, F.WHERE_A0, F.WHERE_B0, F.WHERE_Y0];

/** The walk over the result: steps of condition, a, b and y. */
const loopsOf = (call: Call, dims: readonly number[]) =>
  dims.map((count, axis) => ({
    count,
    steps: [...[0, 1, 2].map((i) => call.input(i).dims), dims].map((own) => broadcastSteps(own, dims)[axis]),
  }));

function emit(e: Emitter, call: LowerCall): void {
  const y = e.output();
  if (sizeOf(y.dims) === 0) return;
  const element = bytesOf(y.type);
  const sizes = [1, element, element, element];
  const record = e.record(OP_WHERE, F.WHERE_SIZE).int(F.WHERE_ELEMENT, element).at(F.WHERE_Y, y);
  FIELDS.forEach((field, i) => {
    const { constant } = call.input(i);
    if (constant) record.constant(field, e.constant(constant.data));
    else record.at(field, e.input(i));
  });
  const { outer, inner } = splitInner(
    loopsOf(call, y.dims),
    4,
    (steps) => steps[3] === 1 && steps.every((s) => s <= 1),
  );
  record.int(F.WHERE_COLS, inner.count);
  [F.WHERE_C_STEP, F.WHERE_A_STEP, F.WHERE_B_STEP].forEach((field, i) => {
    record.int(field, inner.steps[i] * sizes[i]);
  });
  padLoops(outer, F.WHERE_OUTER).forEach(({ count, steps }, loop) => {
    record.int(F.WHERE_N0 + loop * 4, count);
    OUTER.forEach((field, i) => {
      record.int(field + loop * 4, (steps[i] ?? 0) * sizes[i]);
    });
  });
}

function lower(call: LowerCall): Candidate[] {
  const { type, dims } = call.outputs[0];
  if (!SIZES.includes(bytesOf(type))) call.unsupported(`elements of ${type} only fold at compile time`);
  const loops = collapse(loopsOf(call, dims));
  if (loops.length > F.WHERE_OUTER)
    call.unsupported(
      `broadcasting changes at most ${F.WHERE_OUTER - 1} times along the dims, found ${loops.length - 1}`,
    );
  return [
    {
      kernel: `${type}_where__dense`,
      cost: elementwiseCost(sizeOf(dims), loops.at(-1)?.count ?? 1, bytesOf(type) === 4 ? 0.4 : 1.5),
      inputs: call.inputs.map((input) => ({ kind: input?.constant ? 'none' : 'dense' })),
      output: 'dense',
      emit: (e) => emit(e, call),
    },
  ];
}

const SHAPES: readonly (readonly (readonly number[])[])[] = [
  [[], [], []],
  [[0], [0], [0]],
  ...[1, 3, 4, 5, 7, 8, 9, 33].map((n) => [[n], [n], [n]]),
  [[5], [], []],
  [[1], [9], [9]],
  [[9], [9], []],
  [[3, 5], [5], [3, 1]],
  [[2, 1, 1, 7], [], [2, 3, 7, 7]],
  [[7, 7], [2, 3, 7, 7], [1]],
  [[2, 3, 4, 5], [3, 1, 1], [2, 1, 4, 1]],
]; // biome-ignore format: a case a line

const small = (dims: readonly number[], type: CaseInput['type'], constant: boolean): CaseInput => ({
  dims,
  type,
  constant,
});

function cases(): OpCase[] {
  return SHAPES.flatMap(([c, a, b]) =>
    (['float32', 'int64', 'bool'] as const).flatMap((type) =>
      [false, true].map(
        (constant): OpCase => ({
          name: `${type} [${c}] ? [${a}] : ${constant ? 'constant ' : ''}[${b}]`,
          inputs: [small(c, 'bool', false), small(a, type, false), small(b, type, constant)],
        }),
      ),
    ),
  );
}

const SPECIAL = [Number.NaN, Infinity, -Infinity, -0, 1e-45];

/** `y = condition ? a : b` with numpy broadcasting of all three. Any element type; those of 1, 4 and 8 bytes run, the others fold. */
export const where: Op = {
  name: 'Where',
  onnx: {},
  infer(call: Call) {
    call.expectType(0, 'bool');
    const { type } = call.input(1);
    call.expect(
      call.input(2).type === type,
      () => `inputs 1 and 2 have one type, found ${type} and ${call.input(2).type}`,
    );
    return [{ type, dims: dimsOf(call) }];
  },
  reference(call, [condition, a, b]) {
    const dims = dimsOf(call);
    const y = new (arrayOf(a!.type))(sizeOf(dims));
    let i = 0;
    const steps = [condition, a, b].map((operand) => broadcastSteps(operand!.dims, dims));
    walkBroadcast(dims, steps, ([c, ia, ib]) => {
      y[i++] = condition!.data[c] ? a!.data[ia] : b!.data[ib];
    });
    return [new Tensor(a!.type, y, dims)];
  },
  lower,
  cases: [
    ...cases(),
    {
      name: 'special values on either side',
      inputs: [
        { dims: [2, 1], type: 'bool', values: [1, 0] },
        { dims: [5], values: SPECIAL },
        { dims: [5], values: SPECIAL.toReversed() },
      ],
    },
  ],
};
