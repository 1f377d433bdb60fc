import { Editor, type GraphIndex } from './edit.ts';
import type { Graph, Node } from './ir.ts';

/** One change of a graph, decided but not yet done. */
export interface Patch {
  /** A sentence for the report of the pass. */
  note?: string;
  apply(edit: Editor): void;
}

/** Looks at one node, guards first: the patch, or null where the rule does not apply. */
export type Rule = (graph: Graph, node: Node, index: GraphIndex) => Patch | null;

const SWEEPS = 32;

/**
 * Applies `rules` to every node in topological order, sweep after sweep, until no rule applies or `sweeps` are done (the graph is
 * right after every patch, so stopping early only leaves something on the table). Returns the notes of the applied patches.
 */
export function rewrite(graph: Graph, rules: readonly Rule[], sweeps = SWEEPS): string[] {
  const notes: string[] = [];
  for (let sweep = 0, changed = true; changed && sweep < sweeps; sweep++) {
    changed = false;
    const edit = new Editor(graph);
    for (const node of [...graph.nodes]) {
      for (const rule of rules) {
        if (edit.isRemoved(node)) break;
        const patch = rule(graph, node, edit);
        if (!patch) continue;
        patch.apply(edit);
        changed = true;
        if (patch.note) notes.push(patch.note);
      }
    }
    edit.commit();
  }
  return notes;
}
