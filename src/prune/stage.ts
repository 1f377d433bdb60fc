import type { SampleData } from '../calibrate/samples.ts';
import { ensure, ZeroskipError } from '../errors.ts';
import type { Graph } from '../graph/ir.ts';
import { bisect, meet, type Problem, type Realised, realise, sizeOfLayer, type TableEntry } from './budget.ts';
import { gatherStats } from './calibration.ts';
import type { Costing, NetworkCost } from './costs.ts';
import { criterionNamed } from './criteria/index.ts';
import { layersOf, type Shapes, shadowOf } from './layers.ts';
import type { Evaluator, MetricName, Quality } from './metric.ts';
import { keptUnits, parsePattern, unitsOf } from './patterns.ts';
import { type LayerChoice, Pruner } from './pruner.ts';
import type { Stage } from './recipe.ts';
import { remember, type WorkSession } from './resume.ts';
import { masksFor } from './scope.ts';
import { selectLayers } from './select.ts';
import { choicesOf, interpolated, keyOf, sampled, sensitivity } from './sensitivity.ts';
import { type Target, targetOf } from './targets.ts';
import type { Layer, Pattern } from './types.ts';

export interface StageContext {
  graph: Graph;
  shapes: Shapes;
  seed: number;
  metric: MetricName;
  costing: Costing;
  data?: SampleData;
  evaluator?: Evaluator;
  session: WorkSession;
  /** Hears of the share of the stage that is done; throws where the run is to stop. */
  step(share: number): void;
}

export interface StageResult {
  realised: Realised;
  layers: readonly Layer[];
  targets: readonly Target[];
  problem: Problem;
  /** The same criterion with one sparsity for all layers, where both were tried. */
  uniform?: Quality;
}

/** Patterns that have kernels for any number of columns. */
const LATENCY_PATTERNS = ['unstructured', '2x1', '4x1'];

const targetsOf = ({ sparsity, target }: Stage): Target[] =>
  target ? Object.entries(target).map(([name, amount]) => targetOf(name, amount)) : [targetOf('sparsity', sparsity!)];

/** Prunes a network by one stage of a recipe. */
export async function runStage(stage: Stage, context: StageContext): Promise<StageResult> {
  const { graph, shapes, seed, evaluator } = context;
  const all = layersOf(graph, shadowOf(graph, shapes));
  const layers = selectLayers(graph, all, stage);
  const targets = targetsOf(stage);
  const criterion = criterionNamed(stage.criterion ?? 'magnitude-l1');
  const { needs } = criterion;
  ensure(
    needs === 'nothing' || context.data,
    'MISSING_INPUT',
    () => `criterion: '${criterion.name}' needs data, for statistics of the activations`,
  );
  const wanted = { inputs: needs === 'inputs', gram: needs === 'gram', outputs: needs === 'outputs' };
  context.step(0);
  const stats =
    needs === 'nothing' ? undefined : await gatherStats(graph, layers, context.data!, wanted, { shapes, seed });
  const pruner = new Pruner(graph, layers, criterion, { stats, seed });
  const timed = targets.some(({ name }) => name === 'latency');
  const names = stage.pattern ?? (timed ? LATENCY_PATTERNS : 'unstructured');
  const patterns = (Array.isArray(names) ? names : [names]).map(parsePattern);
  const budgeted = targets.some(({ name }) => name !== 'sparsity');
  const scope = stage.scope ?? (evaluator || budgeted ? 'auto' : 'layer');
  context.step(0);
  const dense = await context.costing(graph);
  const problem: Problem = {
    pruner,
    all,
    costing: context.costing,
    dense,
    targets,
    tables: [],
    step: () => context.step(0.95),
  };
  if (scope !== 'auto') return { realised: await spread(problem, patterns, scope), layers, targets, problem };
  ensure(
    evaluator,
    'MISSING_INPUT',
    'prune: data are needed to find out how far each layer can be pruned; without them scope is layer, global or erk',
  );
  const table = await costTable(problem, patterns, stage.all === true, context);
  return search(
    { ...problem, tables: await withLosses(table, problem, evaluator, context) },
    patterns,
    evaluator,
    context,
  );
}

/** Spreads one share over the layers by a scope of the literature. */
function spread(problem: Problem, patterns: readonly Pattern[], scope: 'layer' | 'global' | 'erk'): Promise<Realised> {
  const { pruner, targets } = problem;
  const [pattern] = patterns;
  const make = (sparsity: number): Map<string, LayerChoice> => {
    if (scope === 'layer' || pattern.kind === 'n:m' || pruner.criterion.solve)
      return new Map(pruner.layers.map(({ name }) => [name, { pattern, sparsity }]));
    const scored = pruner.layers.map((layer) => ({ layer, scores: pruner.scores(layer, pattern) }));
    const { masks } = masksFor(scored, pattern, sparsity, { kind: scope }, pruner.criterion);
    return new Map(
      pruner.layers.map((layer) => {
        const kept = masks.get(layer.name)!.reduce((sum, bit) => sum + bit, 0);
        const units = unitsOf(layer, pattern).count;
        const unit = sizeOfLayer(layer) / units;
        return [layer.name, { pattern, sparsity: 1 - kept / sizeOfLayer(layer), kept: Math.round(kept / unit) }];
      }),
    );
  };
  const [target] = targets;
  if (targets.length === 1 && target.name === 'sparsity') return realise(problem, make(target.value));
  return bisect(problem, make);
}

