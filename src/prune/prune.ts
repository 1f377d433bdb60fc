import type { SampleData } from '../calibrate/samples.ts';
import { type ModelSource, toGraph } from '../compile.ts';
import { ensure, ZeroskipError } from '../errors.ts';
import type { Graph } from '../graph/ir.ts';
import { amountOf, keptIn, limitOf, sizeOfLayer } from './budget.ts';
import { type Costing, measured, modelled, type NetworkCost } from './costs.ts';
import { magnitudeL1 } from './criteria/magnitude.ts';
import { layersOf, type Shapes, shadowOf, weightsOf } from './layers.ts';
import { Evaluator, type Labels, type MetricName, type Quality } from './metric.ts';
import { maskSparsity, patternName } from './patterns.ts';
import { Pruner } from './pruner.ts';
import { checkRecipe, type Recipe, type Stage } from './recipe.ts';
import { fingerprintOf, memoryWork, type Work } from './resume.ts';
import { runStage, type StageResult } from './stage.ts';
import type { TargetName } from './targets.ts';
import type { Masks } from './types.ts';

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
  targets: TargetReport[];
  layers: LayerReport[];
}

export interface PruneResult {
  /** The network with zeros; symbolic dims and names are those of the source. */
  graph: Graph;
  /** By layer name. */
  masks: Masks;
  report: PruneReport;
}

/** Room that the report takes in a package, in bytes: it stands in the metadata of the network. */
const REPORT_BYTES = { fixed: 1200, layer: 160 };

/**
 * Prunes a network by a recipe. Budgets hold in the whole network, as `compile` plans it.
 *
 * The recipe and the report travel in the metadata of the graph, `zeroskip.recipe` and `zeroskip.prune`, and so into packages and
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
  const overhead = JSON.stringify(recipe).length + REPORT_BYTES.fixed + REPORT_BYTES.layer * all.length;
  const costing = withOverhead(measure ? measured(shapes) : modelled(shapes), overhead);
  const dense = await (measure ? measured(shapes) : modelled(shapes))(start);
  const { graph: masked, masks: applied } = new Pruner(start, all, magnitudeL1).applyMasks(given ?? new Map());
  let graph = masked;
  const masks = new Map(applied);
  const results: StageResult[] = [];
  for (const [i, stage] of stages.entries()) {
    const session = await work.open(
      fingerprintOf(graph, data, { ...keyed(stage), seed, shapes, measure, labels: labels && labelList(labels) }),
    );
    const step = (share: number): void => {
      if (signal?.aborted) throw new ZeroskipError('ABORTED', 'prune: aborted', { cause: signal.reason });
      onProgress((i + share) / stages.length);
    };
    const result = await runStage(stage, { graph, shapes, seed, metric, costing, evaluator, session, step, data });
    graph = result.realised.graph;
    for (const [name, mask] of result.realised.masks) masks.set(name, mask);
    results.push(result);
  }
  const cost = await (measure ? measured(shapes) : modelled(shapes))(graph);
  const context = { all, pruner: { layers: all } };
  const figures = async (g: Graph, c: NetworkCost, kept: Map<string, number>): Promise<Figures> => ({
    metric: await evaluator?.of(g),
    latency: c.ns,
    bytes: c.bytes,
    flops: amountOf('flops', c, kept, context),
  });
  const last = results.at(-1);
  const report: PruneReport = {
    metric,
    samples: evaluator?.samples ?? 0,
    measured: measure,
    dense: await figures(start, dense, new Map()),
    pruned: await figures(graph, cost, zerosOf(graph, all)),
    uniform: last?.uniform,
    targets: results.flatMap(targetsReached),
    layers:
      results.length > 0 ? results.flatMap((result) => layersOfResult(result, cost)) : maskedLayers(all, masks, cost),
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

/** Weights that are not zero, by layer name. */
function zerosOf(graph: Graph, all: StageResult['layers']): Map<string, number> {
  return new Map(
    all.map((layer) => [layer.name, weightsOf(layer, graph).reduce((sum, w) => sum + (w === 0 ? 0 : 1), 0)]),
  );
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

function layersOfResult({ realised, layers }: StageResult, cost: NetworkCost): LayerReport[] {
  const kept = keptIn(realised.masks);
  return layers.map((layer) => {
    const choice = realised.choices.get(layer.name);
    return {
      name: layer.name,
      pattern: choice ? patternName(choice.pattern) : 'dense',
      sparsity: 1 - (kept.get(layer.name) ?? sizeOfLayer(layer)) / sizeOfLayer(layer),
      format: cost.layers.get(layer.name)?.format ?? 'none',
    };
  });
}

function maskedLayers(all: StageResult['layers'], masks: Masks, cost: NetworkCost): LayerReport[] {
  return all
    .filter(({ name }) => masks.has(name))
    .map(({ name }) => ({
      name,
      pattern: 'mask',
      sparsity: maskSparsity(masks.get(name)!),
      format: cost.layers.get(name)?.format ?? 'none',
    }));
}

function withMetadata(graph: Graph, recipe: Recipe, report: PruneReport): Graph {
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
