import { ensure } from '../errors.ts';
import { callOf } from '../graph/call.ts';
import type { Axis, Operand } from '../graph/channels/axes.ts';
import { idOf, type Product } from '../graph/channels/coupling.ts';
import { type ChannelGroup, type Channels, channelsOf } from '../graph/channels/groups.ts';
import { keptOf, removeFrom } from '../graph/channels/remove.ts';
import { cloneGraph, Editor } from '../graph/edit.ts';
import { evaluateNode } from '../graph/evaluate.ts';
import type { Graph } from '../graph/ir.ts';
import { verify } from '../graph/verify.ts';
import { OPS } from '../ops/index.ts';
import { type Dim, sameDims, showDims, sizeOf } from '../tensor.ts';
import { type Shapes, shadowOf } from './layers.ts';
import type { Criterion, ScoreContext } from './types.ts';

/** A linear node whose outputs belong to a group. */
export interface Producer {
  /** Name of the node. */
  node: string;
  /** For each channel of the group, its rows in W. */
  rows: readonly (readonly number[])[];
}

/** A value or an initializer that becomes shorter along `axis` when channels of a group go. */
export interface Member {
  /** Name of the value or initializer. */
  value: string;
  axis: number;
  /** The node that reads it, if it is an initializer. */
  node?: string;
  /** For each channel of the group, its indices along the axis. */
  indices: readonly (readonly number[])[];
}

/** Channels that can be removed one by one, each from all layers that it crosses. */
export interface Group {
  /** Name of the first producer, with a serial where that has several groups. */
  id: string;
  /** Number of channels. */
  channels: number;
  kind: 'filters' | 'neurons' | 'heads';
  producers: readonly Producer[];
  members: readonly Member[];
  /** Why no channel can be removed. */
  blocked?: string;
  /** Elements of initializers that go with each channel, if it goes alone. */
  parameters: readonly number[];
  /** Multiplications of Conv, Gemm and MatMul that go with each channel in one run at the bound shapes, if it goes alone. */
  multiplications: readonly number[];
}

/** What a group was found in. */
interface Found {
  channels: Channels;
  group: ChannelGroup;
  graph: Graph;
  /** The shadow, completed. */
  whole: Graph;
  shapes: Shapes;
}

const found = new WeakMap<Group, Found>();

/**
 * The groups of channels of a graph: sets of outputs of Conv, Gemm and MatMul that are removed together with all that depends on them.
 * Removal takes a channel's contribution away from everything that reads it, as zeros in its place would; a channel whose removal would
 * change something else is in a group that is `blocked`. Every output of every producer is in exactly one group.
 *
 * @param shadow the graph with bound dims and computed constants (`shadowOf`)
 */
export function channelGroups(graph: Graph, shadow: Graph): Group[] {
  const whole = withFolded(graph, shadow);
  const channels = channelsOf(graph, whole);
  blockShared(graph, channels);
  const shapes = Object.fromEntries(
    shadow.inputs.map((name) => [name, [...shadow.values.get(name)!.dims!] as number[]]),
  );
  const products = productsOf(channels);
  const serials = new Map<string, number>();
  return channels.groups
    .filter(({ producers }) => producers.length > 0)
    .map((group) => {
      const { name } = group.producers[0].node;
      const serial = (serials.get(name) ?? 0) + 1;
      serials.set(name, serial);
      const result = describe(serial > 1 ? `${name}#${serial}` : name, group, channels, products);
      found.set(result, { channels, group, graph, whole, shapes });
      return result;
    });
}

/** The shadow with the dims of values that it has folded away: those between the constants of a graph. */
export function withFolded(graph: Graph, shadow: Graph): Graph {
  const whole: Graph = { ...shadow, values: new Map(shadow.values) };
  for (const [name, value] of graph.values)
    if (value.constant && !whole.values.has(name)) whole.values.set(name, value);
  for (const node of graph.nodes) {
    const missing = node.outputs.some((name) => name !== '' && !whole.values.get(name)?.dims);
    const known = node.inputs.every((name) => name === '' || whole.values.get(name)?.dims);
    const call = missing && known ? callOf(whole, node) : undefined;
    const op = OPS.get(node.op);
    if (!call || !op) continue;
    const hooked = op.fold?.(call);
    const constant = call.inputs.every((input) => !input || input.constant);
    if (!hooked && !constant) continue;
    const results =
      hooked ??
      evaluateNode(
        op,
        node,
        call.inputs.map((input) => input?.constant),
      );
    results.forEach((tensor, i) => {
      const name = node.outputs[i];
      if (name) whole.values.set(name, { name, type: tensor.type, dims: tensor.dims, constant: tensor });
    });
  }
  return whole;
}

