import type { SampleData } from '../calibrate/samples.ts';
import { type ModelSource, toGraph } from '../compile.ts';
import { ensure, ZeroskipError } from '../errors.ts';
import type { Graph } from '../graph/ir.ts';
import { amountOf, keptIn, limitOf } from './budget.ts';
import { ChannelSubject, type Left } from './channel_subject.ts';
import { type Costing, measured, modelled, type NetworkCost } from './costs.ts';
import { magnitudeL1 } from './criteria/magnitude.ts';
import { layersOf, type Shapes, shadowOf, weightsOf } from './layers.ts';
import { composed } from './masks.ts';
import { Evaluator, type Labels, type MetricName, type Quality } from './metric.ts';
import { maskSparsity, patternName } from './patterns.ts';
import { Pruner } from './pruner.ts';
import { checkRecipe, type Recipe, type Stage } from './recipe.ts';
import { fingerprintOf, memoryWork, type Work } from './resume.ts';
import { runStage, type StageResult } from './stage.ts';
import type { TargetName } from './targets.ts';
import type { Layer, Mask, Masks } from './types.ts';

export interface PruneOptions {
  /** Samples of the inputs, as for `calibrate`. */
  data?: SampleData;
  /** One class for each sample. */
  labels?: Labels;
  /** Dims that bind symbolic dimensions for latency and bytes; unset: a batch of 1. */
  shapes?: Shapes;
  /** Times latencies on this machine instead of modelling them. */
  measure?: boolean;
  /** Masks that are applied before the first stage, by layer name; with them a recipe may have no stage. */
  masks?: Masks;
  /** Keeps finished measurements. */
  work?: Work;
  signal?: AbortSignal;
  /** Hears of the share that is done, 0 to 1. */
  onProgress?: (share: number) => void;
}

/** Quality and costs of a network; `latency` in ns, `flops` in multiplications of the layers with weights. */
export interface Figures {
  metric?: Quality;
  latency: number;
  bytes: number;
  flops: number;
}

/** What became of a layer that was to be pruned. */
export interface LayerReport {
  name: string;
  pattern: string;
  /** Share of zero weights. */
  sparsity: number;
  /** Weight format that the planner takes. */
  format: string;
}

export interface TargetReport {
  name: TargetName;
  /** What was asked for, in ns, bytes, multiplications or as a share of zeros, and what came out. */
  wanted: number;
  reached: number;
}

export interface PruneReport {
  metric: MetricName;
  /** Samples behind the metric; 0 without data. */
  samples: number;
  measured: boolean;
  dense: Figures;
  pruned: Figures;
  /** The network with one sparsity for all layers at the same budgets, where a search tried it. */
  uniform?: Quality;
  /** The network before the repair that the last stage asks for. */
  unrepaired?: Quality;
  targets: TargetReport[];
  layers: LayerReport[];
  /** Groups of channels that cannot be pruned and layers that were not repaired, with the reason. */
  left: Left[];
}

export interface PruneResult {
  /** The network with zeros, or without the channels that went; symbolic dims and names are those of the source. */
  graph: Graph;
  /** By layer name, of the weights of the source. */
  masks: Masks;
  report: PruneReport;
}

/** Room that the report takes in a package, in bytes: it stands in the metadata of the network. */
const REPORT_BYTES = { fixed: 1300, layer: 110 };

/**
 * Prunes a network by a recipe. Budgets hold in the whole network, as `compile` plans it.
 *
 * The recipe and the report, but for what it left, travel in the metadata of the graph, `zeroskip.recipe` and `zeroskip.prune`, and so into packages and
 * ONNX files.
 *
 * @throws ZeroskipError `INVALID_ARGUMENT` for a recipe with a mistake (it names the place), a budget that cannot be reached, a network with
 *   nothing to prune, or labels that are no classes; what `compile` throws; `MISSING_INPUT`, `TYPE_MISMATCH`, `SHAPE_MISMATCH` for
 *   data that the network cannot read; `ABORTED`
 */
