import { cloneGraph, Editor } from '../graph/edit.ts';
import type { Graph } from '../graph/ir.ts';
import { sameDims, type Tensor } from '../tensor.ts';
import { type Shapes, shadowOf } from './layers.ts';
import { withFolded } from './structured.ts';

/** What the symbols are bound to, one set after the other: first to these numbers, then to those plus their place. */
const BINDINGS = [2, 5];

/** Elements of a constant that is a shape or a part of one. */
const MOST_ELEMENTS = 64;

/**
 * The graph with constants for what its nodes compute of shapes and what is the same whatever its symbolic dims are, such as the width of a head
 * in the reshapes of an attention that PyTorch exports with an open batch. Values keep their names. A number counts as the same if it is so for
 * three bindings of all symbols; where the graph does not take other bindings, nothing changes.
 */
export function withStaticShapes(graph: Graph, shapes: Shapes = {}): Graph {
  const computed = graph.nodes.some(({ op }) => op === 'Shape');
  if (!computed) return graph;
  const graphs = [shapes, ...otherBindings(graph, shapes)].map((own) => foldedOrNot(graph, own));
  const [first, ...others] = graphs;
  if (!first || others.includes(undefined)) return graph;
  const copy = cloneGraph(graph);
  const edit = new Editor(copy);
  const byOutput = new Map(copy.nodes.map((node) => [node.outputs[0], node]));
  for (const node of graph.nodes) {
    const tensors = node.outputs.map((name) => staticOf(name, first, others as Graph[]));
    if (tensors.length === 0 || tensors.includes(undefined) || node.outputs.some((name) => edit.isOutput(name)))
      continue;
    node.outputs.forEach((name, i) => {
      edit.setValue(name, { constant: tensors[i], type: 'int64', dims: tensors[i]!.dims });
    });
    edit.removeNode(byOutput.get(node.outputs[0])!);
  }
  removeUnread(edit);
  edit.commit();
  return copy;
}

/** Shapes with other numbers for the symbolic dims of the inputs that `shapes` does not bind. */
function otherBindings(graph: Graph, shapes: Shapes): Shapes[] {
  const symbols = new Map<string, number>();
  const open = graph.inputs.filter((name) => !Object.hasOwn(shapes, name));
  for (const name of open)
    for (const dim of graph.values.get(name)!.dims ?? [])
      if (typeof dim === 'string' && !symbols.has(dim)) symbols.set(dim, symbols.size);
  return BINDINGS.map((base) => ({
    ...shapes,
    ...Object.fromEntries(
      open.map((name) => [
        name,
        (graph.values.get(name)!.dims ?? []).map((dim) => (typeof dim === 'string' ? base + symbols.get(dim)! : dim)),
      ]),
    ),
  }));
}

function foldedOrNot(graph: Graph, shapes: Shapes): Graph | undefined {
  try {
    return withFolded(graph, shadowOf(graph, shapes));
  } catch {
    return undefined;
  }
}

/** The integers that `name` has in all graphs. */
function staticOf(name: string, first: Graph, others: readonly Graph[]): Tensor | undefined {
  const tensor = first.values.get(name)?.constant;
  if (tensor?.type !== 'int64' || tensor.size > MOST_ELEMENTS) return undefined;
  const isSame = (other: Tensor | undefined): boolean =>
    other?.type === 'int64' && sameDims(other.dims, tensor.dims) && tensor.data.every((x, i) => x === other.data[i]);
  return others.every(({ values }) => isSame(values.get(name)?.constant)) ? tensor : undefined;
}

/** Removes nodes whose results nobody reads any more, last first. */
function removeUnread(edit: Editor): void {
  for (const node of [...edit.graph.nodes].reverse()) if (!edit.isRemoved(node)) edit.removeUnused(node);
}
