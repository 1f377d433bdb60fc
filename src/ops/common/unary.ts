import * as abi from '../../../assembly/abi/unary.ts';
import { OP_UNARY } from '../../../assembly/abi.ts';
import { arrayOf, type DType, sizeOf, Tensor } from '../../tensor.ts';
import { anyPlanes, type Candidate, type Demand, type Emitter, type LowerCall, type Produced } from '../lower.ts';
import type { Call, Op, OpCase } from '../op.ts';
import { storeClamp } from './clamp.ts';
import { elementwiseCost, padLoops, splitInner } from './loops.ts';
import { elementwiseWalk, rowLength } from './walk.ts';

/** Parameters of the unary kernel: `y = min(max(f(x), lo), hi)` with `f` one of `UNARY_*`. */
interface UnaryKernel {
  kind: number;
  alpha?: number;
  beta?: number;
  lo?: number;
  hi?: number;
}

/** What one elementwise op of one operand adds to the shared machinery. */
interface UnarySpec {
  name: string;
  /** Element types that the reference takes; the kernel takes float32. */
  types?: readonly DType[];
  normalize?: Op['onnx']['normalize'];
  /** Checks beyond the type of operand 0. */
  check?(call: Call): void;
  /** The definition for one element: a bigint of int64 operands, otherwise a number. */
  element(call: Call, operands: readonly (Tensor | undefined)[]): (x: never) => number | bigint;
  kernel(call: Call): UnaryKernel;
  zeros?: Op['zeros'];
  /** Modelled ns of an element. */
  cost?: number;
  cases: readonly OpCase[];
}

const LAYOUTS: readonly [Produced, Demand][] = [
  ['dense', { kind: 'dense' }],
  ['columns', { kind: 'columns' }],
  ['planes', anyPlanes(true)],
];

function emitUnary(e: Emitter, call: LowerCall, kernel: UnaryKernel): void {
  const x = e.input(0);
  const y = e.output();
  if (sizeOf(y.dims) === 0) return;
  const { loops, offsets } = elementwiseWalk([x, y]);
  const { outer, inner } = splitInner(loops, 2, (steps) => steps.every((s) => s === 1));
  const [images, rows] = padLoops(outer, 2);
  const { lo, hi } = storeClamp(call.node, kernel.lo, kernel.hi);
  e.record(OP_UNARY, abi.UNARY_SIZE)
    .int(abi.UNARY_KIND, kernel.kind)
    .at(abi.UNARY_X, x, offsets[0])
    .at(abi.UNARY_Y, y, offsets[1])
    .int(abi.UNARY_IMAGES, images.count)
    .int(abi.UNARY_ROWS, rows.count)
    .int(abi.UNARY_COLS, inner.count)
    .int(abi.UNARY_X_IMAGE, images.steps[0] * 4)
    .int(abi.UNARY_Y_IMAGE, images.steps[1] * 4)
    .int(abi.UNARY_X_ROW, rows.steps[0] * 4)
    .int(abi.UNARY_Y_ROW, rows.steps[1] * 4)
    .float(abi.UNARY_ALPHA, kernel.alpha ?? 0)
    .float(abi.UNARY_BETA, kernel.beta ?? 0)
    .float(abi.UNARY_LO, lo)
    .float(abi.UNARY_HI, hi);
}

/** Candidates of `y[i] = f(x[i])` in the layouts dense, columns and planes; further operands are constants that `kernel` has read. */
export function lowerUnary(call: LowerCall, spec: Pick<UnarySpec, 'name' | 'kernel' | 'cost'>): Candidate[] {
  const { type, dims } = call.input(0);
  if (type !== 'float32') call.unsupported(`runs on float32, ${type} only folds at compile time`);
  const kernel = spec.kernel(call);
  const kinds = LAYOUTS.filter(([k]) =>
    k === 'columns' ? dims.length >= 2 : k === 'planes' ? dims.length === 4 : true,
  );
  return kinds.map(([output, demand]) => ({
    kernel: `f32_${spec.name.toLowerCase()}__${output}`,
    cost: elementwiseCost(sizeOf(dims), rowLength(output, dims), spec.cost ?? 0.1),
    inputs: call.inputs.map((_, i) => (i === 0 ? demand : { kind: 'none' })),
    output,
    inplace: [0],
    emit: (e) => emitUnary(e, call, kernel),
  }));
}

function referenceUnary(call: Call, spec: UnarySpec, operands: readonly (Tensor | undefined)[]): Tensor {
  const x = operands[0]!;
  const f = spec.element(call, operands) as (x: number | bigint) => number | bigint;
  const y = new (arrayOf(x.type))(x.size);
  for (let i = 0; i < x.size; i++) y[i] = f(x.data[i]);
  return new Tensor(x.type, y, x.dims);
}

/** Zeros stay zeros, and nothing else becomes one. */
export const keepsZeros = (_call: Call, [share]: readonly number[]): number => share;

/** Expected share of zeros behind a ReLU. */
export const RELU_ZEROS = 0.5;

/** An elementwise op `y[i] = f(x[i])` in the layouts dense, columns and planes. */
export function unaryOp(spec: UnarySpec): Op {
  return {
    name: spec.name,
    onnx: { normalize: spec.normalize },
    infer(call) {
      call.expectType(0, ...(spec.types ?? ['float32']));
      spec.check?.(call);
      const { type, dims } = call.input(0);
      return [{ type, dims }];
    },
    reference: (call, operands) => [referenceUnary(call, spec, operands)],
    zeros: spec.zeros,
    lower: (call) => lowerUnary(call, spec),
    cases: spec.cases,
  };
}

/** Element counts around the tiles of 4 and 16, then shapes of every rank. */
export function unaryCases(attrs?: OpCase['attrs']): OpCase[] {
  const sizes = [0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33];
  const shapes = [
    [],
    ...sizes.map((n) => [n]),
    [3, 5],
    [9, 17],
    [2, 3, 5],
    [1, 3, 1, 1],
    [2, 5, 4, 4],
    [2, 3, 5, 7],
    [1, 4, 9, 1],
  ];
  return shapes.map((dims) => ({ name: `[${dims}]`, attrs, inputs: [{ dims }] }));
}

/** One row of the given elements. */
export const valuesCase = (name: string, values: readonly number[], attrs?: OpCase['attrs']): OpCase => ({
  name,
  attrs,
  inputs: [{ dims: [values.length], values }],
});
