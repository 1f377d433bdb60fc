import { Editor } from '../graph/edit.ts';
import type { Pass } from './pass.ts';

/** Removes nodes without a used output, and values and constants that nothing refers to. Graph inputs stay. */
export const deadCode: Pass = {
  name: 'dead-code',
  run(graph) {
    const edit = new Editor(graph);
    const before = graph.nodes.length;
    for (const node of [...graph.nodes].reverse()) edit.removeUnused(node);
    edit.commit();
    edit.releaseUnused();
    const removed = before - graph.nodes.length;
    return removed ? [`${removed} unused nodes removed`] : [];
  },
};
