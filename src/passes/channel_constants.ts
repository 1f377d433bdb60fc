import { BINARY, type ChannelGroup, UNARY } from '../graph/channels.ts';
import type { GraphIndex } from '../graph/edit.ts';
import { applyClamp, evaluateNode } from '../graph/evaluate.ts';
import type { Node } from '../graph/ir.ts';
import { type Linear, linearOf, readsPadding } from '../graph/linear.ts';
import type { Ops } from '../graph/verify.ts';
import { Tensor } from '../tensor.ts';

/** Why a channel is not the same number everywhere, by channel. */
export type Reasons = (string | undefined)[];

/** Whether all weights of an output (`side` 'out') or of `spread` inputs (`side` 'in') are zero. */
export function isZero(linear: Linear, side: 'out' | 'in', channel: number, spread = 1): boolean {
  const { data, taps, outStride, inStride, outs, ins } = linear;
  const [count, step] = side === 'out' ? [ins, inStride] : [outs, outStride];
  const along = side === 'out' ? outStride : inStride;
  for (let s = channel * spread; s < (channel + 1) * spread; s++) {
    for (let i = 0; i < count; i++) {
      const start = s * along + i * step;
      for (let t = start; t < start + taps; t++) if (data[t] !== 0) return false;
    }
  }
  return true;
}

/** `act(bias)` of the outputs whose weights are all zero, NaN for the others. */
function constantOutputs(linear: Linear): Float32Array {
  const values = new Float32Array(linear.outs).map((_, o) =>
    isZero(linear, 'out', o) ? (linear.bias?.[o] ?? 0) : Number.NaN,
  );
  return clamped(values, linear.node);
}

const clamped = (values: Float32Array, node: Node): Float32Array =>
  applyClamp(new Tensor('float32', values), node.clamp).data as Float32Array;

/**
 * For every value that carries the channels of `group`, the number that a channel is at every position, NaN where it is not one number.
 * Exact: a number other than 0 ends where a padded border is read.
 */
export function channelConstants(
  group: ChannelGroup,
  index: GraphIndex,
  ops: Ops,
  reasons: Reasons,
): Map<string, Float32Array> {
  const constants = new Map([[group.producer.node.outputs[0], constantOutputs(group.producer)]]);
  for (const node of group.through) {
    constants.set(node.outputs[0], through(node, constants, index, ops, reasons));
  }
  return constants;
}

function through(
  node: Node,
  constants: ReadonlyMap<string, Float32Array>,
  index: GraphIndex,
  ops: Ops,
  reasons: Reasons,
): Float32Array {
  const values = constants.get(node.inputs.find((name) => constants.has(name))!)!;
  const masked = (results: ArrayLike<number>): Float32Array => values.map((v, c) => (Number.isNaN(v) ? v : results[c]));
  if (UNARY.has(node.op)) {
    const operands = node.inputs.map((name, i) => (i === 0 ? new Tensor('float32', values) : index.constant(name)));
    const [result] = evaluateNode(ops.get(node.op)!, node, operands);
    return masked(result.data as Float32Array);
  }
  if (BINARY.has(node.op)) {
    const operands = node.inputs.map((name) => {
      const carried = constants.get(name);
      if (carried) return new Tensor('float32', carried);
      const constant = index.constant(name)!;
      return constant.reshape([constant.size]);
    });
    const [result] = evaluateNode(ops.get(node.op)!, node, operands);
    return masked(result.data as Float32Array);
  }
  const linear = linearOf(node, index);
  if (linear) return depthwise(linear, values, reasons);
  const border = readsPadding(node) || (node.attrs.ceil_mode ?? 0) !== 0;
  const mixesPads = node.op === 'AveragePool' && node.attrs.count_include_pad === 1 && border;
  return clamped(mixesPads ? unlessPadded(node, values, reasons) : values, node);
}

/** A depthwise filter of zeros gives its bias; another one its sum times the number it reads everywhere. */
function depthwise(linear: Linear, values: Float32Array, reasons: Reasons): Float32Array {
  const read = linear.padded ? unlessPadded(linear.node, values, reasons, (c) => isZero(linear, 'out', c)) : values;
  const results = read.map((v, c) => {
    const bias = linear.bias?.[c] ?? 0;
    if (isZero(linear, 'out', c)) return bias;
    let sum = 0;
    for (let t = 0; t < linear.taps; t++) sum += linear.data[c * linear.outStride + t];
    return Number.isNaN(v) ? v : v * sum + bias;
  });
  return clamped(results, linear.node);
}

/** Numbers other than 0 become NaN, with the reason noted. */
export function unlessPadded(
  node: Node,
  values: Float32Array,
  reasons: Reasons,
  except: (channel: number) => boolean = () => false,
): Float32Array {
  return values.map((v, c) => {
    if (v === 0 || Number.isNaN(v) || except(c)) return v;
    reasons[c] = `the padded border of ${node.op} '${node.name}' is read`;
    return Number.NaN;
  });
}
