import { numbersOf, Tensor } from '../../../tensor.ts';
import type { Editor } from '../../edit.ts';
import type { Operand } from '../axes.ts';
import type { Kept, NodeAxes, Relate } from '../coupling.ts';
import { type Literal, shapeElement } from '../shape_elements.ts';

/** Axes of two shapes that hold the same elements: as few as possible on each side, none of length 1. */
function segments(from: readonly number[], to: readonly number[]): { from: number[]; to: number[] }[] {
  const list: { from: number[]; to: number[] }[] = [];
  let [i, j] = [0, 0];
  for (;;) {
    while (from[i] === 1) i++;
    while (to[j] === 1) j++;
    if (i >= from.length || j >= to.length) return list;
    const segment = { from: [i], to: [j] };
    let [a, b] = [from[i++], to[j++]];
    while (a !== b && (a < b ? i < from.length : j < to.length)) {
      if (a < b) {
        if (from[i] !== 1) segment.from.push(i);
        a *= from[i++];
      } else {
        if (to[j] !== 1) segment.to.push(j);
        b *= to[j++];
      }
    }
    list.push(segment);
  }
}

/** Coordinate along `axis` of element j of the `axes` of `operand`. */
function coordinate(operand: Operand, axes: readonly number[], axis: number): (j: number) => number {
  const inner = axes.slice(axes.indexOf(axis) + 1).reduce((product, i) => product * operand.dims[i], 1);
  const length = operand.dims[axis];
  return (j) => Math.floor(j / inner) % length;
}

/**
 * One axis that several become, or the other way round. The channels lie along one of the several: the one that carries some, or if
 * they come from the single axis the first one (heads before the channels in them, channels before pixels), unless another choice is made.
 */
function merge(call: NodeAxes, single: [Operand, number], several: Operand, axes: readonly number[]): void {
  const decide = (operand: Operand, axis: number, choice: number): void => {
    const carrier = operand === several ? axis : axes[choice];
    call.link(several, carrier, single[0], single[1], coordinate(several, axes, carrier));
    for (const other of axes) if (other !== carrier) call.block(several, other, 'mixes channels with other axes');
  };
  call.site(axes.length, decide, single, ...axes.map((axis): [Operand, number] => [several, axis]));
}

const relate: Relate = (call) => {
  const [x, y] = [call.input(0), call.output()];
  if (!x || !y || x.dims.includes(0)) return;
  for (const { from, to } of segments(x.dims, y.dims)) {
    if (from.length === 1 && to.length === 1) call.link(y, to[0], x, from[0]);
    else if (from.length === 1) merge(call, [x, from[0]], y, to);
    else if (to.length === 1) merge(call, [y, to[0]], x, from);
    else {
      for (const axis of from) call.block(x, axis, 'mixes channels with other axes');
      for (const axis of to) call.block(y, axis, 'mixes channels with other axes');
    }
  }
};

/** Flatten, Squeeze and Unsqueeze: dims follow from the input. */
export const flatten: Relate = relate;

/** Reshape: elements of the shape that name a number of channels become the new number; 0 and -1 stay where they still say it. */
export const reshape: Relate = (call) => {
  relate(call);
  withShape(call);
};

/** Expand: axes that it stretches carry no channels. */
export const expand: Relate = (call) => {
  const [x, y] = [call.input(0), call.output()];
  if (!x || !y) return;
  const shift = y.dims.length - x.dims.length;
  y.dims.forEach((d, axis) => {
    const from = axis - shift;
    if (from >= 0 && x.dims[from] === d) call.link(y, axis, x, from);
    else call.block(y, axis, 'repeats one number along them');
  });
  withShape(call);
};

function withShape(call: NodeAxes): void {
  const [x, y] = [call.input(0), call.output()];
  const shape = call.node.inputs[1];
  if (!x || !y || !shape) return;
  const elements = y.dims.map((_, axis) => shapeElement(call.coupling, shape, axis - y.dims.length, call.node, 1));
  elements.forEach((element, axis) => {
    if (element.kind === 'unknown') call.block(y, axis, 'has a shape that is computed');
    if (element.kind === 'literal' && element.times && !factorOf(call, element))
      call.block(y, axis, 'has a shape that is computed');
    if (element.kind !== 'dim') return;
    const from = call.value(element.value);
    const at = from && (element.axis < 0 ? element.axis + from.dims.length : element.axis);
    if (from && at !== undefined && from.dims[at] === y.dims[axis]) call.link(y, axis, from, at);
    else call.block(y, axis, 'has a shape that is computed');
  });
  call.fix((edit, kept) => {
    const dims = kept.dims(y);
    const before = kept.dims(x);
    const changes = new Map<number, number>();
    elements.forEach((element, axis) => {
      if (element.kind !== 'literal' || element.number === -1) return;
      const copies = element.number === 0 && !element.times && call.node.op === 'Reshape' && !call.node.attrs.allowzero;
      const wanted = copies && before[axis] === dims[axis] ? 0 : dims[axis] / (factorOf(call, element, kept) ?? 1);
      const isTouched = dims[axis] !== y.dims[axis] || (copies && before[axis] !== dims[axis]);
      if (isTouched && wanted !== element.number) changes.set(axis, wanted);
    });
    rewrite(edit, elements as Literal[], changes);
  });
}

/** The length that the number of an element is multiplied by. */
function factorOf(call: NodeAxes, { times }: Literal, kept?: Kept): number | undefined {
  const value = times && call.value(times.value);
  return value && (kept ? kept.dims(value) : value.dims).at(times.axis);
}

/** Writes numbers into the constants that hold elements of a shape. */
function rewrite(edit: Editor, elements: readonly Literal[], changes: ReadonlyMap<number, number>): void {
  const byUse = new Map<string, { element: Literal; list: [number, number][] }>();
  for (const [axis, wanted] of changes) {
    const element = elements[axis];
    const key = `${element.position} ${element.reader.outputs[0]}`;
    const entry = byUse.get(key) ?? { element, list: [] };
    entry.list.push([element.index, wanted]);
    byUse.set(key, entry);
  }
  for (const { element, list } of byUse.values()) {
    const constant = edit.constant(element.reader.inputs[element.position])!;
    const now = numbersOf(constant);
    for (const [index, wanted] of list) now[index] = wanted;
    edit.setOperand(element.reader, element.position, new Tensor(constant.type, now, constant.dims), '');
  }
}
