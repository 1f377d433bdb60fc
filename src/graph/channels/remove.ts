import { arrayOf, sizeOf, stridesOf, Tensor } from '../../tensor.ts';
import type { Editor } from '../edit.ts';
import { range } from '../linear.ts';
import type { Operand } from './axes.ts';
import type { Kept } from './coupling.ts';
import type { Channels } from './groups.ts';

/** Ascending indices as ranges of neighbours, their ends excluded. */
function rangesOf(indices: readonly number[]): [number, number][] {
  const ranges: [number, number][] = [];
  for (const i of indices) {
    const last = ranges.at(-1);
    if (last?.[1] === i) last[1]++;
    else ranges.push([i, i + 1]);
  }
  return ranges;
}

/** Elements of `tensor` at the `kept` indices of each axis. */
export function sliceTensor(tensor: Tensor, kept: readonly (readonly number[])[]): Tensor {
  const dims = kept.map((list) => list.length);
  const strides = stridesOf(tensor.dims);
  const data = new (arrayOf(tensor.type))(sizeOf(dims));
  const last = dims.findLastIndex((d, axis) => d !== tensor.dims[axis]);
  if (last < 0) return tensor;
  const ranges = rangesOf(kept[last]).map((ends) => ends.map((i) => i * strides[last]));
  let to = 0;
  const copy = (axis: number, from: number): void => {
    if (axis < last) {
      for (const i of kept[axis]) copy(axis + 1, from + i * strides[axis]);
      return;
    }
    for (const [start, end] of ranges) {
      data.set(tensor.data.subarray(from + start, from + end) as never, to);
      to += end - start;
    }
  };
  copy(0, 0);
  return new Tensor(tensor.type, data, dims);
}

/** What stays of the axes when `removed` channels go. */
export function keptOf({ coupling: { slots } }: Channels, removed: ReadonlySet<number>): Kept {
  const indices = (operand: Operand, axis: number): number[] => {
    const found = slots.find(operand.key, axis);
    const all = range(operand.dims[axis]);
    return found ? all.filter((i) => !removed.has(slots.channel(found.first + i))) : all;
  };
  return { indices, dims: (operand) => operand.dims.map((_, axis) => indices(operand, axis).length) };
}

/**
 * Removes channels from a graph: their indices from every constant, and what names their number from attributes and shapes. Dims that
 * values declare follow; those of others have to be inferred again where they are needed.
 */
export function removeFrom(edit: Editor, channels: Channels, removed: ReadonlySet<number>): void {
  const kept = keptOf(channels, removed);
  const touched = new Map<string, Operand>();
  for (const group of channels.groups)
    if (group.channels.some((channel) => removed.has(channel)))
      for (const { operand } of group.axes) touched.set(operand.key, operand);
  for (const operand of touched.values()) {
    const { use, value } = operand;
    if (use) {
      const constant = edit.constant(use.node.inputs[use.position])!;
      const lists = operand.dims.map((_, axis) => kept.indices(operand, axis));
      edit.setOperand(use.node, use.position, sliceTensor(constant, lists), '');
    } else if (value !== '') {
      const dims = edit.graph.values.get(value)?.dims;
      const now = kept.dims(operand);
      if (dims) edit.setValue(value, { dims: dims.map((d, i) => (now[i] === operand.dims[i] ? d : now[i])) });
    }
  }
  for (const fix of channels.coupling.fixes.values()) fix(edit, kept);
}
