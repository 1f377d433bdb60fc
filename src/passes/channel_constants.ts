import { alongAxis } from '../graph/broadcast.ts';
import type { Axis } from '../graph/channels/axes.ts';
import type { Coupling, Link } from '../graph/channels/coupling.ts';
import type { GraphIndex } from '../graph/edit.ts';
import { applyClamp, evaluateNode } from '../graph/evaluate.ts';
import type { Node } from '../graph/ir.ts';
import { isDepthwise, type Linear, linearOf, range, readsPadding } from '../graph/linear.ts';
import type { Ops } from '../graph/verify.ts';
import { Tensor } from '../tensor.ts';

/** Why a channel is not the same number everywhere, by channel. */
export type Reasons = Map<number, string>;

/** For each axis of a value, the number that stands at every position of an index of it; NaN where it is not one number. */
export type Numbers = ReadonlyMap<Axis, Float32Array>;

/** Whether all weights of an output (`side` 'out') or of an input of a group (`side` 'in') are zero. */
export function isZero(linear: Linear, side: 'out' | 'in', channel: number): boolean {
  const { data, taps, outStride, inStride, outs, ins } = linear;
  const [count, step] = side === 'out' ? [ins, inStride] : [outs, outStride];
  const along = side === 'out' ? outStride : inStride;
  for (let i = 0; i < count; i++) {
    const start = channel * along + i * step;
    for (let t = start; t < start + taps; t++) if (data[t] !== 0) return false;
  }
  return true;
}

const UNARY: ReadonlySet<string> = new Set([
  ...['Relu', 'LeakyRelu', 'Clip', 'Sigmoid', 'Tanh', 'HardSigmoid', 'HardSwish', 'Elu', 'Erf', 'Gelu'],
  ...['Abs', 'Neg', 'Exp', 'Log', 'Sqrt', 'Identity', 'Dropout'],
]);
const JOINS: ReadonlySet<string> = new Set(['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min', 'PRelu']);
/** Ops whose output along an axis holds, takes the mean of or picks among the elements at the index that the axis is linked with. */
const MOVES: ReadonlySet<string> = new Set([
  ...['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Transpose', 'Concat', 'Split', 'Slice', 'Gather', 'Expand', 'If'],
  ...['MaxPool', 'AveragePool', 'GlobalAveragePool', 'ReduceMean', 'ReduceMax'],
]);

const clamped = (values: Float32Array, node: Node): Float32Array =>
  applyClamp(new Tensor('float32', values), node.clamp).data as Float32Array;

/** Where numbers are looked for. */
interface Context {
  coupling: Coupling;
  index: GraphIndex;
  ops: Ops;
  reasons: Reasons;
  numbers: Map<Axis, Float32Array>;
}

/**
 * For every axis that carries channels, the number that each of them is at every position. It starts at filters that are all zero and give
 * their bias. Exact: a number other than 0 ends where a padded border is read.
 */
export function channelNumbers(coupling: Coupling, index: GraphIndex, ops: Ops, reasons: Reasons): Numbers {
  const context: Context = { coupling, index, ops, reasons, numbers: new Map() };
  for (const node of coupling.graph.nodes) {
    for (const name of node.outputs) {
      const rank = index.dims(name)?.length ?? 0;
      for (let axis = 0; axis < rank; axis++) {
        const carrier = coupling.activeAxis(name, axis);
        const values = carrier && numbersAt(node, name, carrier, context);
        if (values) context.numbers.set(carrier, values);
      }
    }
  }
  return context.numbers;
}

function numbersAt(node: Node, output: string, axis: Axis, context: Context): Float32Array | undefined {
  const { index } = context;
  if (index.type(output) !== 'float32') return undefined;
  const linear = linearOf(node, index);
  if (linear) return axis.axis === linear.axis ? outputs(linear, context) : undefined;
  if (UNARY.has(node.op)) return output === node.outputs[0] ? evaluated(node, axis, context) : undefined;
  if (JOINS.has(node.op)) return evaluated(node, axis, context);
  if (!MOVES.has(node.op)) return undefined;
  return clamped(pooled(node, axis, moved(node, axis, context), context), node);
}

