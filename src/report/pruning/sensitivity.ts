import type { SampleData } from '../../calibrate/samples.ts';
import { ZeroskipError } from '../../errors.ts';
import type { Graph } from '../../graph/ir.ts';
import { criterionNamed } from '../../prune/criteria/index.ts';
import { layersOf, type Shapes, shadowOf } from '../../prune/layers.ts';
import { type Evaluator, type Labels, lossOf, type MetricName } from '../../prune/metric.ts';
import { parsePattern } from '../../prune/patterns.ts';
import { fingerprintOf, memoryWork, type Work } from '../../prune/resume.ts';
import { choicesOf, sensitivity } from '../../prune/sensitivity.ts';
import type { Subject } from '../../prune/subject.ts';
import { subjectFor } from '../../prune/subjects.ts';
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
  const patternName = options.pattern ?? 'unstructured';
  const all = layersOf(graph, shadowOf(graph, shapes));
  const pattern = parsePattern(patternName);
  const choices = choicesOf(pattern, GRID);
  const { subject } = await subjectFor(graph, all, criterion, pattern, { all: true, data, shapes, seed, signal });
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
  const { units }: Subject = subject;
  const scanned = new Map(units.map(({ name }) => [name, choices]));
  const found = await sensitivity<{ readonly name: string }>(subject, evaluator, scanned, { session, step });
  const dense = await evaluator.of(graph);
  return {
    criterion: criterion.name,
    pattern: patternName,
    sparsities: choices.map(({ sparsity }) => sparsity),
    layers: units.map(({ name }) => ({
      name,
      losses: found.filter(({ layer }) => layer.name === name).map(({ quality }) => lossOf(quality, dense, metric)),
    })),
  };
}
