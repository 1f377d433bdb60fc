import { type ChannelGroup, channelGroup, keepChannels } from '../graph/channels.ts';
import { Editor } from '../graph/edit.ts';
import type { Graph, Node } from '../graph/ir.ts';
import { isDepthwise, type Linear, linearOf, range, vector, weightedSums } from '../graph/linear.ts';
import type { Ops } from '../graph/verify.ts';
import { channelConstants, isZero, type Reasons, unlessPadded } from './channel_constants.ts';
import type { Pass } from './pass.ts';
import { rowBlock, wholeBlocks } from './row_blocks.ts';

/** Removing a channel can make a filter behind it zero, or leave one before it unread, so the walk is repeated. */
const SWEEPS = 8;

const LAST = 'one output has to stay';
const DEPTHWISE = 'a depthwise filter goes only together with its input';
const NOT_FINITE = 'what it gives cannot be folded';

/**
 * Removes channels that carry no information. An output of Conv, Gemm or MatMul whose weights are all zero is the constant
 * `act(bias)`: what its readers make of it goes into their bias, exactly, and the channel goes from producer and readers. An output
 * whose readers all have zero weights for it goes too. Weights that are sparse in blocks of outputs lose whole blocks only. One output
 * always stays. Zero filters that have to stay are reported with the
 * reason: a padded border that would read 0 instead of the constant, a branch that cannot be followed, a graph output.
 */
export const zeroFilters: Pass = {
  name: 'zero-filters',
  run(graph, { ops }) {
    const notes: string[] = [];
    const removed = new Map<Node, { zero: number; unread: number }>();
    for (let sweep = 0, changed = true; changed && sweep < SWEEPS; sweep++) {
      changed = false;
      const edit = new Editor(graph);
      for (const node of graph.nodes) {
        const counts = prune(node, edit, ops);
        if (!counts) continue;
        const sum = removed.get(node) ?? { zero: 0, unread: 0 };
        removed.set(node, { zero: sum.zero + counts.zero, unread: sum.unread + counts.unread });
        changed = true;
      }
    }
    for (const [node, { zero, unread }] of removed) {
      notes.push(
        `${node.op} '${node.name}': ${zero + unread} outputs removed (${zero} zero filters, ${unread} never read)`,
      );
    }
    return [...notes, ...kept(graph, ops)];
  },
};

/** The channels of a group that can go, and what they are at its sinks. */
interface Removal {
  group: ChannelGroup;
  channels: number[];
  constants: ReadonlyMap<string, Float32Array>;
  reasons: Reasons;
}

function plan(node: Node, edit: Editor, ops: Ops): Removal | undefined {
  const group = channelGroup(node, edit);
  if (!group || (!group.blocked && group.sinks.length === 0)) return undefined;
  const all = range(group.producer.outs);
  if (group.blocked) return { group, channels: [], constants: new Map(), reasons: all.map(() => group.blocked) };
  const reasons: Reasons = all.map(() => undefined);
  const constants = channelConstants(group, edit, ops, reasons);
  const blocks = group.sinks.map((sink) => unknownAt(sink, group, constants, reasons));
  const removable = all.filter((c) => !blocks.some((unknown) => unknown[c]));
  const size = rowBlock(group.producer);
  let channels = wholeBlocks(removable, size, all.length);
  for (const c of removable) if (size > 1) reasons[c] = `its block of ${size} outputs is in use`;
  if (channels.length === all.length) {
    for (const c of channels.slice(0, size)) reasons[c] = LAST;
    channels = channels.slice(size);
  }
  return { group, channels, constants, reasons };
}

/** For each channel, whether a sink needs it: weights that are not all zero, and no constant to fold. */
function unknownAt(
  sink: Linear,
  group: ChannelGroup,
  constants: ReadonlyMap<string, Float32Array>,
  reasons: Reasons,
): boolean[] {
  const input = sink.node.inputs[0];
  const { spread } = group.carriers.get(input)!;
  const unread = range(group.producer.outs).map((c) => isZero(sink, 'in', c, spread));
  const values = constants.get(input)!;
  const known = sink.padded ? unlessPadded(sink.node, values, reasons, (c) => unread[c]) : values;
  return unread.map((zero, c) => !zero && !Number.isFinite(known[c]));
}

function prune(node: Node, edit: Editor, ops: Ops): { zero: number; unread: number } | undefined {
  const removal = plan(node, edit, ops);
  if (!removal || removal.channels.length === 0) return undefined;
  const { group, channels, constants } = removal;
  const zero = channels.filter((c) => isZero(group.producer, 'out', c)).length;
  const gone = new Set(channels);
  for (const sink of group.sinks) addToBias(edit, sink, group, gone, constants.get(sink.node.inputs[0])!);
  keepChannels(
    edit,
    group,
    range(group.producer.outs).filter((c) => !gone.has(c)),
  );
  return { zero, unread: channels.length - zero };
}

/** `b += W x` over the channels that go, x being what they are. */
function addToBias(
  edit: Editor,
  sink: Linear,
  group: ChannelGroup,
  gone: ReadonlySet<number>,
  values: Float32Array,
): void {
  const { node } = sink;
  const { spread } = group.carriers.get(node.inputs[0])!;
  const x = Float64Array.from({ length: values.length * spread }, (_, i) => {
    const c = Math.floor(i / spread);
    return gone.has(c) && Number.isFinite(values[c]) ? values[c] : 0;
  });
  const sums = weightedSums(sink, x);
  if (sums.every((sum) => sum === 0)) return;
  const bias = vector(sums.map((sum, o) => sum + (sink.bias?.[o] ?? 0)));
  edit.setOperand(node, 2, bias, `${node.name}/bias`);
}

/** A note for each node with zero filters that stay, by reason. */
function kept(graph: Graph, ops: Ops): string[] {
  const edit = new Editor(graph);
  return graph.nodes.flatMap((node) => {
    const linear = linearOf(node, edit);
    const zero = linear ? range(linear.outs).filter((o) => isZero(linear, 'out', o)) : [];
    if (!linear || zero.length === 0) return [];
    const reasons = plan(node, edit, ops)?.reasons;
    const counts = new Map<string, number>();
    for (const o of zero) {
      const reason = linear.outs === 1 ? LAST : isDepthwise(linear) ? DEPTHWISE : (reasons?.[o] ?? NOT_FINITE);
      counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
    return [...counts].map(([reason, n]) => `${node.op} '${node.name}': ${n} zero filters kept: ${reason}`);
  });
}
