import { ZeroskipError } from '../errors.ts';
import type { Graph, Node } from './ir.ts';

/**
 * Sorts `graph.nodes` so that producers stand before users; nodes that are ready keep their order.
 *
 * @throws ZeroskipError `INVALID_MODEL` if the nodes form a cycle.
 */
export function sortTopologically(graph: Graph): void {
  const producers = new Map<string, Node>();
  for (const node of graph.nodes) for (const name of node.outputs) if (name !== '') producers.set(name, node);
  const waiting = new Map<Node, number>();
  const users = new Map<Node, Node[]>();
  for (const node of graph.nodes) {
    const sources = new Set(node.inputs.map((name) => producers.get(name)).filter((source) => source !== undefined));
    waiting.set(node, sources.size);
    for (const source of sources) {
      const list = users.get(source);
      if (list) list.push(node);
      else users.set(source, [node]);
    }
  }
  const sorted = isSorted(graph, producers) ? [...graph.nodes] : graph.nodes.filter((node) => waiting.get(node) === 0);
  if (sorted.length < graph.nodes.length) {
    for (let i = 0; i < sorted.length; i++) {
      for (const user of users.get(sorted[i]) ?? []) {
        const left = waiting.get(user)! - 1;
        waiting.set(user, left);
        if (left === 0) sorted.push(user);
      }
    }
  }
  if (sorted.length < graph.nodes.length) {
    const stuck = graph.nodes.find((node) => waiting.get(node)! > 0)!;
    throw new ZeroskipError('INVALID_MODEL', `${stuck.op} '${stuck.name}': the nodes form a cycle`);
  }
  graph.nodes = sorted;
}

function isSorted(graph: Graph, producers: ReadonlyMap<string, Node>): boolean {
  const seen = new Set<Node>();
  for (const node of graph.nodes) {
    for (const name of node.inputs) {
      const source = producers.get(name);
      if (source && !seen.has(source)) return false;
    }
    seen.add(node);
  }
  return true;
}
