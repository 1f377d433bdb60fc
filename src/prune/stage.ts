import type { SampleData } from '../calibrate/samples.ts';
import { ensure } from '../errors.ts';
import type { Graph } from '../graph/ir.ts';
import { bisect, type Problem, type Realised, realise, sizeOfLayer } from './budget.ts';
import { gatherStats } from './calibration.ts';
import { ChannelSubject, type Left } from './channel_subject.ts';
import type { Costing } from './costs.ts';
import { criterionNamed } from './criteria/index.ts';
import { layersOf, type Shapes, shadowOf } from './layers.ts';
import type { Evaluator, MetricName, Quality } from './metric.ts';
import { parsePattern, unitsOf } from './patterns.ts';
import { Pruner } from './pruner.ts';
import type { Stage } from './recipe.ts';
import { Repairs } from './repair/index.ts';
import type { WorkSession } from './resume.ts';
import { type GlobalScope, masksFor, type Scored } from './scope.ts';
import { finish, search } from './search.ts';
import { selectLayers } from './select.ts';
import { sampled, sensitivity } from './sensitivity.ts';
import type { Choices, LayerChoice, Subject } from './subject.ts';
import { channelTables, layerTables, type Tabling } from './tables.ts';
import { type Target, targetOf } from './targets.ts';
import type { Criterion, Layer, Pattern, Stats } from './types.ts';

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
  const structured = patterns[0].kind === 'channel';
  step(0);
  const stats = (layers: readonly Layer[]) => statsFor(criterion, layers, context);
  const subject = structured
    ? new ChannelSubject(graph, all, stage, criterion, { shapes, seed, stats: await stats(all) })
    : await prunerFor(graph, selectLayers(graph, all, stage), criterion, seed, stats);
  const layers = subject instanceof ChannelSubject ? subject.touched : subject.layers;
  ensure(
    !stage.repair?.length || context.data,
    'MISSING_INPUT',
    'prune: repair needs data, which the layers are fitted to',
  );
  const repairs = stage.repair?.length
    ? new Repairs(stage.repair, graph, layers, context.data!, { shapes, seed, signal: context.signal })
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
    const realised = await spread(problem, patterns[0], scope, stage.floor);
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

async function statsFor(
  { name, needs }: Criterion,
  layers: readonly Layer[],
  { graph, data, shapes, seed, signal }: StageContext,
): Promise<ReadonlyMap<string, Stats> | undefined> {
  if (needs === 'nothing') return undefined;
  ensure(data, 'MISSING_INPUT', () => `criterion: '${name}' needs data, for statistics of the activations`);
  const wanted = { inputs: needs === 'inputs', gram: needs === 'gram', outputs: needs === 'outputs' };
  return gatherStats(graph, layers, data, wanted, { shapes, seed, signal });
}

async function prunerFor(
  graph: Graph,
  layers: readonly Layer[],
  criterion: Criterion,
  seed: number,
  stats: (layers: readonly Layer[]) => Promise<ReadonlyMap<string, Stats> | undefined>,
): Promise<Pruner> {
  return new Pruner(graph, layers, criterion, { seed, stats: await stats(layers) });
}

/** Spreads one share over the layers, or groups of channels, by a scope of the literature. */
function spread(
  problem: Problem,
  pattern: Pattern,
  scope: 'layer' | 'global' | 'erk',
  floor: GlobalScope['floor'],
): Promise<Realised> {
  const { subject, targets } = problem;
  const scored = scope === 'layer' || pattern.kind === 'n:m' ? undefined : scoredUnits(subject, pattern);
  const make = (sparsity: number): Choices => {
    if (!scored) return new Map(subject.units.map(({ name }) => [name, { pattern, sparsity }]));
    const { masks } = masksFor(scored, pattern, sparsity, { kind: scope, floor } as GlobalScope, subject.criterion);
    return new Map(
      scored.map(({ layer }): [string, LayerChoice] => {
        const kept = masks.get(layer.name)!.reduce((sum, bit) => sum + bit, 0);
        const unit = sizeOfLayer(layer) / unitsOf(layer, pattern).count;
        return [layer.name, { pattern, sparsity: 1 - kept / sizeOfLayer(layer), kept: Math.round(kept / unit) }];
      }),
    );
  };
  const [target] = targets;
  if (targets.length === 1 && target.name === 'sparsity' && subject instanceof Pruner)
    return realise(problem, make(target.value));
  return bisect(problem, make);
}

/** Scores of layers; of groups as if each were a layer with a row for each channel. */
function scoredUnits(subject: Subject, pattern: Pattern): readonly Scored[] {
  if (subject instanceof Pruner)
    return subject.layers.map((layer) => ({ layer, scores: subject.scores(layer, pattern) }));
  if (!(subject instanceof ChannelSubject)) return [];
  return subject.units.map((unit) => {
    const { channels, parameters } = unit.group;
    const cols = Math.max(1, Math.round(parameters.reduce((a, b) => a + b, 0) / channels));
    const layer = { name: unit.name, rows: channels, cols, groups: 1, kernel: [], taps: 1 } as unknown as Layer;
    return { layer, scores: subject.scores(unit) };
  });
}
