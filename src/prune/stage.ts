import type { SampleData } from '../calibrate/samples.ts';
import { ensure } from '../errors.ts';
import type { Graph } from '../graph/ir.ts';
import { bisect, type Problem, type Realised, realise } from './budget.ts';
import { ChannelSubject, type Left } from './channel_subject.ts';
import type { Costing } from './costs.ts';
import { criterionNamed } from './criteria/index.ts';
import { layersOf, type Shapes, shadowOf } from './layers.ts';
import type { Evaluator, MetricName, Quality } from './metric.ts';
import { parsePattern } from './patterns.ts';
import { Pruner } from './pruner.ts';
import type { Stage } from './recipe.ts';
import { Repairs } from './repair/index.ts';
import type { WorkSession } from './resume.ts';
import { finish, search } from './search.ts';
import { sampled, sensitivity } from './sensitivity.ts';
import { spreading, subjectFor } from './subjects.ts';
import { channelTables, layerTables, type Tabling } from './tables.ts';
import { type Target, targetOf } from './targets.ts';

export interface StageContext {
  graph: Graph;
  shapes: Shapes;
  seed: number;
  metric: MetricName;
  costing: Costing;
  data?: SampleData;
  evaluator?: Evaluator;
  session: WorkSession;
  signal?: AbortSignal;
  /** Hears of the share of the stage that is done; throws where the run is to stop. */
  step(share: number): void;
}

export interface StageResult {
  realised: Realised;
  targets: readonly Target[];
  problem: Problem;
  /** Layers and groups that could not be pruned or repaired, and why. */
  left: readonly Left[];
  /** The same criterion with one sparsity for all layers or groups, where both were tried. */
  uniform?: Quality;
  /** The network that was chosen as it was before its repair. */
  unrepaired?: Quality;
}

/** Patterns that have kernels for any number of columns. */
const LATENCY_PATTERNS = ['unstructured', '2x1', '4x1'];

const targetsOf = ({ sparsity, target }: Stage): Target[] =>
  target ? Object.entries(target).map(([name, amount]) => targetOf(name, amount)) : [targetOf('sparsity', sparsity!)];

/** Prunes a network by one stage of a recipe. */
export async function runStage(stage: Stage, context: StageContext): Promise<StageResult> {
  const { graph, shapes, seed, evaluator, step } = context;
  const all = layersOf(graph, shadowOf(graph, shapes));
  const targets = targetsOf(stage);
  const criterion = criterionNamed(stage.criterion ?? 'magnitude-l1');
  const timed = targets.some(({ name }) => name === 'latency');
  const names = stage.pattern ?? (timed ? LATENCY_PATTERNS : 'unstructured');
  const patterns = (Array.isArray(names) ? names : [names]).map(parsePattern);
  step(0);
  const { data, signal } = context;
  const { subject, layers } = await subjectFor(graph, all, criterion, patterns[0], {
    ...stage,
    data,
    shapes,
    seed,
    signal,
  });
  ensure(!stage.repair?.length || data, 'MISSING_INPUT', 'prune: repair needs data, which the layers are fitted to');
  const repairs = stage.repair?.length
    ? new Repairs(stage.repair, graph, layers, data!, { shapes, seed, signal })
    : undefined;
  step(0);
  const extra = repairs?.bytes ?? 0;
  const costing: Costing = async (g) => {
    const cost = await context.costing(g);
    return { ...cost, bytes: cost.bytes + extra };
  };
  const dense = await context.costing(graph);
  const problem: Problem = { subject, layers, all, costing, dense, targets, tables: [], step: () => step(0.95) };
  const left = subject instanceof ChannelSubject ? subject.left : [];
  const budgeted = targets.some(({ name }) => name !== 'sparsity');
  const scope = stage.scope ?? (evaluator || budgeted ? 'auto' : 'layer');
  if (scope !== 'auto') {
    const make = spreading(subject, patterns[0], scope, stage.floor);
    const [target] = targets;
    const direct = targets.length === 1 && target.name === 'sparsity' && subject instanceof Pruner;
    const realised = await (direct ? realise(problem, make(target.value)) : bisect(problem, make));
    const finished = await finish(problem, realised, repairs, evaluator, context.metric);
    return { targets, problem, ...finished, left: [...left, ...finished.left] };
  }
  ensure(
    evaluator,
    'MISSING_INPUT',
    'prune: data are needed to find out how far each layer can be pruned; without them scope is layer, global or erk',
  );
  const tabling: Tabling = { session: context.session, step: (share) => step(0.2 * share) };
  const tables =
    subject instanceof ChannelSubject
      ? await channelTables(problem, subject, patterns[0], tabling)
      : await layerTables(problem, subject, patterns, stage.all === true, tabling);
  const scanned = new Map(subject.units.map(({ name }, u) => [name, sampled(tables[u].slice(1))]));
  const scan = await sensitivity<{ readonly name: string }>(subject, evaluator, scanned, {
    session: context.session,
    step: (share) => step(0.2 + 0.7 * share),
  });
  const found = await search({ problem, tables, scan, patterns, evaluator, repairs, metric: context.metric });
  return { targets, problem, ...found, left: [...left, ...found.left] };
}
