import { numbersOf, sizeOf, Tensor } from '../tensor.ts';
import { alongAxis } from './broadcast.ts';
import type { Editor, GraphIndex } from './edit.ts';
import type { Node } from './ir.ts';
import { isDepthwise, type Linear, linearOf, range, sliceWeights, vector } from './linear.ts';

/** Where a value carries the channels of a group: channel c is `spread` consecutive indices from `c * spread` on along `axis`. */
interface Carrier {
  axis: number;
  spread: number;
}

/**
 * The outputs of one Conv, Gemm or MatMul and everything that has to change when one of them is removed:
 *
 * ```
 *   producer ──▶ Relu ──▶ MaxPool ──▶ Flatten ──▶ Gemm        producer: rows of its weights and bias
 *            ├─▶ depthwise Conv ──▶ Conv                      through:  nodes that keep channels apart, in topological order
 *            └─▶ x * Sigmoid(x) ──▶ Conv                      sinks:    linear nodes that sum over them
 * ```
 */
export interface ChannelGroup {
  producer: Linear;
  carriers: Map<string, Carrier>;
  through: Node[];
  sinks: Linear[];
  /** Why no channel can be removed. */
  blocked?: string;
}

/** Elementwise ops of one operand; further operands are scalars. */
export const UNARY: ReadonlySet<string> = new Set([
  ...['Relu', 'LeakyRelu', 'Clip', 'Sigmoid', 'Tanh', 'HardSigmoid', 'HardSwish', 'Elu', 'Erf', 'Gelu'],
  ...['Abs', 'Neg', 'Exp', 'Log', 'Sqrt', 'Identity', 'Dropout'],
]);
export const BINARY: ReadonlySet<string> = new Set(['Add', 'Sub', 'Mul', 'Div']);
const RESHAPES: ReadonlySet<string> = new Set(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze']);
const POOLS: ReadonlySet<string> = new Set(['MaxPool', 'AveragePool', 'GlobalAveragePool']);

/** The group of the outputs of `node`; undefined if it is no linear node with constant weights or has one output only. */
export function channelGroup(node: Node, index: GraphIndex): ChannelGroup | undefined {
  const producer = linearOf(node, index);
  if (!producer || producer.outs < 2 || isDepthwise(producer)) return undefined;
  const group: ChannelGroup = { producer, carriers: new Map(), through: [], sinks: [] };
  if (producer.groups > 1) return { ...group, blocked: `it has ${producer.groups} groups` };
  group.carriers.set(node.outputs[0], { axis: producer.axis, spread: 1 });
  /** Nodes that have been met from one of their two operands. */
  const joins = new Set<Node>();
  for (const [value, carrier] of group.carriers) {
    if (index.isOutput(value)) return { ...group, blocked: `'${value}' is a graph output` };
    for (const user of index.users(value)) {
      const isJoin = BINARY.has(user.op) && !user.inputs.some((name) => index.constant(name));
      if (isJoin && !user.inputs.every((name) => group.carriers.has(name))) joins.add(user);
      else if (!isJoin || !group.carriers.has(user.outputs[0])) {
        joins.delete(user);
        const reason = follow(group, user, value, carrier, index);
        if (reason) return { ...group, blocked: reason };
      }
    }
  }
  for (const { op, name } of joins) return { ...group, blocked: `${op} '${name}' joins two branches` };
  return group;
}

/** Adds a user of a carrier to the group, or says why it cannot be. */
function follow(
  group: ChannelGroup,
  node: Node,
  value: string,
  carrier: Carrier,
  index: GraphIndex,
): string | undefined {
  const where = `${node.op} '${node.name}'`;
  const linear = linearOf(node, index);
  if (linear && node.inputs[0] === value && node.inputs.lastIndexOf(value) === 0) {
    if (carrier.axis !== linear.axis) return `${where} reads them along another axis`;
    if (!isDepthwise(linear)) {
      if (linear.groups > 1) return `${where} has ${linear.groups} groups`;
      group.sinks.push(linear);
      return undefined;
    }
  }
  const next = passes(node, value, carrier, group, index);
  if (typeof next === 'string') return `${where} ${next}`;
  group.through.push(node);
  group.carriers.set(node.outputs[0], next);
  return undefined;
}

/** The carrier behind a node that keeps channels apart, or why it does not. */
function passes(node: Node, value: string, carrier: Carrier, group: ChannelGroup, index: GraphIndex): Carrier | string {
  const from = index.dims(value);
  const to = index.dims(node.outputs[0]);
  if (!from || !to) return 'has no known shape';
  if (node.outputs.slice(1).some((name) => name !== '')) return 'has several outputs';
  if (BINARY.has(node.op)) {
    const other = index.constant(node.inputs[node.inputs[0] === value ? 1 : 0]);
    if (!other) return joined(node, carrier, to, group, index);
    if (carrier.spread > 1 || !alongAxis(other, to, carrier.axis)) return 'has an operand that is not one per channel';
    return from.length === to.length ? carrier : 'changes the rank';
  }
  if (node.inputs[0] !== value || node.inputs.lastIndexOf(value) !== 0) return 'joins branches';
  const fixed = node.inputs.slice(1).every((name) => name === '' || index.constant(name));
  if (!fixed) return 'has operands that are no constants';
  if (UNARY.has(node.op)) return carrier;
  if (node.op === 'ReduceMean') return reduced(node, from.length, carrier, index);
  if (RESHAPES.has(node.op))
    return reshaped(from, to, carrier, group.producer.outs) ?? 'mixes channels with other axes';
  if (node.op === 'Transpose') {
    const perm = (node.attrs.perm as readonly number[] | undefined) ?? range(from.length).reverse();
    return { axis: perm.indexOf(carrier.axis), spread: carrier.spread };
  }
  const plane = carrier.axis === 1 && carrier.spread === 1;
  if (plane && (POOLS.has(node.op) || node.op === 'Conv')) {
    if (node.op !== 'Conv') return carrier;
    const linear = linearOf(node, index);
    return linear && isDepthwise(linear) ? carrier : 'has weights that are no constants';
  }
  return 'does not keep channels apart';
}

/** The channels of two carriers that meet: both have them at the same place of values of the same rank. */
function joined(
  node: Node,
  { axis, spread }: Carrier,
  to: readonly number[],
  group: ChannelGroup,
  index: GraphIndex,
): Carrier | string {
  const alike = node.inputs.every((name) => {
    const operand = group.carriers.get(name);
    return operand?.axis === axis && operand.spread === spread && index.dims(name)?.length === to.length;
  });
  return alike ? { axis, spread } : 'joins branches that have them at different places';
}

/** Channels through a reshape: an axis of `to` behind the same leading elements, a multiple of the channels long. */
function reshaped(
  from: readonly number[],
  to: readonly number[],
  carrier: Carrier,
  channels: number,
): Carrier | undefined {
  const lead = sizeOf(from.slice(0, carrier.axis));
  for (let axis = 0, product = 1; axis < to.length && product <= lead; product *= to[axis++]) {
    if (product === lead && to[axis] > 1 && to[axis] % channels === 0) return { axis, spread: to[axis] / channels };
  }
  return undefined;
}

function reduced(node: Node, rank: number, carrier: Carrier, index: GraphIndex): Carrier | string {
  const operand = index.constant(node.inputs[1]);
  const axes = operand ? numbersOf(operand) : ((node.attrs.axes as readonly number[] | undefined) ?? range(rank));
  const positive = axes.map((axis) => (axis < 0 ? axis + rank : axis));
  if (axes.length === 0 || positive.includes(carrier.axis)) return 'averages over them';
  const gone = node.attrs.keepdims === 0 ? positive.filter((axis) => axis < carrier.axis).length : 0;
  return { axis: carrier.axis - gone, spread: carrier.spread };
}

/** Keeps the channels `keep` of a group, in all its nodes and values, and forgets the others. */
export function keepChannels(edit: Editor, group: ChannelGroup, keep: readonly number[]): void {
  const { producer, carriers } = group;
  const channels = producer.outs;
  for (const [value, { axis, spread }] of carriers) {
    const dims = edit.dims(value)!;
    edit.setValue(value, { dims: dims.with(axis, keep.length * spread) });
  }
  keepOutputs(edit, producer, keep);
  for (const node of group.through) {
    if (BINARY.has(node.op)) keepConstant(edit, node, keep, channels, carriers);
    if (RESHAPES.has(node.op) && node.op !== 'Flatten') {
      edit.setNode(node, { op: 'Reshape', attrs: {} });
      edit.setOperand(node, 1, vector(edit.dims(node.outputs[0])!, 'int64'), `${node.name}/shape`);
    }
    const linear = linearOf(node, edit);
    if (linear) {
      keepOutputs(edit, linear, keep);
      edit.setNode(node, { attrs: { ...node.attrs, group: keep.length } });
    }
  }
  for (const { node } of group.sinks) {
    const linear = linearOf(node, edit)!;
    const { spread } = carriers.get(node.inputs[0])!;
    const ins = keep.flatMap((c) => range(spread).map((j) => c * spread + j));
    edit.setOperand(node, 1, sliceWeights(linear, null, ins), '');
  }
}

function keepOutputs(edit: Editor, linear: Linear, keep: readonly number[]): void {
  const { node, bias } = linear;
  edit.setOperand(node, 1, sliceWeights(linear, keep, null), '');
  if (bias) edit.setOperand(node, 2, vector(keep.map((c) => bias[c])), '');
}

/** The per-channel constant of Add, Sub, Mul or Div, if there is one; one number for all channels stays. */
function keepConstant(
  edit: Editor,
  node: Node,
  keep: readonly number[],
  channels: number,
  carriers: ReadonlyMap<string, Carrier>,
): void {
  const position = carriers.has(node.inputs[0]) ? 1 : 0;
  const constant = edit.constant(node.inputs[position]);
  if (constant?.size !== channels) return;
  const dims = constant.dims.map((d) => (d === channels ? keep.length : d));
  const data = constant.data as Float32Array;
  const kept = new Tensor(
    constant.type,
    Float32Array.from(keep, (c) => data[c]),
    dims,
  );
  edit.setOperand(node, position, kept, '');
}
