import type { Graph } from '../graph/ir.ts';
import { sortTopologically } from '../graph/order.ts';
import { quote, type Source } from './source.ts';
import { define } from './values.ts';

/**
 * Adds what the nodes of `graph` make to its values, checks that all they read is made by something, and sorts them.
 *
 * @throws ZeroskipError `INVALID_MODEL` naming a value that is made twice or by nothing, or a node behind a cycle.
 */
export function linkNodes(source: Source, graph: Graph): void {
  const { nodes, values } = graph;
  for (const { op, name, outputs } of nodes) {
    for (const output of outputs)
      if (output !== '') define(source, values, { name: output, type: 'float32' }, `output of ${op} ${quote(name)}`);
  }
  for (const { op, name, inputs } of nodes) {
    for (const input of inputs) {
      const known = input === '' || values.has(input);
      source.expect(known, () => `${op} ${quote(name)} reads ${quote(input)}, which nothing makes`);
    }
  }
  source.head(() => sortTopologically(graph));
}
