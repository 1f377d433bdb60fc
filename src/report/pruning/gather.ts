import type { SampleData } from '../../calibrate/samples.ts';
import { apoz, type ModelSource, toGraph } from '../../compile.ts';
import { ensure, ZeroskipError } from '../../errors.ts';
import type { Graph } from '../../graph/ir.ts';
import { measured, modelled } from '../../prune/costs.ts';
import { criterionNamed } from '../../prune/criteria/index.ts';
import type { Shapes } from '../../prune/layers.ts';
import { Evaluator, type Labels, type MetricName } from '../../prune/metric.ts';
import { parsePattern } from '../../prune/patterns.ts';
import type { Work } from '../../prune/resume.ts';
import type { Scope } from '../../prune/scope.ts';
import { paretoFront, type Tradeoff, type TradeoffPoint, tradeoff } from '../../prune/tradeoff.ts';
import type { Dim } from '../../tensor.ts';
import { summarize } from '../summary.ts';
import type { ApozFacts, NetworkFacts, ReportData, TradeoffFacts } from './data.ts';
import { goodness } from './goodness.ts';
import { expectLayers, layerFacts, matched, type Network, networkOf, totalsOf } from './network.ts';
import { sensitivityFacts } from './sensitivity.ts';

export interface ReportOptions {
  /** Names of the two networks, for messages and the report; unset: `model` and `pruned`. */
  names?: { model?: string; pruned?: string };
  /** Samples of the inputs, as for `calibrate`; without them there is no quality, no sweep and no APoZ. */
  data?: SampleData;
  /** One class for each sample. */
  labels?: Labels;
  /** Unset: `accuracy` with labels, else `output-mse`. */
  metric?: MetricName;
  /** Criteria, pattern, scope and seed of the sweeps, see `tradeoff`. Sensitivities are those of the first criterion. */
  criteria?: readonly string[];
  pattern?: string;
  scope?: Scope['kind'];
  seed?: number;
  shapes?: Shapes;
  /** Times layers and networks on this machine instead of modelling them. */
  measure?: boolean;
  work?: Work;
  signal?: AbortSignal;
  /** Hears of the share that is done, 0 to 1. */
  onProgress?: (share: number) => void;
}

/** Shares of the whole that are done behind the facts, the trade-off curves and the sensitivities. */
const DONE = { facts: 0.05, tradeoff: 0.45, sensitivity: 0.95 };

/**
 * Gathers what a report shows of a dense network and, if there is one, of the same network after pruning: its layers have the same names and are
 * as large or smaller.
 *
 * @throws ZeroskipError `INVALID_ARGUMENT` for two networks that do not fit (it names the first layer that does not), and what `tradeoff` throws
 */