/** Weights that several nodes read would have to be stored once more. */
function blockShared(graph: Graph, { coupling, groups }: Channels): void {
  const readers = new Map<string, number>();
  for (const { inputs } of graph.nodes)
    for (const name of new Set(inputs)) readers.set(name, (readers.get(name) ?? 0) + 1);
  for (const group of groups) {
    const shared = coupling.producers.find(
      ({ weight }) =>
        (readers.get(weight.value) ?? 0) > 1 && group.axes.some(({ operand }) => operand.key === weight.key),
    );
    if (shared) group.blocked ??= `the weights of ${shared.node.op} '${shared.node.name}' are used by other nodes too`;
  }
}

function describe(
  id: string,
  group: ChannelGroup,
  channels: Channels,
  products: ReadonlyMap<string, readonly Product[]>,
): Group {
  const { coupling, places } = channels;
  const indicesAt = (axis: Axis) => group.channels.map((channel) => places(axis).get(channel)!);
  const heads = group.axes.some(({ operand, axis }) => coupling.batched.has(idOf(operand, axis)));
  const kind = heads ? 'heads' : group.producers.some(({ node }) => node.op === 'Conv') ? 'filters' : 'neurons';
  const members = group.axes
    .filter(({ operand }) => operand.value !== '')
    .map((axis): Member => {
      const { value, use } = axis.operand;
      const member = { value, axis: axis.axis, indices: indicesAt(axis) };
      return use ? { ...member, node: use.node.name } : member;
    });
  const costs = group.channels.map((channel) => costOf(channels, group, channel, products));
  return {
    id,
    channels: group.channels.length,
    kind,
    producers: group.producers.map(({ node, rows }) => ({ node: node.name, rows })),
    members,
    ...(group.blocked !== undefined && { blocked: group.blocked }),
    parameters: costs.map(({ parameters }) => parameters),
    multiplications: costs.map(({ multiplications }) => multiplications),
  };
}

/** What goes with one channel; `products` by the operands that they depend on. */
function costOf(
  { coupling, places }: Channels,
  { axes }: ChannelGroup,
  channel: number,
  products: ReadonlyMap<string, readonly Product[]>,
): { parameters: number; multiplications: number } {
  const dims = ({ key, dims }: Operand): number[] =>
    dims.map((d, i) => {
      const axis = coupling.slots.find(key, i);
      return d - ((axis && coupling.active.has(axis) && places(axis).get(channel)?.length) || 0);
    });
  const operands = new Map(axes.map(({ operand }) => [operand.key, operand]));
  const touched = new Set([...operands.keys()].flatMap((key) => products.get(key) ?? []));
  let parameters = 0;
  for (const operand of operands.values()) if (operand.use) parameters += sizeOf(operand.dims) - sizeOf(dims(operand));
  let multiplications = 0;
  for (const { output, inner } of touched) {
    const [operand, summed] = inner;
    const count = (y: readonly number[], w: readonly number[]) => sizeOf(y) * sizeOf(summed.map((axis) => w[axis]));
    multiplications += count(output.dims, operand.dims) - count(dims(output), dims(operand));
  }
  return { parameters, multiplications };
}

/** The products of a graph by their outputs and the operands that they sum over. */
function productsOf({ coupling }: Channels): Map<string, Product[]> {
  const products = new Map<string, Product[]>();
  for (const product of coupling.products) {
    for (const { key } of [product.output, product.inner[0]]) {
      const list = products.get(key);
      if (list) list.push(product);
      else products.set(key, [product]);
    }
  }
  return products;
}

/** Channels to remove from one group. */
export interface Removal {
  group: Group;
  channels: readonly number[];
}

