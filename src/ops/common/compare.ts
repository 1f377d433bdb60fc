import * as K from '../../../assembly/abi/cast.ts';
import * as F from '../../../assembly/abi/compare.ts';
import { OP_COMPARE } from '../../../assembly/abi.ts';
import { arrayOf, bytesOf, type DType, sizeOf, Tensor, type TypedArray } from '../../tensor.ts';
import { type Candidate, type Emitter, type LowerCall, viewOf } from '../lower.ts';
import type { Call, CaseInput, Op, OpCase } from '../op.ts';
import { broadcastDims, broadcastSteps, walkBroadcast } from './broadcast.ts';
import { collapse, elementwiseCost, padLoops, splitInner } from './loops.ts';

/** What one comparison adds to the shared machinery. */
interface CompareSpec {
  name: string;
  /** One of `COMPARE_*`. */
  kind: number;
  types: readonly DType[];
  test(a: number | bigint, b: number | bigint): boolean;
}

/** Types of numbers that are compared. */
export const NUMBERS: readonly DType[] = ['float32', 'int32', 'int64'];

/** `TYPE_*` of the kernels that tell element types apart. */
export const KERNEL_TYPES: Partial<Record<DType, number>> = {
  float32: K.TYPE_F32,
  int32: K.TYPE_I32,
  int64: K.TYPE_I64,
  uint8: K.TYPE_U8,
  bool: K.TYPE_BOOL,
};

/** Two operands, of which any may be constant, compared into `y`; steps in elements of each. */
export function emitCompare(
  e: Emitter,
  call: LowerCall,
  kind: number,
  operands: readonly (number | TypedArray)[],
): void {
  const y = e.output();
  if (sizeOf(y.dims) === 0) return;
  const { type } = call.input(0);
  const record = e.record(OP_COMPARE, F.COMPARE_SIZE);
  const steps = operands.map((source, i) => {
    const field = i === 0 ? F.COMPARE_A : F.COMPARE_B;
    if (typeof source !== 'number') {
      record.constant(field, e.constant(source));
      return y.dims.map(() => 0);
    }
    const { constant, dims } = call.input(source);
    if (constant) {
      record.constant(field, e.constant(constant.data));
      return broadcastSteps(dims, y.dims);
    }
    const operand = e.input(source);
    const view = viewOf(operand.layout, operand.dims);
    record.at(field, operand, view.offset);
    return broadcastSteps(dims, y.dims, view.strides);
  });
  const out = broadcastSteps(y.dims, y.dims);
  const loops = y.dims.map((count, axis) => ({ count, steps: [steps[0][axis], steps[1][axis], out[axis]] }));
  const { outer, inner } = splitInner(loops, 3, (s) => s[2] === 1);
  const element = bytesOf(type);
  record
    .at(F.COMPARE_Y, y)
    .int(F.COMPARE_KIND, kind)
    .int(F.COMPARE_TYPE, KERNEL_TYPES[type]!)
    .int(F.COMPARE_COLS, inner.count)
    .int(F.COMPARE_A_STEP, inner.steps[0] * element)
    .int(F.COMPARE_B_STEP, inner.steps[1] * element);
  padLoops(outer, F.COMPARE_OUTER).forEach(({ count, steps: [a, b, to] }, i) => {
    record
      .int(F.COMPARE_N0 + i * 4, count)
      .int(F.COMPARE_A0 + i * 4, a * element)
      .int(F.COMPARE_B0 + i * 4, b * element)
      .int(F.COMPARE_Y0 + i * 4, to);
  });
}

function lower(call: LowerCall, spec: CompareSpec): Candidate[] {
  const { dims } = call.outputs[0];
  const steps = (own: readonly number[]) => broadcastSteps(own, dims);
  const [a, b, y] = [steps(call.input(0).dims), steps(call.input(1).dims), steps(dims)];
  const loops = collapse(dims.map((count, axis) => ({ count, steps: [a[axis], b[axis], y[axis]] })));
  if (loops.length > F.COMPARE_OUTER + 1)
    call.unsupported(`broadcasting changes at most ${F.COMPARE_OUTER} times along the dims`);
  return [
    {
      kernel: `${call.input(0).type}_${spec.name.toLowerCase()}__dense`,
      cost: elementwiseCost(sizeOf(dims), sizeOf(dims), 1.5),
      inputs: call.inputs.map((input) => (input?.constant ? { kind: 'none' } : { kind: 'dense' })),
      output: 'dense',
      emit: (e) => emitCompare(e, call, spec.kind, [0, 1]),
    },
  ];
}

function reference(call: Call, { test }: CompareSpec, a: Tensor, b: Tensor): Tensor {
  const dims = broadcastDims(call);
  const y = new (arrayOf('bool'))(sizeOf(dims));
  let i = 0;
  walkBroadcast(dims, [broadcastSteps(a.dims, dims), broadcastSteps(b.dims, dims)], ([ia, ib]) => {
    y[i++] = test(a.data[ia], b.data[ib]) ? 1 : 0;
  });
  return new Tensor('bool', y, dims);
}

function cases(types: readonly DType[]): OpCase[] {
  const shapes: [readonly number[], readonly number[]][] = [
    [[], []],
    [[0], [0]],
    [[1], [1]],
    [[33], [33]],
    [[3, 5], [5]],
    [
      [3, 1],
      [1, 5],
    ],
    [
      [2, 3, 4, 5],
      [3, 1, 1],
    ],
    [
      [2, 1, 3, 1, 2, 1],
      [1, 3, 1, 2, 1, 5],
    ],
  ];
  const small = (dims: readonly number[], type: DType, shift: number, constant: boolean): CaseInput => {
    const values = Array.from({ length: sizeOf(dims) }, (_, i) => (i * 7 + shift) % (type === 'bool' ? 2 : 4));
    return { dims, type, values, constant };
  };
  const special = [Number.NaN, -0, 0, Infinity, -Infinity, 1];
  return [
    ...types.flatMap((type) =>
      shapes.flatMap(([a, b]) =>
        [false, true].map(
          (constant): OpCase => ({
            name: `${type} [${a}] and ${constant ? 'constant ' : ''}[${b}]`,
            inputs: [small(a, type, 0, false), small(b, type, 2, constant)],
          }),
        ),
      ),
    ),
    ...(types.includes('float32')
      ? [
          {
            name: 'special values',
            inputs: [
              { dims: [6, 1], values: special },
              { dims: [6], values: special },
            ],
          },
        ]
      : []),
  ];
}

/** `y = a op b`, a bool, with numpy broadcasting; every comparison with NaN is false. */
export const compareOp = (spec: CompareSpec): Op => ({
  name: spec.name,
  onnx: {},
  infer(call) {
    call.expectType(0, ...spec.types);
    call.expectType(1, call.input(0).type);
    return [{ type: 'bool', dims: broadcastDims(call) }];
  },
  reference: (call, [a, b]) => [reference(call, spec, a!, b!)],
  lower: (call) => lower(call, spec),
  cases: cases(spec.types),
});
