import type { GraphIndex } from '../graph/edit.ts';
import type { Graph, Node } from '../graph/ir.ts';
import { range, vector } from '../graph/linear.ts';
import { type Patch, type Rule, rewrite } from '../graph/rewrite.ts';
import { numbersOf, sameDims } from '../tensor.ts';
import type { Pass } from './pass.ts';

const RESHAPES: ReadonlySet<string> = new Set(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze']);

/** Whether every element of a constant operand is `x`. */
function isAll(index: GraphIndex, value: string | undefined, x: number): boolean {
  const constant = index.constant(value);
  return constant !== undefined && numbersOf(constant).every((element) => element === x);
}

const permOf = (node: Node, rank: number): readonly number[] =>
  (node.attrs.perm as readonly number[] | undefined) ?? range(rank).reverse();

/** The operand whose elements a node hands on unchanged, if there is one. */
function unchanged(node: Node, index: GraphIndex): string | undefined {
  const [x, y] = node.inputs;
  switch (node.op) {
    case 'Identity':
    case 'Dropout':
    case 'Reshape':
    case 'Flatten':
    case 'Squeeze':
    case 'Unsqueeze':
    case 'Cast':
      return x;
    case 'Concat':
      return node.inputs.length === 1 ? x : undefined;
    case 'Transpose':
      return permOf(node, index.dims(x)?.length ?? 0).every((from, to) => from === to) ? x : undefined;
    case 'Pad':
      return isAll(index, y, 0) ? x : undefined;
    case 'Mul':
      return isAll(index, y, 1) ? x : isAll(index, x, 1) ? y : undefined;
    case 'Div':
      return isAll(index, y, 1) ? x : undefined;
    case 'Add':
      return isAll(index, y, 0) ? x : isAll(index, x, 0) ? y : undefined;
    case 'Sub':
      return isAll(index, y, 0) ? x : undefined;
    default:
      return undefined;
  }
}

/** `y = x`: the node goes. Types and dims have to be equal, so that a broadcasting Add of 0 or a Cast to another type stays. */
const removeUnchanged: Rule = (_graph, node, index) => {
  if (node.clamp) return null;
  const [output, ...more] = node.outputs;
  if (!output || more.some((name) => name !== '' && (index.isOutput(name) || index.users(name).length > 0)))
    return null;
  const source = unchanged(node, index);
  if (!source || !index.canReplace(output, source)) return null;
  return {
    note: `${node.op} '${node.name}' changes nothing: removed`,
    apply(edit) {
      edit.replaceUses(output, source);
      edit.removeNode(node);
    },
  };
};

/** `Transpose(Transpose(x, p), q) = Transpose(x, [p[q[0]], p[q[1]], …])`. */
const mergeTransposes: Rule = (_graph, node, index) => {
  const first = node.op === 'Transpose' ? index.producer(node.inputs[0]) : undefined;
  if (first?.op !== 'Transpose' || first.clamp) return null;
  const rank = index.dims(node.inputs[0])!.length;
  const inner = permOf(first, rank);
  const perm = permOf(node, rank).map((axis) => inner[axis]);
  return {
    note: `Transpose '${node.name}' takes in Transpose '${first.name}'`,
    apply(edit) {
      edit.setNode(node, { inputs: [first.inputs[0]], attrs: { perm } });
      edit.removeUnused(first);
    },
  };
};

/** Makes a node `Reshape(source, dims)`; the node that it read before goes if nobody else reads it. */
function reshape(node: Node, source: string, dims: readonly number[], note: string, before?: Node): Patch {
  return {
    note,
    apply(edit) {
      const shape = edit.addConstant(`${node.name}/shape`, vector(dims, 'int64'));
      edit.setNode(node, { op: 'Reshape', inputs: [source, shape], attrs: {} });
      if (before) edit.removeUnused(before);
    },
  };
}

/** `Reshape(Reshape(x))` reads x. */
const mergeReshapes: Rule = (_graph, node, index) => {
  const first = RESHAPES.has(node.op) ? index.producer(node.inputs[0]) : undefined;
  const dims = index.dims(node.outputs[0]);
  if (!first || !RESHAPES.has(first.op) || first.clamp || !dims || dims.includes(0)) return null;
  return reshape(node, first.inputs[0], dims, `${node.op} '${node.name}' takes in ${first.op} '${first.name}'`, first);
};

/** A Transpose that moves only axes of length 1 keeps the order of the elements: a Reshape. */
const transposeToReshape: Rule = (_graph, node, index) => {
  if (node.op !== 'Transpose') return null;
  const dims = index.dims(node.inputs[0]);
  const out = index.dims(node.outputs[0]);
  if (!dims || !out || sameDims(dims, out) || out.includes(0)) return null;
  const long = permOf(node, dims.length).filter((axis) => dims[axis] > 1);
  if (long.some((axis, i) => i > 0 && axis < long[i - 1])) return null;
  return reshape(node, node.inputs[0], out, `Transpose '${node.name}' moves no element: a Reshape`);
};

/** A Clip whose bounds are computed is `Min(Max(x, min), max)`: kernels have their bounds in the record. */
const clipByComputed: Rule = (_graph, node, index) => {
  const [x, ...bounds] = node.inputs;
  const dims = node.op === 'Clip' ? index.dims(x) : undefined;
  if (!dims || bounds.every((name) => !name || index.constant(name))) return null;
  if (bounds.some((name) => name && (index.dims(name)?.length ?? 0) > dims.length)) return null;
  const [min, max] = bounds;
  return {
    note: `Clip '${node.name}' has bounds that are computed: Max and Min`,
    apply(edit) {
      const low = min && max ? edit.addValue(`${node.outputs[0]}/low`, index.type(x)!, dims) : x;
      if (min && max)
        edit.insertNode(node, { name: `${node.name}/max`, op: 'Max', inputs: [x, min], outputs: [low], attrs: {} });
      edit.setNode(
        node,
        max ? { op: 'Min', inputs: [low, max], attrs: {} } : { op: 'Max', inputs: [x, min], attrs: {} },
      );
    },
  };
};

/** Removes nodes that change nothing (Identity, Dropout, Mul by 1, …), merges chains of Transpose and of Reshape, splits a Clip by computed bounds. */
export const simplify: Pass = {
  name: 'simplify',
  run: (graph: Graph) =>
    rewrite(graph, [removeUnchanged, clipByComputed, mergeTransposes, mergeReshapes, transposeToReshape]),
};
