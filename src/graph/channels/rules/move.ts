import { numbersOf } from '../../../tensor.ts';
import { range, vector } from '../../linear.ts';
import type { Operand } from '../axes.ts';
import type { NodeAxes, Relate } from '../coupling.ts';

const axisOf = (call: NodeAxes, x: Operand, fallback: number): number => {
  const axis = (call.node.attrs.axis as number | undefined) ?? fallback;
  return axis < 0 ? axis + x.dims.length : axis;
};

/** Links all axes of `x` but `except` to those of `y`, which has the same rank. */
function linkOthers(call: NodeAxes, x: Operand, y: Operand, except: number): void {
  x.dims.forEach((_, axis) => {
    if (axis !== except) call.link(y, axis, x, axis);
  });
}

export const transpose: Relate = (call) => {
  const [x, y] = [call.input(0), call.output()];
  if (!x || !y) return;
  const perm = (call.node.attrs.perm as readonly number[] | undefined) ?? range(x.dims.length).reverse();
  perm.forEach((from, to) => {
    call.link(y, to, x, from);
  });
};

/** The operands stand one behind the other along `axis`. */
export const concat: Relate = (call) => {
  const y = call.output();
  if (!y) return;
  const axis = axisOf(call, y, 0);
  let start = 0;
  call.node.inputs.forEach((_, i) => {
    const x = call.input(i);
    if (!x) return;
    linkOthers(call, x, y, axis);
    const offset = start;
    if (x.dims[axis] > 0) linkParts(call, x, y, axis, offset);
    start += x.dims[axis];
  });
};

/** Index i of `part` is index `start + i` of `whole`. */
function linkParts(call: NodeAxes, part: Operand, whole: Operand, axis: number, start: number): void {
  if (part.dims[axis] === 1 && whole.dims[axis] > 1) call.block(whole, axis, 'takes or adds a single one of them');
  else call.link(whole, axis, part, axis, (i) => start + i);
}

/** The outputs are parts of the input along `axis`; their lengths become an operand when they change. */
export const split: Relate = (call) => {
  const x = call.input(0);
  if (!x) return;
  const { node } = call;
  const axis = axisOf(call, x, 0);
  const given = call.known(1);
  const count = (node.attrs.num_outputs as number | undefined) ?? node.outputs.length;
  const each = Math.ceil(x.dims[axis] / count);
  const lengths = given
    ? numbersOf(given)
    : range(count).map((k) => Math.max(0, Math.min(each, x.dims[axis] - k * each)));
  if (node.inputs[1] && !call.constant(1)) call.block(x, axis, 'has lengths that are computed');
  const starts = lengths.map((_, k) => lengths.slice(0, k).reduce((sum, l) => sum + l, 0));
  node.outputs.forEach((_, k) => {
    const y = call.output(k);
    if (!y) return;
    linkOthers(call, x, y, axis);
    linkParts(call, y, x, axis, starts[k]);
  });
  call.fix((edit, kept) => {
    const indices = kept.indices(x, axis);
    if (indices.length === x.dims[axis]) return;
    const now = lengths.map((l, k) => indices.filter((i) => i >= starts[k] && i < starts[k] + l).length);
    const { num_outputs: _, ...attrs } = node.attrs;
    edit.setNode(node, { attrs });
    edit.setOperand(node, 1, vector(now, 'int64'), `${node.name}/split`);
  });
};

/** Ranges of step 1 keep what stays of them; other steps and computed bounds keep all. */
export const slice: Relate = (call) => {
  const [x, y] = [call.input(0), call.output()];
  const [starts, ends] = [call.known(1), call.known(2)];
  if (!x || !y) return;
  if (!starts || !ends || [3, 4].some((i) => call.node.inputs[i] && !call.known(i))) {
    call.blockAll('has bounds that are computed');
    return;
  }
  const first = numbersOf(starts);
  const axes = call.known(3) ? numbersOf(call.known(3)!) : range(first.length);
  const steps = call.known(4) ? numbersOf(call.known(4)!) : first.map(() => 1);
  const bounds = new Map<number, { at: number; start: number; end: number }>();
  axes.forEach((given, at) => {
    const axis = given < 0 ? given + x.dims.length : given;
    const d = x.dims[axis];
    const start = Math.min(Math.max(first[at] < 0 ? first[at] + d : first[at], 0), d);
    bounds.set(axis, { at, start, end: start + y.dims[axis] });
    if (steps[at] === 1) return;
    for (const operand of [x, y]) call.block(operand, axis, `takes them in steps of ${steps[at]}`);
  });
  const constant = call.constant(1) && call.constant(2);
  x.dims.forEach((_, axis) => {
    const bound = bounds.get(axis);
    if (!bound) call.link(y, axis, x, axis);
    else if (steps[bound.at] === 1) linkParts(call, y, x, axis, bound.start);
    if (bound && !constant && x.dims[axis] !== y.dims[axis]) call.block(x, axis, 'has bounds that are computed');
  });
  if (!constant) return;
  call.fix((edit, kept) => {
    const bound = [numbersOf(starts), numbersOf(ends)];
    let changed = false;
    for (const [axis, { at, start, end }] of bounds) {
      const indices = kept.indices(x, axis);
      if (indices.length === x.dims[axis]) continue;
      changed = true;
      bound[0][at] = indices.filter((i) => i < start).length;
      bound[1][at] = indices.filter((i) => i < end).length;
    }
    if (!changed) return;
    edit.setOperand(call.node, 1, vector(bound[0], 'int64'), '');
    edit.setOperand(call.node, 2, vector(bound[1], 'int64'), '');
  });
};

/** Rows of a table keep their other axes; a constant list of indices along `axis` is renumbered. */
export const gather: Relate = (call) => {
  const [x, indices, y] = [call.input(0), call.input(1), call.output()];
  if (!x || !indices || !y) return;
  const axis = axisOf(call, x, 0);
  const rank = indices.dims.length;
  x.dims.forEach((_, i) => {
    if (i !== axis) call.link(y, i < axis ? i : i + rank - 1, x, i);
  });
  indices.dims.forEach((_, i) => {
    if (rank > 1 || !call.constant(1)) call.link(y, axis + i, indices, i);
  });
  const list = rank === 1 ? call.constant(1) : undefined;
  if (!list) {
    call.block(x, axis, 'picks single ones of them');
    return;
  }
  const picked = numbersOf(list).map((i) => (i < 0 ? i + x.dims[axis] : i));
  if (picked.length === 1) call.block(x, axis, 'picks a single one of them');
  else call.link(x, axis, y, axis, (j) => picked[j]);
  call.fix((edit, kept) => {
    const from = kept.indices(x, axis);
    if (from.length === x.dims[axis]) return;
    const places = new Map(from.map((i, at) => [i, at]));
    const now = kept.indices(y, axis).map((j) => places.get(picked[j])!);
    edit.setOperand(call.node, 1, vector(now, 'int64'), '');
  });
};

/** Axes that are not padded. */
export const pad: Relate = (call) => {
  const [x, y] = [call.input(0), call.output()];
  if (!x || !y) return;
  x.dims.forEach((d, axis) => {
    if (d === y.dims[axis] && !call.node.inputs[3]) call.link(y, axis, x, axis);
    else for (const operand of [x, y]) call.block(operand, axis, 'pads along them');
  });
};
