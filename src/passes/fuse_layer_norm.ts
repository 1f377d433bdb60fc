import type { GraphIndex } from '../graph/edit.ts';
import type { Graph, Node } from '../graph/ir.ts';
import { range, vector } from '../graph/linear.ts';
import { type Rule, rewrite } from '../graph/rewrite.ts';
import { numbersOf, sameDims, sizeOf } from '../tensor.ts';
import type { Pass } from './pass.ts';

/** Least elements: below that the nodes take a few microseconds, and a second Wasm module to download would cost more than it saves. */
const WORTH = 4096;

/** The producer of a value, if it is such a node without a clamp. */
function made(index: GraphIndex, value: string | undefined, ...ops: string[]): Node | undefined {
  const node = value ? index.producer(value) : undefined;
  return node && ops.includes(node.op) && !node.clamp ? node : undefined;
}

/** The element of a constant of one element. */
function scalarOf(index: GraphIndex, value: string): number | undefined {
  const constant = index.constant(value);
  return constant?.size === 1 ? Number(constant.data[0]) : undefined;
}

/** The first of the axes of a mean over the last ones that keeps them at length 1. */
function meanAxis(node: Node, index: GraphIndex): number | undefined {
  const rank = index.dims(node.inputs[0])?.length ?? 0;
  const given = node.inputs[1] ? index.constant(node.inputs[1]) : undefined;
  if (!given || node.attrs.keepdims === 0) return undefined;
  const axes = numbersOf(given).map((axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b); // biome-ignore format: one line
  const first = rank - axes.length;
  return axes.length > 0 && axes.every((axis, i) => axis === first + i) ? first : undefined;
}

/** What is squared: `x^2` or `x x`. */
function squared(value: string, index: GraphIndex): string | undefined {
  const node = made(index, value, 'Pow', 'Mul');
  if (!node) return undefined;
  const [a, b] = node.inputs;
  return (node.op === 'Mul' ? a === b : scalarOf(index, b) === 2) ? a : undefined;
}

/** `sqrt(x)`: what stands under the root. */
function underRoot(value: string, index: GraphIndex): string | undefined {
  const node = made(index, value, 'Sqrt', 'Pow');
  if (!node) return undefined;
  return node.op === 'Sqrt' || scalarOf(index, node.inputs[1]) === 0.5 ? node.inputs[0] : undefined;
}

/** `(x - mean x) / sqrt(mean (x - mean x)^2 + epsilon)` that ends in the Div `node`. */
interface Match {
  x: string;
  axis: number;
  epsilon: number;
}

function matched(node: Node, index: GraphIndex): Match | undefined {
  if (node.op !== 'Div') return undefined;
  const sum = made(index, underRoot(node.inputs[1], index), 'Add');
  const at = sum ? [1, 0].find((i) => scalarOf(index, sum.inputs[i]) !== undefined) : undefined;
  if (!sum || at === undefined) return undefined;
  const variance = made(index, sum.inputs[1 - at], 'ReduceMean');
  const difference = made(index, node.inputs[0], 'Sub');
  const other = variance && made(index, squared(variance.inputs[0], index), 'Sub');
  if (!variance || !difference || other?.inputs.join() !== difference.inputs.join()) return undefined;
  const [x, average] = difference.inputs;
  const mean = made(index, average, 'ReduceMean');
  const axis = mean && mean.inputs[0] === x ? meanAxis(mean, index) : undefined;
  const epsilon = scalarOf(index, sum.inputs[at])!;
  if (axis === undefined || meanAxis(variance, index) !== axis || index.type(x) !== 'float32') return undefined;
  // What else reads a part of it would need that part computed anyway.
  const sole = [sum.outputs[0], variance.outputs[0], variance.inputs[0], node.inputs[1]];
  if (sole.some((value) => index.soleUser(value) === undefined)) return undefined;
  return epsilon >= 0 && sizeOf(index.dims(x)!) >= WORTH ? { x, axis, epsilon } : undefined;
}

/** The one reader of `node` if it is `op` with a constant that broadcasts to the dims from `axis` on, and that constant. */
function next(node: Node, op: string, own: readonly number[], index: GraphIndex): [Node, string] | undefined {
  if (node.clamp) return undefined;
  const reader = index.soleUser(node.outputs[0]);
  if (reader?.op !== op) return undefined;
  const operand = reader.inputs[0] === node.outputs[0] ? reader.inputs[1] : reader.inputs[0];
  const dims = index.constant(operand)?.dims;
  if (!dims || !sameDims(index.dims(reader.outputs[0]) ?? [], index.dims(node.outputs[0])!)) return undefined;
  const aligned = dims.slice(-own.length);
  const fits = aligned.every((d, i) => d === 1 || d === own[i + own.length - aligned.length]);
  return fits && dims.slice(0, -own.length).every((d) => d === 1) ? [reader, operand] : undefined;
}

const decomposed: Rule = (_graph, node, index) => {
  const match = matched(node, index);
  if (!match) return null;
  const { x, axis, epsilon } = match;
  const own = index.dims(x)!.slice(axis);
  const scale = next(node, 'Mul', own, index);
  const bias = next(scale?.[0] ?? node, 'Add', own, index);
  const last = bias?.[0] ?? scale?.[0] ?? node;
  return {
    note: `${node.op} '${node.name}' and what it reads became LayerNormalization '${last.name}'`,
    apply(edit) {
      const ones = () => edit.addConstant(`${last.name}/scale`, vector(range(sizeOf(own)).map(() => 1)));
      const inputs = [x, scale?.[1] ?? ones(), ...(bias ? [bias[1]] : [])];
      const before = last.inputs;
      edit.setNode(last, { op: 'LayerNormalization', inputs, attrs: { axis, epsilon } });
      const release = (value: string): void => {
        const producer = edit.producer(value);
        if (!producer || value === x || edit.users(value).length > 0 || edit.isOutput(value)) return;
        edit.removeNode(producer);
        for (const name of producer.inputs) release(name);
      };
      for (const name of before) release(name);
    },
  };
};

/**
 * The mean, difference, square, mean, root and quotient that exporters write for a layer normalisation before opset 17 become one
 * LayerNormalization, with the constant factors and addends behind it, where there are enough elements for that to pay.
 */
export const fuseLayerNorm: Pass = {
  name: 'fuse-layer-norm',
  run: (graph: Graph) => rewrite(graph, [decomposed]),
};
