import { ensure } from '../errors.ts';
import type { Op } from '../ops/op.ts';
import { showDims, Tensor } from '../tensor.ts';
import { Call } from './call.ts';
import type { Clamp, Graph, Node, Value } from './ir.ts';
import { type Region, regionsOf } from './regions.ts';
import type { Ops } from './verify.ts';

/** `y = min(max(x, lo), hi)` on every element of a float32 tensor; NaN stays NaN. */
export function applyClamp(tensor: Tensor, clamp: Clamp | undefined): Tensor {
  if (!clamp) return tensor;
  ensure(tensor.data instanceof Float32Array, 'INTERNAL', `a clamp needs float32, found ${tensor.type}`);
  const { lo, hi } = clamp;
  return new Tensor(
    'float32',
    tensor.data.map((x) => (Number.isNaN(x) ? x : Math.min(Math.max(x, lo), hi))),
    tensor.dims,
  );
}

/** One node by its reference, with its clamp. All operands are known, so that it may ask for any of them as a constant. */
export function evaluateNode(op: Op, node: Node, inputs: readonly (Tensor | undefined)[]): Tensor[] {
  const known = inputs.map((tensor) => tensor && { type: tensor.type, dims: tensor.dims, constant: tensor });
  const outputs = op.reference(new Call(node, known), inputs);
  return node.clamp ? outputs.map((tensor, i) => (i === 0 ? applyClamp(tensor, node.clamp) : tensor)) : outputs;
}

/**
 * Runs a graph by the plain-loop references of its ops: the definition of what a compiled package computes. Of an If only the taken branch
 * runs, as far as its condition stands before it.
 *
 * @throws ZeroskipError `MISSING_INPUT`, `TYPE_MISMATCH` or `SHAPE_MISMATCH` if `feeds` do not fit the graph inputs, `UNSUPPORTED_OP`
 *   if an op is not in `ops`.
 */
export function evaluate(graph: Graph, ops: Ops, feeds: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  for (const value of graph.values.values()) if (value.constant) tensors.set(value.name, value.constant);
  for (const name of graph.inputs) tensors.set(name, checkFeed(graph.values.get(name)!, feeds));
  const regions = regionsOf(graph.nodes, graph.outputs);
  const isTaken = ({ parent, condition, taken }: Region): boolean =>
    !parent || (((tensors.get(condition)?.data[0] ?? taken) ? taken : !taken) && isTaken(parent));
  for (const node of graph.nodes) {
    if (!isTaken(regions.of(node))) continue;
    const op = ops.get(node.op);
    ensure(op, 'UNSUPPORTED_OP', () => `${node.op} '${node.name}' has no implementation`);
    const outputs = evaluateNode(
      op,
      node,
      node.inputs.map((name) => tensors.get(name)),
    );
    node.outputs.forEach((name, i) => {
      if (name !== '' && outputs[i]) tensors.set(name, outputs[i]);
    });
  }
  const results = Object.create(null) as Record<string, Tensor>;
  for (const name of graph.outputs) {
    const tensor = tensors.get(name);
    ensure(tensor, 'INVALID_MODEL', () => `graph output '${name}' has no source`);
    results[name] = tensor;
  }
  return results;
}

function checkFeed(value: Value, feeds: Readonly<Record<string, Tensor>>): Tensor {
  const { name, type, dims } = value;
  ensure(Object.hasOwn(feeds, name), 'MISSING_INPUT', () => `input '${name}' is missing`);
  const tensor = feeds[name];
  ensure(tensor.type === type, 'TYPE_MISMATCH', () => `input '${name}' has type ${type}, found ${tensor.type}`);
  const fits =
    !dims ||
    (dims.length === tensor.dims.length && dims.every((d, i) => typeof d === 'string' || d === tensor.dims[i]));
  ensure(
    fits,
    'SHAPE_MISMATCH',
    () => `input '${name}' has dims ${showDims(dims ?? [])}, found ${showDims(tensor.dims)}`,
  );
  return tensor;
}
