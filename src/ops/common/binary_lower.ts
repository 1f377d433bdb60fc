import * as abi from '../../../assembly/abi/binary.ts';
import { OP_BINARY } from '../../../assembly/abi.ts';
import { rowsAndFeatures } from '../../graph/layout.ts';
import { sameDims, sizeOf } from '../../tensor.ts';
import {
  anyPlanes,
  type Candidate,
  type Demand,
  type Emitter,
  flatSpan,
  type LowerCall,
  type Operand,
  type Produced,
  type RecordWriter,
  viewOf,
} from '../lower.ts';
import { broadcastSteps } from './broadcast.ts';
import { storeClamp } from './clamp.ts';
import { collapse, elementwiseCost, type Loop, padLoops, splitInner } from './loops.ts';
import { rowLength } from './walk.ts';

/** An operand of the kernel: where its first element is, and its step in elements for each dim of the result. */
interface Source {
  steps: readonly number[];
  bind(record: RecordWriter, field: number): void;
}

/** Where two operands advance or stand still and y is contiguous: what the inner loop of the kernel can do. */
const innerSteps = ([a, b, y]: readonly number[]): boolean => y === 1 && (a === 0 || a === 1) && (b === 0 || b === 1);

function sourceOf(e: Emitter, call: LowerCall, index: number, dims: readonly number[]): Source {
  const { constant, dims: own } = call.input(index);
  if (constant) {
    const ref = e.constant(constant.data);
    return { steps: broadcastSteps(own, dims), bind: (record, field) => record.constant(field, ref) };
  }
  return operandSource(e.input(index), dims);
}

function operandSource(operand: Operand, dims: readonly number[]): Source {
  const { offset, strides } = viewOf(operand.layout, operand.dims);
  return {
    steps: broadcastSteps(operand.dims, dims, strides),
    bind: (record, field) => record.at(field, operand, offset),
  };
}

/** Loops over the result in the order in which its layout stores them. */
function loopsOf(y: Operand, sources: readonly Source[]): Loop[] {
  const steps = (axis: number) => sources.map((s) => s.steps[axis] ?? 0);
  const { layout, dims } = y;
  if (layout.kind === 'dense') return dims.map((count, axis) => ({ count, steps: steps(axis) }));
  if (layout.kind === 'columns') {
    const [rows, features] = rowsAndFeatures(dims);
    const last = dims.length - 1;
    // Operands of the full dims have their rows contiguous; the others stand still along them.
    const along = sources.map((s) => (s.steps.some((step, axis) => axis < last && step !== 0) ? 1 : 0));
    return [
      { count: features, steps: steps(last) },
      { count: rows, steps: along },
    ];
  }
  const [n, c, h, w] = dims;
  const plane = sources.map((s) => (s.steps[2] !== 0 || s.steps[3] !== 0 ? 1 : 0));
  return [
    { count: n, steps: steps(0) },
    { count: c, steps: steps(1) },
    { count: flatSpan(layout, h, w), steps: plane },
  ];
}

function emitBinary(e: Emitter, call: LowerCall, kind: number, op: number): void {
  const y = e.output();
  if (sizeOf(y.dims) === 0) return;
  const sources = [sourceOf(e, call, 0, y.dims), sourceOf(e, call, 1, y.dims), operandSource(y, y.dims)];
  const { outer, inner } = splitInner(loopsOf(y, sources), 3, innerSteps);
  const { lo, hi } = storeClamp(call.node);
  const record = e.record(op, abi.BINARY_SIZE);
  [abi.BINARY_A, abi.BINARY_B, abi.BINARY_Y].forEach((field, i) => {
    sources[i].bind(record, field);
  });
  record
    .int(abi.BINARY_KIND, kind)
    .float(abi.BINARY_LO, lo)
    .float(abi.BINARY_HI, hi)
    .int(abi.BINARY_COLS, inner.count)
    .int(abi.BINARY_A_STEP, inner.steps[0] * 4)
    .int(abi.BINARY_B_STEP, inner.steps[1] * 4);
  padLoops(outer, abi.BINARY_OUTER).forEach(({ count, steps }, i) => {
    record
      .int(abi.BINARY_N0 + i * 4, count)
      .int(abi.BINARY_A0 + i * 4, steps[0] * 4)
      .int(abi.BINARY_B0 + i * 4, steps[1] * 4)
      .int(abi.BINARY_Y0 + i * 4, steps[2] * 4);
  });
}

/** What each operand has to be for the result to be in `layout`, or null if the kernel cannot produce it there. */
function demandsOf(call: LowerCall, layout: Produced): Demand[] | null {
  const { dims } = call.outputs[0];
  const full: Demand = layout === 'planes' ? anyPlanes(true) : { kind: layout };
  const small = (own: readonly number[]) =>
    layout === 'dense' ||
    own.slice(layout === 'planes' ? -2 : 0, layout === 'planes' ? undefined : -1).every((d) => d === 1);
  const demands = [0, 1].map((index): Demand | null => {
    const { constant, dims: own } = call.input(index);
    if (constant) return small(own) ? { kind: 'none' } : null;
    if (sameDims(own, dims)) return full;
    return small(own) ? { kind: 'dense' } : null;
  });
  const covered = layout === 'dense' || demands.some((d) => d?.kind === layout);
  return covered && demands.every((d) => d !== null) ? demands : null;
}

/**
 * Candidates of `y = clamp(a op b)`.
 *
 * dense: any broadcast. planes (rank 4): operands of the full dims in planes, the others without height and width. columns (rank >= 2):
 * operands of the full dims in columns, the others one element a feature, or one in all.
 * @param op an op code whose records are those of `OP_BINARY`
 */
export function lowerBinary(call: LowerCall, name: string, kind: number, op = OP_BINARY): Candidate[] {
  const { type, dims } = call.outputs[0];
  if (type !== 'float32') call.unsupported(`runs on float32, ${type} only folds at compile time`);
  const dense = dims.map((count, axis) => ({
    count,
    steps: [...[0, 1].map((i) => broadcastSteps(call.input(i).dims, dims)[axis]), broadcastSteps(dims, dims)[axis]],
  }));
  const loops = collapse(dense);
  if (loops.length > abi.BINARY_OUTER + 1)
    call.unsupported(
      `broadcasting changes at most ${abi.BINARY_OUTER} times along the dims, found ${loops.length - 1}`,
    );
  const size = sizeOf(dims);
  const row = loops.at(-1)?.count ?? 1;
  const layouts: Produced[] = ['dense'];
  if (dims.length === 4) layouts.push('planes');
  if (dims.length >= 2) layouts.push('columns');
  return layouts.flatMap((output): Candidate[] => {
    const inputs = demandsOf(call, output);
    if (!inputs) return [];
    const length = output === 'dense' ? row : rowLength(output, dims);
    return [
      {
        kernel: `f32_${name.toLowerCase()}__${output}`,
        cost: elementwiseCost(size, length, 0.12),
        inputs,
        output,
        inplace: [0, 1].filter((i) => inputs[i].kind === output && sameDims(call.input(i).dims, dims)),
        emit: (e) => emitBinary(e, call, kind, op),
      },
    ];
  });
}
