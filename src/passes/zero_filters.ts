import type { Axis } from '../graph/channels/axes.ts';
import type { Producer } from '../graph/channels/coupling.ts';
import { type ChannelGroup, type Channels, channelsOf } from '../graph/channels/groups.ts';
import { keptOf, removeFrom } from '../graph/channels/remove.ts';
import { Editor } from '../graph/edit.ts';
import type { Graph, Node } from '../graph/ir.ts';
import { isDepthwise, type Linear, linearOf, range, vector, weightedSums } from '../graph/linear.ts';
import type { Ops } from '../graph/verify.ts';
import { channelNumbers, isZero, type Numbers, note, type Reasons, unlessPadded } from './channel_constants.ts';
import type { Pass } from './pass.ts';
import { rowBlock, wholeBlocks } from './row_blocks.ts';

/** Removing a channel can make a filter behind it zero, or leave one before it unread, so the search is repeated. */
const SWEEPS = 32;

const LAST = 'one output has to stay';
const DEPTHWISE = 'a depthwise filter goes only together with its input';
const NOT_FINITE = 'what it gives cannot be folded';
const OTHERS = 'outputs that go only together with it are in use';

/**
 * Removes channels that carry no information. An output of Conv, Gemm or MatMul whose weights are all zero is the constant
 * `act(bias)`: what its readers make of it goes into their bias, exactly, and the channel goes from producer and readers. An output
 * whose readers all have zero weights for it goes too. Channels that meet in a residual addition or another join go if they are constant in
 * all branches. Weights that are sparse in blocks of outputs lose whole blocks only. One output always stays. Zero filters that have to stay
 * are reported with the reason: a padded border that would read 0 instead of the constant, a branch that is not zero, a graph output.
 */
export const zeroFilters: Pass = {
  name: 'zero-filters',
  run(graph, { ops }) {
    const removed = new Map<Node, { zero: number; unread: number }>();
    let last: Plan | undefined;
    for (let sweep = 0; sweep < SWEEPS && hasCandidates(graph); sweep++) {
      const edit = new Editor(graph);
      last = plan(edit, ops);
      const counts = prune(last, edit);
      if (counts.size === 0) break;
      last = undefined;
      for (const [node, { zero, unread }] of counts) {
        const sum = removed.get(node) ?? { zero: 0, unread: 0 };
        removed.set(node, { zero: sum.zero + zero, unread: sum.unread + unread });
      }
    }
    const notes = [...removed].map(
      ([{ op, name }, { zero, unread }]) =>
        `${op} '${name}': ${zero + unread} outputs removed (${zero} zero filters, ${unread} never read)`,
    );
    return [...notes, ...kept(graph, (edit) => last ?? plan(edit, ops))];
  },
};

/** Whether any filter is zero or any input unread. */
function hasCandidates(graph: Graph): boolean {
  const index = new Editor(graph);
  return graph.nodes.some((node) => {
    const linear = linearOf(node, index);
    if (!linear) return false;
    return (['out', 'in'] as const).some((side) =>
      range(side === 'out' ? linear.outs : linear.ins).some((c) => isZero(linear, side, c)),
    );
  });
}

/** A linear node that sums over channels of `inner`, an axis of its weights, which it reads along `input`. */
interface Sink {
  linear: Linear;
  inner: Axis;
  input: Axis;
}

/** What can go, and what it is where it is read. */
interface Plan {
  channels: Channels;
  removed: Set<number>;
  sinks: Sink[];
  numbers: Numbers;
  reasons: Reasons;
}

function plan(edit: Editor, ops: Ops): Plan {
  const channels = channelsOf(edit.graph);
  const { coupling, groups } = channels;
  const reasons: Reasons = new Map();
  const numbers = channelNumbers(coupling, edit, ops, reasons);
  const needed = new Set<number>();
  const read = new Set<number>();
  const sinks: Sink[] = [];
  const take = (axis: Axis, into: Set<number>): void => {
    for (let i = 0; i < axis.size; i++) into.add(coupling.slots.channel(axis.first + i));
  };
  for (const {
    node,
    inner: [operand, axes],
  } of coupling.products) {
    for (const axis of axes) {
      const inner = coupling.slots.find(operand.key, axis);
      if (!inner || !coupling.active.has(inner)) continue;
      take(inner, read);
      const linear = linearOf(node, edit);
      const input = linear && coupling.activeAxis(node.inputs[0], linear.axis);
      if (!input) take(inner, needed);
      else {
        sinks.push({ linear, inner, input });
        addNeeded({ linear, inner, input }, channels, numbers, reasons, needed);
      }
    }
  }
  const removed = new Set<number>();
  for (const group of groups) {
    const can = group.channels.filter((channel) => read.has(channel) && !needed.has(channel));
    if (group.blocked === undefined) for (const channel of removable(group, can, edit, reasons)) removed.add(channel);
    else for (const channel of group.channels) reasons.set(channel, group.blocked);
  }
  return { channels, removed, sinks, numbers, reasons };
}