type CostEntry = Omit<TableEntry, 'loss'>;

/** A layer that becomes faster by less than this is not worth its loss. */
const FASTER = 0.995;

/**
 * What each layer costs with each choice: the network is compiled with all layers at one sparsity and pattern at a time. Choices that
 * the kernels do not make faster are left out unless `all`.
 */
async function costTable(
  { pruner, costing, dense }: Problem,
  patterns: readonly Pattern[],
  all: boolean,
  { session, step }: StageContext,
): Promise<CostEntry[][]> {
  const denseOf = ({ name }: Layer) => dense.layers.get(name) ?? { ns: 0, bytes: 0, format: 'dense' };
  const table = pruner.layers.map((layer): CostEntry[] => [
    { pattern: patterns[0], sparsity: 0, ...denseOf(layer), weights: sizeOfLayer(layer) },
  ]);
  const choices = patterns.flatMap((pattern) => choicesOf(pattern));
  for (const [i, choice] of choices.entries()) {
    step((0.2 * i) / choices.length);
    const costs = await remember(
      session,
      `costs ${keyOf({ name: '*' } as Layer, choice)}`,
      pruner.layers.length * 2,
      async () => {
        const { graph } = pruner.apply(new Map(pruner.layers.map(({ name }) => [name, choice])));
        const { layers } = (await costing(graph)) as NetworkCost;
        return pruner.layers.flatMap((layer) => {
          const { ns, bytes } = layers.get(layer.name) ?? denseOf(layer);
          return [ns, bytes];
        });
      },
    );
    pruner.layers.forEach((layer, l) => {
      const [ns, bytes] = costs.slice(2 * l);
      if (!all && ns >= denseOf(layer).ns * FASTER) return;
      const { count } = unitsOf(layer, choice.pattern);
      const kept = choice.pattern.kind === 'n:m' ? count * (1 - choice.sparsity) : keptUnits(count, choice.sparsity);
      table[l].push({ ...choice, ns, bytes, weights: (kept * sizeOfLayer(layer)) / count });
    });
  }
  ensure(
    table.some((own) => own.length > 1),
    'INVALID_ARGUMENT',
    'prune: nothing to prune: no layer becomes faster at any sparsity; --all (all: true) prunes them all the same',
  );
  return table;
}

/** Adds what each choice loses when its layer is pruned alone. */
async function withLosses(
  table: readonly (readonly CostEntry[])[],
  { pruner }: Problem,
  evaluator: Evaluator,
  { session, step }: StageContext,
): Promise<TableEntry[][]> {
  const choices = new Map(pruner.layers.map(({ name }, l) => [name, sampled(table[l].slice(1))]));
  const scan = await sensitivity(pruner, evaluator, choices, { session, step: (share) => step(0.2 + 0.7 * share) });
  const byKey = new Map(scan.map(({ layer, choice, quality }) => [keyOf(layer, choice), quality.mse]));
  return table.map(([dense, ...own], l) => {
    const known = (choice: LayerChoice): number | undefined => byKey.get(keyOf(pruner.layers[l], choice));
    const names = [...new Set(own.map(({ pattern }) => pattern))];
    const rest = names.flatMap((pattern) => {
      const group = own.filter((entry) => entry.pattern === pattern);
      const losses = interpolated(group, known);
      return group.map((entry, i) => ({ ...entry, loss: losses[i] }));
    });
    return [{ ...dense, loss: 0 }, ...rest];
  });
}

/** Choices by sensitivity, and one sparsity for all layers: what loses least in the whole network is taken. */
async function search(
  problem: Problem,
  patterns: readonly Pattern[],
  evaluator: Evaluator,
  { metric }: StageContext,
): Promise<StageResult> {
  const { pruner, targets, tables } = problem;
  const judge = async (realised: Realised): Promise<Quality> => evaluator.of(realised.graph);
  const better = (a: Quality, b: Quality): boolean =>
    metric === 'accuracy' && a.accuracy !== b.accuracy ? a.accuracy! > b.accuracy! : a.mse < b.mse;
  let best = await meet(problem);
  let quality = await judge(best);
  // Losses of several layers do not add up exactly: other powers spread them more, or less, evenly over the layers.
  for (const power of [0.5, 2]) {
    const own = tables.map((entries) => entries.map((entry) => ({ ...entry, loss: entry.loss ** power })));
    const other = await meet({ ...problem, tables: own });
    const its = await judge(other);
    if (better(its, quality)) [best, quality] = [other, its];
  }
  const useful = pruner.layers.filter((_, l) => tables[l].length > 1);
  const [pattern] = patterns;
  let uniform: Quality | undefined;
  try {
    const make = (sparsity: number) => new Map(useful.map(({ name }) => [name, { pattern, sparsity }] as const));
    const [target] = targets;
    const direct = targets.length === 1 && target.name === 'sparsity' && useful.length === pruner.layers.length;
    const even = await (direct ? realise(problem, make(target.value)) : bisect(problem, make));
    uniform = await judge(even);
    if (better(uniform, quality)) best = even;
  } catch (error) {
    // One sparsity for all cannot meet every budget that single choices do.
    if (!(error instanceof ZeroskipError) || error.code !== 'INVALID_ARGUMENT') throw error;
  }
  return { realised: best, layers: pruner.layers, targets, problem, uniform };
}
