import type { GraphIndex } from '../graph/edit.ts';
import type { Graph, Node } from '../graph/ir.ts';
import { type Rule, rewrite } from '../graph/rewrite.ts';
import { sameDims } from '../tensor.ts';
import type { Pass } from './pass.ts';

/** True if the only reader of `conv`, an image convolution by the SpMM kernels, is an Add of an equal shape. */
function accepts(conv: Node | undefined, add: Node, index: GraphIndex): conv is Node {
  if (conv?.op !== 'Conv' || conv.clamp || (conv.attrs.group ?? 1) !== 1) return false;
  const dims = index.dims(conv.outputs[0]);
  const sum = index.dims(add.outputs[0]);
  const image = dims?.length === 4 && dims[2] * dims[3] > 1 && sum && sameDims(dims, sum);
  const filters = index.constant(conv.inputs[1])?.dims[0] ?? 1;
  // Kernels of four rows a block read and write whole blocks.
  return Boolean(image) && filters % 4 === 0 && index.soleUser(conv.outputs[0]) === add;
}

/** `Conv(x) + z` is one node that starts its sums from z. Of two convolutions the later one takes the sum. */
const intoConv =
  (positions: ReadonlyMap<Node, number>): Rule =>
  (_graph, node, index) => {
    if (node.op !== 'Add') return null;
    const at = (name: string): number => positions.get(index.producer(name) as Node) ?? -1;
    const operands = [...node.inputs].sort((a, b) => at(b) - at(a));
    const own = operands.findIndex((name) => accepts(index.producer(name), node, index));
    const conv = index.producer(operands[own]);
    const z = operands[1 - own];
    const [dims, sum] = [z && index.dims(z), index.dims(node.outputs[0])];
    if (!conv || !dims || !sum || !sameDims(dims, sum) || index.constant(z)) return null;
    return {
      note: `Add '${node.name}' fused into Conv '${conv.name}'`,
      apply(edit) {
        const { name, attrs, inputs } = conv;
        const [x, w, b = ''] = inputs;
        // At the place of the Add both operands are there.
        edit.setNode(node, { op: 'FusedConv', name, attrs, inputs: [x, w, b, z] });
        edit.removeNode(conv);
      },
    };
  };

/** Moves the additions of residual connections into the convolutions before them. */
export const fuseAdd: Pass = {
  name: 'fuse-add',
  run: (graph: Graph) => rewrite(graph, [intoConv(new Map(graph.nodes.map((node, i) => [node, i])))]),
};