/**
 * The graph without some channels (0 to `group.channels - 1`) of a group; the graph itself stays. Names, attributes and symbolic dims stay but
 * for what says the number of channels.
 *
 * @throws ZeroskipError `INVALID_ARGUMENT` if the group is blocked or of another graph, for a channel that it does not have, and if
 *   no channel would stay
 */
export const removeChannels = (graph: Graph, group: Group, channels: readonly number[]): Graph =>
  removeAllChannels(graph, [{ group, channels }]);

/** {@link removeChannels} for several groups of one {@link channelGroups} at once. */
export function removeAllChannels(graph: Graph, removals: readonly Removal[]): Graph {
  const removed = new Set<number>();
  let source: Found | undefined;
  for (const { group, channels } of removals) {
    const own = found.get(group);
    const fail = (ok: unknown, message: string): void =>
      ensure(ok, 'INVALID_ARGUMENT', () => `prune: group '${group.id}': ${message}`);
    fail(own?.graph === graph && (source ?? own).channels === own.channels, 'it was not found in this graph');
    fail(group.blocked === undefined, `no channel can be removed: ${group.blocked}`);
    for (const c of channels)
      fail(
        Number.isInteger(c) && c >= 0 && c < group.channels,
        `its channels are 0 to ${group.channels - 1}, found ${c}`,
      );
    fail(new Set(channels).size < group.channels, 'one channel has to stay');
    source = own!;
    for (const c of channels) removed.add(own!.group.channels[c]);
  }
  if (!source || removed.size === 0) return graph;
  const copy = cloneGraph(graph);
  const edit = new Editor(copy);
  removeFrom(edit, channelsOf(copy, source.whole), removed);
  edit.commit();
  check(copy, source, removed);
  return copy;
}

/** Infers the edited graph again and compares with what removal should have left. */
function check(copy: Graph, { channels, whole, shapes }: Found, removed: ReadonlySet<number>): void {
  verify(copy, OPS, { pass: 'prune' });
  const after = shadowOf(copy, shapes);
  const kept = keptOf(channels, removed);
  const expected = new Map<string, readonly Dim[]>();
  for (const { operand } of channels.coupling.slots.axes)
    if (!operand.use && operand.value !== '') expected.set(operand.value, kept.dims(operand));
  for (const [name, { dims }] of after.values) {
    const wanted = expected.get(name) ?? (copy.values.get(name)?.constant ? dims : whole.values.get(name)?.dims);
    ensure(
      !wanted || !dims || sameDims(dims, wanted),
      'INTERNAL',
      () => `prune: '${name}' is ${showDims(dims!)} without the channels, expected ${showDims(wanted!)}`,
    );
  }
}

/**
 * How important each channel of a group is: the mean of a criterion's scores over the rows of all its producers. A criterion without scores of
 * whole outputs counts with the sum of those of their weights.
 *
 * @param contextOf what the criterion may look at, by name of a producer; undefined leaves that one out
 * @throws ZeroskipError `INVALID_ARGUMENT` if there is a context for no producer, or the criterion scores nothing
 */
export function scoreGroup(
  group: Group,
  criterion: Criterion,
  contextOf: (node: string) => ScoreContext | undefined,
): Float64Array {
  const sums = new Float64Array(group.channels);
  const counts = new Float64Array(group.channels);
  for (const { node, rows } of group.producers) {
    const context = contextOf(node);
    if (!context) continue;
    const scores = rowScores(criterion, context);
    rows.forEach((list, channel) => {
      for (const row of list) sums[channel] += scores[row];
      counts[channel] += list.length;
    });
  }
  ensure(
    counts.every((count) => count > 0),
    'INVALID_ARGUMENT',
    () => `prune: group '${group.id}' has no layer that ${criterion.name} can score`,
  );
  return sums.map((sum, channel) => sum / counts[channel]);
}

function rowScores(criterion: Criterion, context: ScoreContext): ArrayLike<number> {
  if (criterion.channels) return criterion.channels(context);
  const scores = criterion.weights?.(context);
  ensure(scores, 'INVALID_ARGUMENT', () => `prune: ${criterion.name} does not score channels`);
  const { rows, cols } = context.layer;
  return Float64Array.from({ length: rows }, (_, r) =>
    scores.subarray(r * cols, (r + 1) * cols).reduce((sum, x) => sum + x, 0),
  );
}
