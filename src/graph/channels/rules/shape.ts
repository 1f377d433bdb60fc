import { numbersOf } from '../../../tensor.ts';
import type { Node } from '../../ir.ts';
import type { NodeAxes, Relate } from '../coupling.ts';

/** Ops that hand numbers of a shape on. */
const HANDS_ON: ReadonlySet<string> = new Set([
  'Identity',
  'Cast',
  'Unsqueeze',
  'Squeeze',
  'Concat',
  'Slice',
  'Reshape',
  'Gather',
]);

/**
 * The number of channels of an axis may become part of another shape, which follows by itself. What computes with it, like the scale of an
 * attention, would compute something else with fewer channels.
 */
export const shape: Relate = (call) => {
  const x = call.input(0);
  if (!x) return;
  const all = x.dims.map((_, axis) => axis);
  const { start, end } = call.node.attrs;
  const axes = start === undefined && end === undefined ? all : all.slice(start as number, end as number);
  walk(call, call.node.outputs[0], axes, (user, axis) => {
    call.block(x, axis, `gives their number to ${user.op} '${user.name}'`);
  });
};

/** Calls `used` with each node that computes with elements of `value`, which are the lengths of `axes`. */
function walk(call: NodeAxes, value: string, axes: readonly number[], used: (user: Node, axis: number) => void): void {
  for (const user of call.coupling.users(value)) {
    if ((user.op === 'Reshape' || user.op === 'Expand') && user.inputs[1] === value) continue;
    const picked = user.op === 'Gather' ? call.coupling.graph.values.get(user.inputs[1])?.constant : undefined;
    const next = picked ? numbersOf(picked).map((i) => axes.at(i)!) : axes;
    if (HANDS_ON.has(user.op)) walk(call, user.outputs[0], next, used);
    else for (const axis of next) used(user, axis);
  }
}
