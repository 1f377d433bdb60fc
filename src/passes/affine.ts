import { alongAxis } from '../graph/broadcast.ts';
import type { GraphIndex } from '../graph/edit.ts';
import type { Node } from '../graph/ir.ts';
import { sameDims } from '../tensor.ts';

/** A node that computes `y = scale[c] * x + shift[c]`, c the index along one axis. */
export interface Affine {
  input: string;
  scale: Float64Array;
  shift: Float64Array;
}

const DEFAULT_EPSILON = 1e-5;

/**
 * What {@link Affine} says of a BatchNormalization, Add, Sub, Mul or Div with constants; undefined if it is another node, broadcasts
 * otherwise than along `axis`, or has factors that are not finite.
 */
export function affineOf(node: Node, index: GraphIndex, axis: number): Affine | undefined {
  const affine = node.op === 'BatchNormalization' ? batchNorm(node, index, axis) : arithmetic(node, index, axis);
  if (!affine?.scale.every(Number.isFinite) || !affine.shift.every(Number.isFinite)) return undefined;
  const from = index.dims(affine.input);
  const to = index.dims(node.outputs[0]);
  return from && to && sameDims(from, to) ? affine : undefined;
}

/** `scale = gamma / sqrt(var + epsilon)`, `shift = beta - mean * scale`. */
function batchNorm(node: Node, index: GraphIndex, axis: number): Affine | undefined {
  const [gamma, beta, mean, variance] = node.inputs.slice(1, 5).map((name) => index.constant(name)?.data);
  if (axis !== 1 || !gamma || !beta || !mean || !variance || !(gamma instanceof Float32Array)) return undefined;
  const epsilon = (node.attrs.epsilon as number | undefined) ?? DEFAULT_EPSILON;
  const scale = Float64Array.from(gamma, (g, c) => g / Math.sqrt(Number(variance[c]) + epsilon));
  const shift = scale.map((s, c) => Number(beta[c]) - Number(mean[c]) * s);
  return { input: node.inputs[0], scale, shift };
}

function arithmetic(node: Node, index: GraphIndex, axis: number): Affine | undefined {
  const dims = index.dims(node.outputs[0]);
  const [left, right] = node.inputs.map((name) => index.constant(name));
  if (!dims || (left === undefined) === (right === undefined)) return undefined;
  if (!['Add', 'Sub', 'Mul', 'Div'].includes(node.op)) return undefined;
  const constant = alongAxis((left ?? right)!, dims, axis);
  if (!constant) return undefined;
  const input = node.inputs[left ? 1 : 0];
  const of = (f: (x: number) => number): Float64Array => new Float64Array(constant).map(f);
  const fill = (x: number): Float64Array => new Float64Array(constant.length).fill(x);
  switch (node.op) {
    case 'Add':
      return { input, scale: fill(1), shift: of((x) => x) };
    case 'Sub':
      return left ? { input, scale: fill(-1), shift: of((x) => x) } : { input, scale: fill(1), shift: of((x) => -x) };
    case 'Mul':
      return { input, scale: of((x) => x), shift: fill(0) };
    default:
      return left ? undefined : { input, scale: of((x) => 1 / x), shift: fill(0) };
  }
}