export async function report(
  source: ModelSource,
  prunedSource?: ModelSource,
  options: ReportOptions = {},
): Promise<ReportData> {
  const { names = {}, data, labels, shapes = {}, measure = false, onProgress = () => {}, signal } = options;
  for (const name of options.criteria ?? []) criterionNamed(name);
  if (options.pattern !== undefined) parsePattern(options.pattern);
  ensure(data || !labels, 'MISSING_INPUT', 'report: labels need data');
  const metric = options.metric ?? (labels ? 'accuracy' : 'output-mse');
  ensure(metric !== 'accuracy' || labels, 'MISSING_INPUT', 'report: the metric accuracy needs labels');
  const graph = await toGraph(source);
  const prunedGraph = prunedSource === undefined ? undefined : await toGraph(prunedSource);
  const costing = measure ? measured(shapes) : modelled(shapes);
  const found = networkOf(names.model ?? 'model', graph, shapes);
  expectLayers(found);
  const other = prunedGraph && networkOf(names.pruned ?? 'pruned', prunedGraph, shapes);
  if (other) matched(found, other);
  const evaluator = data && (await Evaluator.of(graph, data, labels, { ...fixedDims(graph, prunedGraph), ...shapes }));
  const dense: Network = { ...found, cost: await costing(graph) };
  const pruned: Network | undefined = other && { ...other, cost: await costing(prunedGraph!) };
  const layers = layerFacts(dense, pruned);
  const facts = async (network: Network, source: Graph, side: 'dense' | 'pruned'): Promise<NetworkFacts> => ({
    ...(evaluator && { quality: await evaluator.of(source) }),
    ...totalsOf(
      layers.map((layer) => layer[side]!),
      network.cost,
    ),
  });
  const notes: string[] = [];
  const report: ReportData = {
    model: dense.name,
    ...(pruned && { pruned: pruned.name }),
    ...(evaluator && { metric }),
    samples: evaluator?.samples ?? 0,
    measured: measure,
    summary: {
      dense: await facts(dense, graph, 'dense'),
      ...(pruned && { pruned: await facts(pruned, prunedGraph!, 'pruned') }),
    },
    ...(prunedGraph && metadataOf(prunedGraph, notes)),
    layers,
    notes,
  };
  if (!data || !evaluator) {
    onProgress(1);
    return report;
  }
  const { criteria, pattern, scope, seed, work } = options;
  const shared = { data, labels, shapes, pattern, seed, work, signal };
  const between = (from: number, to: number) => (share: number) => onProgress(from + (to - from) * share);
  const curves = await tradeoff(graph, {
    ...shared,
    criteria,
    scope,
    measure,
    onProgress: between(DONE.facts, DONE.tradeoff),
  });
  report.tradeoff = withFronts(curves, metric);
  report.sensitivity = await sensitivityFacts(graph, evaluator, {
    ...shared,
    metric,
    criterion: criteria?.[0],
    onProgress: between(DONE.tradeoff, DONE.sensitivity),
  });
  report.apoz = await apozFacts(graph, prunedGraph, data, shapes, notes);
  onProgress(1);
  return report;
}

/** Dims of inputs that the pruned network fixes and the dense one leaves open, so that both run the same batches. */
function fixedDims(dense: Graph, pruned: Graph | undefined): Shapes {
  const isFixed = (dims: readonly Dim[] | undefined): dims is number[] =>
    dims?.every((dim) => typeof dim === 'number') === true;
  return Object.fromEntries(
    dense.inputs.flatMap((name) => {
      const [open, dims] = [dense, pruned].map((graph) => graph?.values.get(name)?.dims);
      return isFixed(dims) && !isFixed(open) ? [[name, [...dims]] as const] : [];
    }),
  );
}

/** The recipe and the measurements that `prune` leaves in a network. */
function metadataOf({ metadata = {} }: Graph, notes: string[]): Pick<ReportData, 'recipe' | 'measurements'> {
  const read = (key: string): unknown => {
    const text = Object.hasOwn(metadata, key) ? metadata[key] : undefined;
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text);
    } catch {
      notes.push(`the metadata '${key}' are not JSON and are left out`);
      return undefined;
    }
  };
  const [recipe, measurements] = [read('zeroskip.recipe'), read('zeroskip.prune')];
  return { ...(recipe !== undefined && { recipe }), ...(measurements !== undefined && { measurements }) };
}

function withFronts(curves: Tradeoff, metric: MetricName): TradeoffFacts {
  const front = (cost: (point: TradeoffPoint) => number): number[] =>
    paretoFront(curves.points.map((point) => ({ cost: cost(point), value: goodness(point.quality, metric) })));
  return { ...curves, front: { sparsity: front(({ sparsity }) => -sparsity), latency: front(({ ns }) => ns) } };
}

const NO_ZEROS = 'the model has no activation that makes exact zeros';

async function apozFacts(
  dense: Graph,
  pruned: Graph | undefined,
  data: SampleData,
  shapes: Shapes,
  notes: string[],
): Promise<ApozFacts | undefined> {
  const count = async (graph: Graph) => {
    const { samples, layers } = await apoz(graph, { data, shapes });
    return { samples, layers: layers.map((layer) => ({ ...layer, summary: summarize(layer.apoz) })) };
  };
  try {
    const { samples, layers } = await count(dense);
    return { samples, dense: layers, ...(pruned && { pruned: (await count(pruned)).layers }) };
  } catch (error) {
    if (!(error instanceof ZeroskipError) || !error.message.includes(NO_ZEROS)) throw error;
    notes.push(`APoZ: ${NO_ZEROS}`);
    return undefined;
  }
}
