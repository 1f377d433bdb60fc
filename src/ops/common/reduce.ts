import * as abi from '../../../assembly/abi/reduce.ts';
import { OP_REDUCE, OP_REDUCE_MAX } from '../../../assembly/abi.ts';
import { sizeOf, stridesOf } from '../../tensor.ts';
import { anyPlanes, type Candidate, type Demand, type Emitter, type LowerCall, viewOf } from '../lower.ts';
import { storeClamp } from './clamp.ts';
import { collapse, type Loop, padLoops } from './loops.ts';

/** Dims of the result: reduced ones become 1, or disappear. */
export const reducedDims = (dims: readonly number[], reduced: ReadonlySet<number>, keepdims: boolean): number[] =>
  dims.map((d, axis) => (reduced.has(axis) ? 1 : d)).filter((_, axis) => keepdims || !reduced.has(axis));

/** Steps in the row-major result for each dim of the operand: 0 where it is reduced. */
function resultSteps(dims: readonly number[], reduced: ReadonlySet<number>): number[] {
  return stridesOf(reducedDims(dims, reduced, true)).map((step, axis) => (reduced.has(axis) ? 0 : step));
}

/** What is made of the reduced elements. */
export type Reduction = 'mean' | 'sum' | 'max';

/** `y = mean, sum or maximum of x over the reduced axes`, summed in double precision; the mean of nothing is NaN, its maximum -infinity. */
export function referenceReduce(
  kind: Reduction,
  x: Float32Array,
  dims: readonly number[],
  reduced: ReadonlySet<number>,
): Float32Array {
  const steps = resultSteps(dims, reduced);
  const strides = stridesOf(dims);
  const results = new Float64Array(sizeOf(reducedDims(dims, reduced, true)));
  if (kind === 'max') results.fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < x.length; i++) {
    let to = 0;
    for (let axis = 0; axis < dims.length; axis++) to += (Math.floor(i / strides[axis]) % dims[axis]) * steps[axis];
    results[to] = kind === 'max' ? Math.max(results[to], x[i]) : results[to] + x[i];
  }
  const count = kind === 'mean' ? sizeOf([...reduced].map((axis) => dims[axis])) : 1;
  return Float32Array.from(results, (result) => result / count);
}

interface ReduceLoops {
  kept: Loop[];
  reduced: Loop[];
  inner: Loop;
  keep: boolean;
}

/** Splits the dims into kept loops, reduced loops and a contiguous inner loop of either kind; steps are those of x and y. */
function reduceLoops(dims: readonly number[], strides: readonly number[], reduced: ReadonlySet<number>): ReduceLoops {
  const steps = resultSteps(dims, reduced);
  const one: Loop = { count: 1, steps: [1, 1] };
  const kept: Loop[] = [];
  const gone: Loop[] = [];
  if ([...reduced].some((axis) => dims[axis] === 0)) {
    const loops = dims.map((count, axis) => ({ count: reduced.has(axis) ? 1 : count, steps: [0, steps[axis]] }));
    return { kept: collapse(loops), reduced: [{ count: 0, steps: [0, 0] }], inner: one, keep: false };
  }
  // A reduced loop has step 0 in y and a kept one has not, so that only loops of one kind merge.
  const loops = collapse(dims.map((count, axis) => ({ count, steps: [strides[axis], steps[axis]] })));
  const isKept = (loop: Loop) => loop.steps[1] !== 0;
  const inner = loops.at(-1)?.steps[0] === 1 ? loops.pop()! : one;
  for (const loop of loops) (isKept(loop) ? kept : gone).push(loop);
  return { kept, reduced: gone, inner, keep: inner !== one && isKept(inner) };
}

function emitReduce(e: Emitter, call: LowerCall, kind: Reduction, reduced: ReadonlySet<number>): void {
  const x = e.input(0);
  const y = e.output();
  if (sizeOf(y.dims) === 0) return;
  const { offset, strides } = viewOf(x.layout, x.dims);
  const loops = reduceLoops(x.dims, strides, reduced);
  const { lo, hi } = storeClamp(call.node);
  const record = e
    .record(kind === 'max' ? OP_REDUCE_MAX : OP_REDUCE, abi.REDUCE_SIZE)
    .at(abi.REDUCE_X, x, offset)
    .at(abi.REDUCE_Y, y)
    .float(abi.REDUCE_DIVISOR, kind === 'mean' ? sizeOf([...reduced].map((axis) => x.dims[axis])) : 1)
    .float(abi.REDUCE_LO, lo)
    .float(abi.REDUCE_HI, hi)
    .int(abi.REDUCE_KEEP, loops.keep ? 1 : 0)
    .int(abi.REDUCE_COLS, loops.inner.count);
  padLoops(loops.kept, abi.REDUCE_OUTER).forEach(({ count, steps }, i) => {
    record
      .int(abi.REDUCE_K0 + i * 4, count)
      .int(abi.REDUCE_KX0 + i * 4, steps[0] * 4)
      .int(abi.REDUCE_KY0 + i * 4, steps[1] * 4);
  });
  padLoops(loops.reduced, abi.REDUCE_OUTER).forEach(({ count, steps }, i) => {
    record.int(abi.REDUCE_R0 + i * 4, count).int(abi.REDUCE_RX0 + i * 4, steps[0] * 4);
  });
}

/** Candidates of `y = clamp(mean, sum or maximum of x over the reduced axes)`: x dense, or in planes; y dense. */
export function lowerReduce(call: LowerCall, kind: Reduction, reduced: ReadonlySet<number>): Candidate[] {
  const { dims } = call.input(0);
  const { kept, reduced: gone } = reduceLoops(dims, stridesOf(dims), reduced);
  if (Math.max(kept.length, gone.length) > abi.REDUCE_OUTER)
    call.unsupported(
      `at most ${abi.REDUCE_OUTER} groups of neighbouring axes, found ${gone.length} and ${kept.length} between`,
    );
  const layouts: [string, Demand][] = [['dense', { kind: 'dense' }]];
  if (dims.length === 4) layouts.push(['planes', anyPlanes(false)]);
  return layouts.map(([layout, demand]) => ({
    kernel: `f32_${kind}__${layout}`,
    cost: 50 + 0.15 * sizeOf(dims) + 5 * sizeOf(call.outputs[0].dims),
    inputs: call.inputs.map((_, i) => (i === 0 ? demand : { kind: 'none' })),
    output: 'dense',
    emit: (e) => emitReduce(e, call, kind, reduced),
  }));
}
