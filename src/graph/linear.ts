import { Tensor } from '../tensor.ts';
import type { GraphIndex } from './edit.ts';
import type { Node } from './ir.ts';

/**
 * The constant weights of a Conv, Gemm (`[out, in]`) or MatMul (`[in, out]`) in one notation: the weight of output `o`, input `i`
 * of its group and tap `t` stands at `o * outStride + i * inStride + t`.
 */
export interface Linear {
  node: Node;
  weight: Tensor;
  data: Float32Array;
  bias: Float32Array | undefined;
  outs: number;
  /** Inputs of one group. */
  ins: number;
  groups: number;
  taps: number;
  outStride: number;
  inStride: number;
  /** Axis of the channels in input 0 and in the output. */
  axis: number;
  /** Whether the node reads zeros beyond the border of its input. */
  padded: boolean;
}

const floatsOf = (t: Tensor | undefined): Float32Array | undefined =>
  t?.data instanceof Float32Array ? t.data : undefined;

/** What {@link Linear} says of `node`; undefined if it is another op, its weights are no constants, or a Gemm is not in normal form. */
export function linearOf(node: Node, index: GraphIndex): Linear | undefined {
  const weight = index.constant(node.inputs[1]);
  const data = floatsOf(weight);
  const rank = node.inputs[0] ? index.dims(node.inputs[0])?.length : undefined;
  if (!weight || !data || !rank || weight.size === 0) return undefined;
  const shape = shapeOf(node, weight, rank);
  if (!shape) return undefined;
  const bias = floatsOf(index.constant(node.inputs[2]));
  if (node.inputs[2] && bias?.length !== shape.outs) return undefined;
  return { node, weight, data, bias, ...shape };
}

type Shape = Omit<Linear, 'node' | 'weight' | 'data' | 'bias'>;

function shapeOf(node: Node, weight: Tensor, rank: number): Shape | undefined {
  const { dims } = weight;
  switch (node.op) {
    case 'Conv': {
      if (dims.length < 3 || dims.length !== rank) return undefined;
      const [outs, ins] = dims;
      const taps = weight.size / (outs * ins);
      const groups = (node.attrs.group as number | undefined) ?? 1;
      const base = { outs, ins, groups, taps, outStride: ins * taps, inStride: taps };
      return { ...base, axis: 1, padded: readsPadding(node) };
    }
    case 'Gemm': {
      if (dims.length !== 2 || rank !== 2 || !isNormalGemm(node)) return undefined;
      const [outs, ins] = dims;
      return { outs, ins, groups: 1, taps: 1, outStride: ins, inStride: 1, axis: 1, padded: false };
    }
    case 'MatMul': {
      if (dims.length !== 2 || rank < 2) return undefined;
      const [ins, outs] = dims;
      return { outs, ins, groups: 1, taps: 1, outStride: 1, inStride: outs, axis: rank - 1, padded: false };
    }
    default:
      return undefined;
  }
}

/** Gemm with alpha = beta = 1, transA = 0 and transB = 1. */
export function isNormalGemm(node: Node): boolean {
  const { alpha = 1, beta = 1, transA = 0, transB = 0 } = node.attrs;
  return alpha === 1 && beta === 1 && transA === 0 && transB === 1;
}

/** Whether a Conv or pooling node has a padded border (any `auto_pad` that computes pads counts). */
export function readsPadding(node: Node): boolean {
  const auto = node.attrs.auto_pad ?? 'NOTSET';
  if (auto === 'VALID') return false;
  if (auto !== 'NOTSET' && auto !== '') return true;
  return ((node.attrs.pads as readonly number[] | undefined) ?? []).some((pad) => pad !== 0);
}

/** Group of a Conv whose every group has one input and one output. */
export const isDepthwise = (linear: Linear): boolean =>
  linear.groups > 1 && linear.ins === 1 && linear.outs === linear.groups;

/** New weights: `f` of each weight with its output, and its input counted over all groups. */
export function mapWeights(linear: Linear, f: (w: number, out: number, input: number) => number): Tensor {
  const data = new Float32Array(linear.data.length);
  const perGroup = linear.outs / linear.groups;
  for (let o = 0; o < linear.outs; o++) {
    const first = Math.floor(o / perGroup) * linear.ins;
    for (let i = 0; i < linear.ins; i++) {
      const start = o * linear.outStride + i * linear.inStride;
      for (let t = start; t < start + linear.taps; t++) data[t] = f(linear.data[t], o, first + i);
    }
  }
  return new Tensor('float32', data, linear.weight.dims);
}

/** New weights with only the outputs and inputs (of a group) listed, in their order. */
export function sliceWeights(linear: Linear, outs: readonly number[] | null, ins: readonly number[] | null): Tensor {
  const rows = outs ?? range(linear.outs);
  const columns = ins ?? range(linear.ins);
  const matMul = linear.node.op === 'MatMul';
  const dims = matMul ? [columns.length, rows.length] : [rows.length, columns.length, ...linear.weight.dims.slice(2)];
  const data = new Float32Array(rows.length * columns.length * linear.taps);
  rows.forEach((o, r) => {
    columns.forEach((i, c) => {
      const from = o * linear.outStride + i * linear.inStride;
      const to = matMul ? c * rows.length + r : (r * columns.length + c) * linear.taps;
      for (let t = 0; t < linear.taps; t++) data[to + t] = linear.data[from + t];
    });
  });
  return new Tensor('float32', data, dims);
}

/** For each output, `sum over inputs and taps of w * x[input]`, in double precision. */
export function weightedSums(linear: Linear, x: ArrayLike<number>): Float64Array {
  const sums = new Float64Array(linear.outs);
  const perGroup = linear.outs / linear.groups;
  for (let o = 0; o < linear.outs; o++) {
    const first = Math.floor(o / perGroup) * linear.ins;
    for (let i = 0; i < linear.ins; i++) {
      const factor = x[first + i];
      if (factor === 0) continue;
      const start = o * linear.outStride + i * linear.inStride;
      for (let t = start; t < start + linear.taps; t++) sums[o] += linear.data[t] * factor;
    }
  }
  return sums;
}

/** A tensor of one axis. */
export const vector = (data: ArrayLike<number>, type: 'float32' | 'int64' = 'float32'): Tensor =>
  new Tensor(type, type === 'int64' ? BigInt64Array.from(Array.from(data, BigInt)) : new Float32Array(data));

export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
