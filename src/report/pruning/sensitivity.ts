import type { SampleData } from '../../calibrate/samples.ts';
import { ZeroskipError } from '../../errors.ts';
import type { Graph } from '../../graph/ir.ts';
import { gatherStats } from '../../prune/calibration.ts';
import { criterionNamed } from '../../prune/criteria/index.ts';
import { layersOf, type Shapes, shadowOf } from '../../prune/layers.ts';
import { type Evaluator, type Labels, lossOf, type MetricName } from '../../prune/metric.ts';
import { parsePattern } from '../../prune/patterns.ts';
import { Pruner } from '../../prune/pruner.ts';
import { fingerprintOf, memoryWork, type Work } from '../../prune/resume.ts';
import { selectLayers } from '../../prune/select.ts';
import { choicesOf, sensitivity } from '../../prune/sensitivity.ts';
import type { SensitivityFacts } from './data.ts';

interface SensitivityOptions {
  data: SampleData;
  labels?: Labels;
  shapes: Shapes;
  metric: MetricName;
  criterion?: string;
  pattern?: string;
  seed?: number;
  work?: Work;
  signal?: AbortSignal;
  onProgress(share: number): void;
}

/** Sparsities of a scan for the eye. */
const GRID = [0.5, 0.7, 0.8, 0.9, 0.95, 0.98];

/** The loss of the network with each layer pruned alone, at a few sparsities. */
export async function sensitivityFacts(
  graph: Graph,
  evaluator: Evaluator,
  options: SensitivityOptions,
): Promise<SensitivityFacts> {
  const { data, shapes, metric, seed = 0, work = memoryWork(), signal, onProgress } = options;
  const criterion = criterionNamed(options.criterion ?? 'magnitude-l1');
  const { needs } = criterion;
  const patternName = options.pattern ?? 'unstructured';
  const choices = choicesOf(parsePattern(patternName), GRID);
  const layers = selectLayers(graph, layersOf(graph, shadowOf(graph, shapes)), { all: true });
  const key = {
    what: 'sensitivity',
    criterion: criterion.name,
    seed,
    labels: evaluator.labels && [...evaluator.labels],
  };
  const session = await work.open(fingerprintOf(graph, data, key));
  const step = (share: number): void => {
    if (signal?.aborted) throw new ZeroskipError('ABORTED', 'report: aborted', { cause: signal.reason });
    onProgress(share);
  };
  const wanted = { inputs: needs === 'inputs', gram: needs === 'gram', outputs: needs === 'outputs' };
  const stats = needs === 'nothing' ? undefined : await gatherStats(graph, layers, data, wanted, { shapes, seed });
  const pruner = new Pruner(graph, layers, criterion, { stats, seed });
  const found = await sensitivity(pruner, evaluator, new Map(layers.map(({ name }) => [name, choices])), {
    session,
    step,
  });
  const dense = await evaluator.of(graph);
  return {
    criterion: criterion.name,
    pattern: patternName,
    sparsities: choices.map(({ sparsity }) => sparsity),
    layers: layers.map(({ name }) => ({
      name,
      losses: found.filter(({ layer }) => layer.name === name).map(({ quality }) => lossOf(quality, dense, metric)),
    })),
  };
}
