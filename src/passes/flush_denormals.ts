import { Editor } from '../graph/edit.ts';
import { linearOf } from '../graph/linear.ts';
import { Tensor } from '../tensor.ts';
import type { Pass } from './pass.ts';

/** The smallest normal float32. */
const SMALLEST_NORMAL = 2 ** -126;

const isDenormal = (w: number): boolean => w !== 0 && Math.abs(w) < SMALLEST_NORMAL;

function countDenormals(data: Float32Array): number {
  let count = 0;
  for (let i = 0; i < data.length; i++) if (isDenormal(data[i])) count++;
  return count;
}

/** Weights below the smallest normal float32 become 0: they cost time on most hosts and add nothing. */
export const flushDenormals: Pass = {
  name: 'flush-denormals',
  run(graph) {
    const edit = new Editor(graph);
    const notes: string[] = [];
    for (const node of graph.nodes) {
      const data = linearOf(node, edit)?.data;
      const count = data ? countDenormals(data) : 0;
      if (!data || count === 0) continue;
      const flushed = data.map((w) => (isDenormal(w) ? 0 : w));
      const weight = new Tensor('float32', flushed, edit.constant(node.inputs[1])!.dims);
      edit.setOperand(node, 1, weight, '');
      notes.push(`${node.op} '${node.name}': ${count} denormal weights are 0 now`);
    }
    edit.commit();
    return notes;
  },
};
