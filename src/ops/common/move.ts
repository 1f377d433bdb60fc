import { DENSE } from '../../graph/layout.ts';
import { bytesOf, sizeOf, Tensor, tensorBytes } from '../../tensor.ts';
import {
  anyPlanes,
  type Candidate,
  type Demand,
  type Emitter,
  type LowerCall,
  type Operand,
  type View,
  viewOf,
} from '../lower.ts';
import { emitFill } from './convert.ts';
import { COPY_RECORD_LIMIT, copyRecords, emitCopy } from './copy.ts';

/** One strided copy of an op that only moves elements: `output[to(i)] = input[from(i)]` for every index `i` of `dims`. */
export interface Move {
  input: number;
  output?: number;
  dims: readonly number[];
  /** The elements read, as a view of `dims`, from the view of the whole input; without it they are the same. */
  from?(view: View): View;
  /** The elements written, likewise. */
  to?(view: View): View;
}

interface Movement {
  moves: readonly Move[];
  /** The one element that stands where no move writes. */
  background?: Tensor;
  /** Whether the moves of a rank 4 value keep its axes, so that it may stay in planes. */
  planes?: boolean;
}

/** The part of a view that starts at index `start` and steps by `step`. */
export const part =
  (start: readonly number[], step: readonly number[] = start.map(() => 1)) =>
  (view: View): View => ({
    offset: start.reduce((sum, at, axis) => sum + at * view.strides[axis], view.offset),
    strides: view.strides.map((stride, axis) => stride * step[axis]),
  });

/** Fills all of `dst` with the one element of `value`. */
function emitBackground(e: Emitter, dst: Operand, value: Tensor): void {
  const element = bytesOf(value.type);
  const bytes = new Uint8Array(8);
  bytes.set(tensorBytes(value));
  for (let i = element; i < 8; i++) bytes[i] = bytes[i - element];
  const [low, high] = new Int32Array(bytes.buffer);
  if (low === high) emitFill(e, dst, low);
  else emitCopy(e, dst.dims, value, { offset: 0, strides: dst.dims.map(() => 0) }, dst, viewOf(dst.layout, dst.dims));
}

function emitMovement(e: Emitter, call: LowerCall, movement: Movement): void {
  if (movement.background !== undefined && e.output().size > 0) emitBackground(e, e.output(), movement.background);
  for (const move of movement.moves) {
    const index = move.output ?? 0;
    if (!call.node.outputs[index]) continue;
    const src = call.input(move.input).constant ?? e.input(move.input);
    const dst = e.output(index);
    const from = viewOf(src instanceof Tensor ? DENSE : src.layout, src.dims);
    const to = viewOf(dst.layout, dst.dims);
    emitCopy(e, move.dims, src, move.from?.(from) ?? from, dst, move.to?.(to) ?? to);
  }
}

/** Modelled time of the moves between dense values. */
function cost(call: LowerCall, { moves, background }: Movement): number {
  let ns = background === undefined ? 0 : 50 + 0.05 * sizeOf(call.outputs[0].dims);
  for (const { input, dims, from } of moves) {
    const view = viewOf(DENSE, call.input(input).dims);
    const { strides } = from?.(view) ?? view;
    const last = dims.findLastIndex((d) => d !== 1);
    const contiguous = last < 0 || strides[last] === 1;
    ns += 50 * copyRecords(dims) + (contiguous ? 0.1 : 0.4) * sizeOf(dims);
    if (contiguous) ns += (3 * sizeOf(dims)) / Math.max(1, dims[last] ?? 1);
  }
  return ns;
}

/**
 * Candidates of an op that moves elements: any layout without phases to dense and, for rank 4 float32 values that keep their axes,
 * planes to planes.
 */
export function lowerMovement(call: LowerCall, movement: Movement): Candidate[] {
  const records = movement.moves.reduce((sum, { dims }) => sum + copyRecords(dims), 0);
  if (records > COPY_RECORD_LIMIT)
    call.unsupported(`needs ${records} copies, at most ${COPY_RECORD_LIMIT} are planned`);
  const { type } = call.outputs[0];
  const kernel = `x${8 * bytesOf(type)}_copy`;
  const read = new Set(movement.moves.map(({ input }) => input));
  const inputs = (demand: Demand): Demand[] =>
    call.inputs.map((input, i) => (read.has(i) && !input?.constant ? demand : { kind: 'none' }));
  const shared = { cost: cost(call, movement), emit: (e: Emitter) => emitMovement(e, call, movement) };
  const candidates: Candidate[] = [
    { ...shared, kernel: `${kernel}__dense`, inputs: inputs({ kind: 'any' }), output: 'dense' },
  ];
  if (movement.planes && type === 'float32' && call.outputs[0].dims.length === 4)
    candidates.push({ ...shared, kernel: `${kernel}__planes`, inputs: inputs(anyPlanes(false)), output: 'planes' });
  return candidates;
}
