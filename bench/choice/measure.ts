import { compileGraph, importOnnx } from '../../src/compile.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { OPS } from '../../src/ops/index.ts';
import { selectKernels } from '../../src/plan/select.ts';
import { timeCandidates, usableKernels } from '../../src/tune.ts';
import { type Layer, layerOf } from './layers.ts';

/** The kernels that the cost model chooses for a network beside the ones that it could have chosen, each measured for `leastMs`. */
export async function measureChoices(
  model: Uint8Array | Graph,
  leastMs: number,
  onProgress: (share: number, layer: string) => void,
): Promise<Layer[]> {
  const source = model instanceof Uint8Array ? importOnnx(model) : model;
  const [{ graph, schedule }] = compileGraph(source).planSet.plans;
  const times = new Map<string, ReadonlyMap<string, number>>();
  const chosen = new Map(schedule.steps.filter(({ node }) => node).map(({ name, kernel }) => [name, kernel]));
  for (const [i, step] of schedule.steps.entries()) {
    if (!step.node || usableKernels(step).length < 2) continue;
    onProgress(i / schedule.steps.length, step.name);
    times.set(step.name, await timeCandidates(graph, step, {}, compileGraph, leastMs));
  }
  // The same choices once more, now rated by what was measured.
  const rated = selectKernels(graph, {
    ops: OPS,
    sparse: 'auto',
    choose: ({ name }, candidates) => candidates.find(({ kernel }) => kernel === chosen.get(name)),
    measure: ({ name }, { kernel }) => times.get(name)?.get(kernel),
  });
  return rated.steps
    .filter(({ node, name }) => node && times.has(name))
    .map((step) => layerOf(graph, step, times.get(step.name)!));
}
