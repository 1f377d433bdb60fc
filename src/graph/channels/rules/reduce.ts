import { numbersOf } from '../../../tensor.ts';
import { range } from '../../linear.ts';
import type { NodeAxes, Relate } from '../coupling.ts';

/** Windows over the axes behind the first two. */
export const pool: Relate = (call) => {
  const [x, y] = [call.input(0), call.output()];
  if (!x || !y) return;
  x.dims.forEach((_, axis) => {
    if (axis < 2) call.link(y, axis, x, axis);
    else for (const operand of [x, y]) call.block(operand, axis, 'pools over them');
  });
};

/** Axes that keep their length keep their indices; the number that goes with each is an operand, so they keep all where that is a size. */
export const resize: Relate = (call) => {
  const [x, y] = [call.input(0), call.output()];
  if (!x || !y) return;
  x.dims.forEach((d, axis) => {
    const sized = call.node.inputs[3] !== undefined && call.node.inputs[3] !== '';
    if (d === y.dims[axis] && !sized) call.link(y, axis, x, axis);
    else for (const operand of [x, y]) call.block(operand, axis, 'resizes them');
  });
};

/** Axes of a node that loses some of its input's axes, or leaves them at length 1. */
function without(call: NodeAxes, axes: readonly number[], keep: boolean, what: string): void {
  const [x, y] = [call.input(0), call.output()];
  if (!x || !y) return;
  const gone = new Set(axes.map((axis) => (axis < 0 ? axis + x.dims.length : axis)));
  let to = 0;
  x.dims.forEach((_, axis) => {
    if (gone.has(axis)) {
      call.block(x, axis, what);
      if (keep) to++;
    } else call.link(y, to++, x, axis);
  });
}

const VERBS: Readonly<Record<string, string>> = {
  ReduceMean: 'averages over them',
  ReduceSum: 'adds them up',
  ReduceMax: 'takes the largest of them',
};

/** A mean, sum or maximum over some axes. A mean over channels (LayerNormalization) changes with their number, so they stay. */
export const reduce: Relate = (call) => {
  const x = call.input(0);
  if (!x) return;
  const { node } = call;
  const operand = call.known(1);
  const computed = node.inputs[1] && !operand;
  const listed = operand ? numbersOf(operand) : ((node.attrs.axes as readonly number[] | undefined) ?? []);
  const all = listed.length === 0 && !node.attrs.noop_with_empty_axes;
  if (computed) call.blockAll('has axes that are computed');
  else without(call, all ? range(x.dims.length) : listed, node.attrs.keepdims !== 0, VERBS[node.op]);
};

export const argMax: Relate = (call) => {
  const { axis = 0, keepdims } = call.node.attrs;
  without(call, [axis as number], keepdims !== 0, 'numbers them');
};