/** Adds the channels that a sink needs: their weights are not all zero, and there is no constant to fold. */
function addNeeded(
  { linear, inner, input }: Sink,
  { coupling, places }: Channels,
  numbers: Numbers,
  reasons: Reasons,
  needed: Set<number>,
): void {
  const { node, groups } = linear;
  const { slots } = coupling;
  const unread = range(linear.ins).map((i) => isZero(linear, 'in', i));
  const column = (c: number): boolean => unread[c % linear.ins];
  const values = numbers.get(input);
  const known = values && (linear.padded ? unlessPadded(node, input, values, coupling, reasons, column) : values);
  for (const channel of new Set(range(inner.size).map((i) => slots.channel(inner.first + i)))) {
    const indices = places(input).get(channel) ?? [];
    const isKnown = (c: number): boolean => column(c) || Number.isFinite(known?.[c]);
    if (indices.every(isKnown)) continue;
    needed.add(channel);
    if (groups > 1 && indices.some(isKnown)) note(reasons, channel, `${node.op} '${node.name}' has ${groups} groups`);
  }
}

/** Of the channels of a group that can go those that do: whole blocks of outputs, and not all. */
function removable(group: ChannelGroup, can: readonly number[], edit: Editor, reasons: Reasons): number[] {
  let chosen = new Set(can);
  let most = 1;
  for (const producer of group.producers) {
    const linear = linearOf(producer.node, edit);
    const size = linear ? rowBlock(linear) : 1;
    if (!linear || size === 1) continue;
    most = Math.max(most, size);
    const rows = group.channels.flatMap((channel, k) => (chosen.has(channel) ? producer.rows[k] : []));
    const whole = new Set(
      wholeBlocks(
        rows.sort((a, b) => a - b),
        size,
        linear.outs,
      ),
    );
    for (const channel of can) note(reasons, channel, `its block of ${size} outputs is in use`);
    chosen = new Set(
      group.channels.filter((channel, k) => chosen.has(channel) && producer.rows[k].every((r) => whole.has(r))),
    );
  }
  const list = group.channels.filter((channel) => chosen.has(channel));
  if (list.length < group.channels.length) return list;
  for (const channel of list.slice(0, most)) reasons.set(channel, LAST);
  return list.slice(most);
}

/** Folds what the removed channels are into the biases behind them, and removes them. Counts by producer. */
function prune({ channels, removed, sinks, numbers }: Plan, edit: Editor): Map<Node, { zero: number; unread: number }> {
  const counts = new Map<Node, { zero: number; unread: number }>();
  if (removed.size === 0) return counts;
  for (const producer of channels.coupling.producers) {
    const rows = producer.depthwise ? [] : rowsOf(producer, channels).filter(({ channel }) => removed.has(channel));
    const linear = linearOf(producer.node, edit);
    if (rows.length === 0 || !linear) continue;
    const zero = rows.filter(({ row }) => isZero(linear, 'out', row)).length;
    counts.set(producer.node, { zero, unread: rows.length - zero });
  }
  for (const sink of sinks) addToBias(edit, sink, channels, removed, numbers);
  removeFrom(edit, channels, removed);
  return counts;
}

/** The outputs of a linear node with their channels. */
function rowsOf({ weight, axis }: Producer, { coupling }: Channels): { row: number; channel: number }[] {
  const found = coupling.slots.find(weight.key, axis);
  return found ? range(found.size).map((row) => ({ row, channel: coupling.slots.channel(found.first + row) })) : [];
}

/** `b += W x` over the channels that go, x being what they are. */
function addToBias(
  edit: Editor,
  { linear, input }: Sink,
  channels: Channels,
  removed: ReadonlySet<number>,
  numbers: Numbers,
): void {
  const { coupling } = channels;
  const { node, bias } = linear;
  const values = numbers.get(input);
  if (!values) return;
  const x = values.map((v, c) => (removed.has(coupling.slots.channel(input.first + c)) && Number.isFinite(v) ? v : 0));
  const sums = weightedSums(linear, x);
  if (sums.every((sum) => sum === 0)) return;
  const producer = coupling.producers.find((p) => p.node === node);
  // A new bias is no operand that removal knows of: it has the outputs that stay.
  const rows =
    bias || !producer ? range(linear.outs) : keptOf(channels, removed).indices(producer.weight, producer.axis);
  edit.setOperand(node, 2, vector(rows.map((o) => sums[o] + (bias?.[o] ?? 0))), `${node.name}/bias`);
}

/** A note for each node with zero filters that stay, by reason. */
function kept(graph: Graph, planOf: (edit: Editor) => Plan): string[] {
  const edit = new Editor(graph);
  const hasZero = (linear: Linear): number[] => range(linear.outs).filter((o) => isZero(linear, 'out', o));
  const stay = graph.nodes.flatMap((node) => {
    const linear = linearOf(node, edit);
    const zero = linear ? hasZero(linear) : [];
    return linear && zero.length > 0 ? [{ node, linear, zero }] : [];
  });
  if (stay.length === 0) return [];
  const { channels, reasons } = planOf(edit);
  const inUse = new Map<number, boolean>();
  const rows = new Map<Node, number[]>();
  for (const producer of channels.coupling.producers) {
    const linear = linearOf(producer.node, edit);
    const own = rowsOf(producer, channels);
    rows.set(
      producer.node,
      own.map(({ channel }) => channel),
    );
    for (const { row, channel } of own) if (linear && !isZero(linear, 'out', row)) inUse.set(channel, true);
  }
  return stay.flatMap(({ node, linear, zero }) => {
    const counts = new Map<string, number>();
    for (const o of zero) {
      const channel = rows.get(node)?.[o] ?? -1;
      const other = reasons.get(channel) ?? (inUse.get(channel) ? OTHERS : NOT_FINITE);
      const reason = linear.outs === 1 ? LAST : isDepthwise(linear) ? DEPTHWISE : other;
      counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
    return [...counts].map(([reason, n]) => `${node.op} '${node.name}': ${n} zero filters kept: ${reason}`);
  });
}