export async function prune(source: ModelSource, recipe: Recipe, options: PruneOptions = {}): Promise<PruneResult> {
  const given = options?.masks;
  const { stages, seed = 0, metric: wanted } = given && recipe?.stages?.length === 0 ? recipe : checkRecipe(recipe);
  const { data, labels, shapes = {}, measure = false, work = memoryWork(), signal, onProgress = () => {} } = options;
  ensure(data || !labels, 'MISSING_INPUT', 'prune: labels need data');
  const metric = wanted ?? (labels ? 'accuracy' : 'output-mse');
  ensure(metric !== 'accuracy' || labels, 'MISSING_INPUT', 'prune: the metric accuracy needs labels');
  const start = await toGraph(source);
  // Refuses what cannot be pruned before anything is run.
  const all = layersOf(start, shadowOf(start, shapes));
  const evaluator = data && (await Evaluator.of(start, data, labels, shapes));
  const overhead =
    JSON.stringify(recipe).length +
    all.reduce((sum, { name }) => sum + 2 * name.length + REPORT_BYTES.layer, REPORT_BYTES.fixed);
  const costing = withOverhead(measure ? measured(shapes) : modelled(shapes), overhead);
  const dense = await (measure ? measured(shapes) : modelled(shapes))(start);
  const { graph: masked, masks: applied } = new Pruner(start, all, magnitudeL1).applyMasks(given ?? new Map());
  let graph = masked;
  const stagesOf = new Map([...applied].map(([name, mask]) => [name, [mask]]));
  const results: StageResult[] = [];
  for (const [i, stage] of stages.entries()) {
    const session = await work.open(
      fingerprintOf(graph, data, { ...keyed(stage), seed, shapes, measure, labels: labels && labelList(labels) }),
    );
    const step = (share: number): void => {
      if (signal?.aborted) throw new ZeroskipError('ABORTED', 'prune: aborted', { cause: signal.reason });
      onProgress((i + share) / stages.length);
    };
    const context = { graph, shapes, seed, metric, costing, evaluator, session, signal, step, data };
    const result = await runStage(stage, context);
    graph = result.realised.graph;
    for (const [name, mask] of result.realised.masks) stagesOf.set(name, [...(stagesOf.get(name) ?? []), mask]);
    results.push(result);
  }
  const masks = new Map([...stagesOf].map(([name, own]) => [name, composed(own)]));
  const cost = await (measure ? measured(shapes) : modelled(shapes))(graph);
  const figures = async (g: Graph, c: NetworkCost): Promise<Figures> => ({
    metric: await evaluator?.of(g),
    latency: c.ns,
    bytes: c.bytes,
    flops: multiplications(g, shapes),
  });
  const last = results.at(-1);
  const report: PruneReport = {
    metric,
    samples: evaluator?.samples ?? 0,
    measured: measure,
    dense: await figures(start, dense),
    pruned: await figures(graph, cost),
    uniform: last?.uniform,
    unrepaired: last?.unrepaired,
    targets: results.flatMap(targetsReached),
    layers: layersReported(all, masks, results, cost),
    left: results.flatMap(({ left }) => left),
  };
  onProgress(1);
  return { graph: withMetadata(graph, recipe, report), masks, report };
}

const labelList = (labels: Labels): string => Array.from('dims' in labels ? labels.data : labels, String).join();

/** What measurements depend on: not the budget, so that another one goes on from them. */
const keyed = ({ criterion, pattern, layers, skip, all }: Stage) => ({ criterion, pattern, layers, skip, all });

const withOverhead =
  (costing: Costing, bytes: number): Costing =>
  async (graph) => {
    const cost = await costing(graph);
    return { ...cost, bytes: cost.bytes + bytes };
  };

/** Multiplications by weights that are not zero. */
function multiplications(graph: Graph, shapes: Shapes): number {
  return layersOf(graph, shadowOf(graph, shapes)).reduce((sum, layer) => {
    const kept = weightsOf(layer, graph).reduce((n, w) => n + (w === 0 ? 0 : 1), 0);
    return sum + (layer.macs * kept) / (layer.rows * layer.cols);
  }, 0);
}

function targetsReached({ realised, targets, problem }: StageResult): TargetReport[] {
  const kept = keptIn(realised.masks);
  return targets.map((target) => {
    const { name } = target;
    const amounts = [limitOf(target, problem), amountOf(name, realised.cost, kept, problem)];
    const [wanted, reached] = name === 'sparsity' ? amounts.map((share) => 1 - share) : amounts;
    return { name, wanted, reached };
  });
}

/** Layers that a stage could prune, or that a mask was given for. */
function layersReported(
  all: readonly Layer[],
  masks: Masks,
  results: readonly StageResult[],
  cost: NetworkCost,
): LayerReport[] {
  const meant = new Set([...masks.keys(), ...results.flatMap(({ problem }) => problem.layers.map(({ name }) => name))]);
  return all
    .filter(({ name }) => meant.has(name))
    .map(({ name }) => {
      const mask = masks.get(name);
      return {
        name,
        pattern: patternsOf(name, mask, results),
        sparsity: mask ? maskSparsity(mask) : 0,
        format: cost.layers.get(name)?.format ?? 'none',
      };
    });
}

function patternsOf(name: string, mask: Mask | undefined, results: readonly StageResult[]): string {
  if (!mask) return 'dense';
  const found = results.flatMap(({ realised, problem }) => {
    if (!realised.masks.has(name)) return [];
    const choice = realised.choices.get(name);
    return choice ? [patternName(choice.pattern)] : problem.subject instanceof ChannelSubject ? ['channel'] : [];
  });
  return found.length > 0 ? [...new Set(found)].join(' + ') : 'mask';
}

function withMetadata(graph: Graph, recipe: Recipe, { left: _, ...report }: PruneReport): Graph {
  const round = (_: string, x: unknown): unknown => (typeof x === 'number' ? Number(x.toPrecision(6)) : x);
  return {
    ...graph,
    metadata: {
      ...graph.metadata,
      'zeroskip.recipe': JSON.stringify(recipe),
      'zeroskip.prune': JSON.stringify(report, round),
    },
  };
}