/** The bias of filters that are all zero; of other depthwise filters their sum times the number that they read everywhere. */
function outputs(linear: Linear, { coupling, reasons, numbers }: Context): Float32Array {
  const { node, bias, outs } = linear;
  const zero = range(outs).map((o) => isZero(linear, 'out', o));
  const input = isDepthwise(linear) ? coupling.activeAxis(node.inputs[0], 1) : undefined;
  const values = input && numbers.get(input);
  const read = values && linear.padded ? unlessPadded(node, input, values, coupling, reasons, (c) => zero[c]) : values;
  const results = zero.map((isZeroFilter, o) => {
    if (isZeroFilter) return bias?.[o] ?? 0;
    if (!read || Number.isNaN(read[o])) return Number.NaN;
    let sum = 0;
    for (let t = 0; t < linear.taps; t++) sum += linear.data[o * linear.outStride + t];
    return read[o] * sum + (bias?.[o] ?? 0);
  });
  return clamped(Float32Array.from(results), node);
}

/** `f` of the numbers of all operands, where they are known. */
function evaluated(node: Node, axis: Axis, context: Context): Float32Array | undefined {
  const { coupling, index, ops, reasons, numbers } = context;
  const { dims } = axis.operand;
  const isUnary = UNARY.has(node.op);
  const operands = node.inputs.map((name, i): Tensor | undefined => {
    const constant = index.constant(name);
    if (isUnary && i > 0) return constant;
    if (constant) {
      const along = alongAxis(constant, dims, axis.axis);
      return along ? new Tensor('float32', along) : undefined;
    }
    const carrier = coupling.activeAxis(name, axis.axis + (index.dims(name)?.length ?? 0) - dims.length);
    const values = carrier && numbers.get(carrier);
    return values ? new Tensor('float32', values) : undefined;
  });
  const vectors = isUnary ? operands.slice(0, 1) : operands;
  const unknown = (vector: Tensor | undefined, c: number): boolean => !vector || Number.isNaN(Number(vector.data[c]));
  const known = range(axis.size).map((c) => !vectors.some((vector) => unknown(vector, c)));
  const isJoin = !isUnary && node.inputs.every((name) => !index.constant(name));
  known.forEach((all, c) => {
    if (!isJoin || all || vectors.every((vector) => unknown(vector, c))) return;
    note(reasons, coupling.slots.channel(axis.first + c), `${node.op} '${node.name}' joins two branches`);
  });
  if (!known.includes(true)) return undefined;
  const filled = operands.map(
    (tensor, i) => tensor ?? (node.inputs[i] ? new Tensor('float32', [Number.NaN]) : undefined),
  );
  const [result] = evaluateNode(ops.get(node.op)!, node, filled);
  return (result.data as Float32Array).map((v, c) => (known[c] ? v : Number.NaN));
}

/** The number that all linked indices of the operands have. */
function moved(node: Node, axis: Axis, { coupling, numbers }: Context): Float32Array {
  const values = new Float32Array(axis.size).fill(Number.NaN);
  const seen = new Uint8Array(axis.size);
  const add = (at: number, value: number): void => {
    values[at] = seen[at] === 0 || Object.is(values[at], value) ? value : Number.NaN;
    seen[at] = 1;
  };
  const isHere = ([operand, at]: Link['a']): boolean => operand.value === axis.operand.value && at === axis.axis;
  for (const { a, b, map } of coupling.linksOf(node)) {
    const here = isHere(a) ? a : isHere(b) ? b : undefined;
    if (!here) continue;
    const [from, at] = here === a ? b : a;
    const source = from.use ? undefined : coupling.activeAxis(from.value, at);
    const known = source && numbers.get(source);
    for (let j = 0; j < b[0].dims[b[1]]; j++) {
      const i = map ? map(j) : j;
      const [to, by] = here === a ? [i, j] : [j, i];
      add(to, known?.[by] ?? Number.NaN);
    }
  }
  return values;
}

/** Numbers behind a pooling node whose mean counts a border of zeros. */
function pooled(node: Node, axis: Axis, values: Float32Array, { coupling, reasons }: Context): Float32Array {
  const border = readsPadding(node) || (node.attrs.ceil_mode ?? 0) !== 0;
  const mixes = node.op === 'AveragePool' && node.attrs.count_include_pad === 1 && border;
  return mixes ? unlessPadded(node, axis, values, coupling, reasons) : values;
}

/** Numbers other than 0 become NaN, with the reason noted. */
export function unlessPadded(
  node: Node,
  axis: Axis,
  values: Float32Array,
  { slots }: Coupling,
  reasons: Reasons,
  except: (channel: number) => boolean = () => false,
): Float32Array {
  return values.map((v, c) => {
    if (v === 0 || Number.isNaN(v) || except(c)) return v;
    note(reasons, slots.channel(axis.first + c), `the padded border of ${node.op} '${node.name}' is read`);
    return Number.NaN;
  });
}

/** The first reason of a channel counts. */
export function note(reasons: Reasons, channel: number, reason: string): void {
  if (!reasons.has(channel)) reasons.set(channel, reason);
}
