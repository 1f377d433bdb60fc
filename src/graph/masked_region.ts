import type { GraphIndex } from './edit.ts';
import type { Graph, Node } from './ir.ts';

/** Nodes that read one value that is not constant from outside, and give one value to the outside. */
export interface MaskedRegion {
  /** In the order of the graph. */
  nodes: Node[];
  input: string;
  output: string;
}

/** The region that `nodes` form, or a sentence why they form none. */
export function maskedRegion(graph: Graph, index: GraphIndex, nodes: ReadonlySet<Node>): MaskedRegion | string {
  const ordered = graph.nodes.filter((node) => nodes.has(node));
  const made = new Set(ordered.flatMap((node) => node.outputs.filter(Boolean)));
  const read = ordered.flatMap((node) => node.inputs.filter((name) => name && !index.constant(name)));
  const inputs = [...new Set(read.filter((name) => !made.has(name)))];
  const outputs = [...made].filter(
    (name) => index.isOutput(name) || index.users(name).some((user) => !nodes.has(user)),
  );
  const list = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ') || 'none';
  if (inputs.length !== 1) return `the nodes read one value from outside, found ${list(inputs)}`;
  if (outputs.length !== 1) return `one value of the nodes is read outside, found ${list(outputs)}`;
  const [input, output] = [inputs[0], outputs[0]];
  const joined = nodesBetween(graph, index, input, output);
  const loose = ordered.find((node) => !joined?.includes(node));
  if (loose) return `the nodes are not connected: '${output}' does not depend on ${loose.op} '${loose.name}'`;
  return { nodes: ordered, input, output };
}

/** The nodes that `output` is computed by from `input` and constants, in the order of the graph; undefined if it needs more than these. */
export function nodesBetween(graph: Graph, index: GraphIndex, input: string, output: string): Node[] | undefined {
  const found = new Set<Node>();
  const pending = [output];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (name === '' || name === input || index.constant(name)) continue;
    const node = index.producer(name);
    if (!node) return undefined;
    if (found.has(node)) continue;
    found.add(node);
    pending.push(...node.inputs);
  }
  return graph.nodes.filter((node) => found.has(node));
}
