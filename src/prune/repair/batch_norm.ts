import type { SampleData } from '../../calibrate/samples.ts';
import { cloneGraph, Editor } from '../../graph/edit.ts';
import type { Graph } from '../../graph/ir.ts';
import { Tensor } from '../../tensor.ts';
import type { RunOptions } from '../runs.ts';
import { momentsOf } from './moments.ts';
import type { Repaired } from './repaired.ts';

/** Numbers of a channel below which its variance is a guess. */
const ENOUGH = 32;

/**
 * Re-estimates mean and variance of every BatchNormalization from calibration data: what pruning did to the numbers before it is normalised
 * away again. Node after node, so that each sees what those before it now make. Scale and bias stay.
 *
 * Nodes with fewer than 32 numbers for a channel are left, as are those whose statistics are no constants.
 *
 * @throws ZeroskipError as `runSamples`
 */
export async function reestimateBatchNorm(
  pruned: Graph,
  data: SampleData,
  options: RunOptions = {},
): Promise<Repaired<Graph>> {
  const { progress = () => {}, ...rest } = options;
  const graph = cloneGraph(pruned);
  const nodes = graph.nodes.filter(({ op }) => op === 'BatchNormalization');
  const result: Repaired<Graph> = { graph, changed: [], left: [] };
  for (const [i, node] of nodes.entries()) {
    const edit = new Editor(graph);
    const { name, inputs } = node;
    if (![3, 4].every((position) => edit.constant(inputs[position]))) {
      result.left.push({ name, reason: 'its mean and variance are no constants' });
      continue;
    }
    const all = await momentsOf(graph, [{ name: inputs[0], axis: 1 }], data, {
      ...rest,
      progress: (p) => progress((i + p) / nodes.length),
    });
    const { count, mean, variance } = all.get(inputs[0])!;
    if (count < ENOUGH) {
      result.left.push({ name, reason: `it has seen ${count} numbers for each channel, ${ENOUGH} are needed` });
      continue;
    }
    const vector = (numbers: Float64Array) => new Tensor('float32', Float32Array.from(numbers), [numbers.length]);
    edit.setOperand(node, 3, vector(mean), `${name}/mean`);
    edit.setOperand(node, 4, vector(variance), `${name}/variance`);
    edit.commit();
    result.changed.push(name);
  }
  progress(1);
  return result;
}
