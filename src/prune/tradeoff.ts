import type { SampleData } from '../calibrate/samples.ts';
import { type ModelSource, toGraph } from '../compile.ts';
import { ensure, ZeroskipError } from '../errors.ts';
import type { Graph } from '../graph/ir.ts';
import { gatherStats } from './calibration.ts';
import { measured, modelled } from './costs.ts';
import { criterionNamed } from './criteria/index.ts';
import { layersOf, type Shapes, shadowOf, weightsOf } from './layers.ts';
import { Evaluator, type Labels, type Quality } from './metric.ts';
import { checkSparsity, parsePattern } from './patterns.ts';
import { Pruner } from './pruner.ts';
import { fingerprintOf, memoryWork, remember, type Work } from './resume.ts';
import { masksFor, type Scope } from './scope.ts';
import { type Selection, selectLayers } from './select.ts';
import { choicesOf } from './sensitivity.ts';
import type { Criterion, Layer, Pattern, Stats } from './types.ts';

/** Sparsities of a trade-off curve. */
export const TRADEOFF_GRID: readonly number[] = [0.3, 0.5, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98];

export interface TradeoffOptions extends Selection {
  /** Samples of the inputs, as for `calibrate`. */
  data: SampleData;
  /** One class for each sample; with them a point has an accuracy. */
  labels?: Labels;
  /** Dims that bind symbolic dimensions for latency and bytes; unset: a batch of 1. */
  shapes?: Shapes;
  /** Names of criteria; unset: `magnitude-l1` and `wanda`. */
  criteria?: readonly string[];
  /** Name of a pattern; unset: `unstructured`. Of N:M there is one point, since the share follows from the pattern. */
  pattern?: string;
  /** How a sparsity is spread over the layers; unset: `layer`. Criteria that update weights prune each layer by itself, whatever the scope. */
  scope?: Scope['kind'];
  /** Shares of zero weights in the layers that are pruned; unset: {@link TRADEOFF_GRID}. */
  sparsities?: readonly number[];
  /** Times networks on this machine instead of modelling them. */
  measure?: boolean;
  /** Of random choices; 0 unless set. */
  seed?: number;
  /** Keeps finished measurements. */
  work?: Work;
  signal?: AbortSignal;
  /** Hears of the share that is done, 0 to 1. */
  onProgress?: (share: number) => void;
}

/** What a network is like: quality against what it costs. */
export interface TradeoffFigures {
  quality: Quality;
  /** Time of a run in ns. */
  ns: number;
  /** Of the package. */
  bytes: number;
  /** Multiplications of the layers with weights whose weight is not zero. */
  macs: number;
  /** Share of zeros in the weights of the layers that are pruned. */
  sparsity: number;
}

/** One network: a criterion at a sparsity. */
export interface TradeoffPoint extends TradeoffFigures {
  criterion: string;
  /** The share that was asked for. */
  wanted: number;
}

export interface Tradeoff {
  pattern: string;
  scope: Scope['kind'];
  samples: number;
  /** Names of the layers that are pruned. */
  layers: string[];
  dense: TradeoffFigures;
  /** By criterion, then by sparsity. */
  points: TradeoffPoint[];
}

/**
 * Trade-off curves: prunes the network by each criterion at each sparsity, runs the samples and costs what comes out. Nothing is repaired
 * or fine-tuned.
 *
 * @throws ZeroskipError `INVALID_ARGUMENT` for an unknown criterion, pattern or layer, a sparsity outside of [0, 1), or labels that are no classes;
 *   `MISSING_INPUT`, `TYPE_MISMATCH`, `SHAPE_MISMATCH` for data that the network cannot read; what `compile` throws; `ABORTED`
 */
export async function tradeoff(source: ModelSource, options: TradeoffOptions): Promise<Tradeoff> {
  const { data, labels, shapes = {}, measure = false, seed = 0, work = memoryWork(), signal } = options;
  const { pattern: name = 'unstructured', scope = 'layer', onProgress = () => {} } = options;
  ensure(data, 'MISSING_INPUT', 'tradeoff: data are needed to find out what a pruned network loses');
  const criteria = (options.criteria ?? DEFAULT_CRITERIA).map(criterionNamed);
  const pattern = parsePattern(name);
  const grid = options.sparsities ?? TRADEOFF_GRID;
  for (const sparsity of grid) checkSparsity(sparsity, 'tradeoff: sparsities');
  const wanted = choicesOf(pattern, grid).map(({ sparsity }) => sparsity);
  const graph = await toGraph(source);
  const all = layersOf(graph, shadowOf(graph, shapes));
  const layers = selectLayers(graph, all, options);
  const evaluator = await Evaluator.of(graph, data, labels, shapes);
  const costing = measure ? measured(shapes) : modelled(shapes);
  const names = layers.map((layer) => layer.name);
  const key = { what: 'tradeoff', shapes, measure, seed, names, labels: evaluator.labels && [...evaluator.labels] };
  const session = await work.open(fingerprintOf(graph, data, key));
  const prepared = new Preparation(graph, layers, data, shapes, seed);
  const jobs = criteria.length * wanted.length + 1;
  let done = 0;
  const figures = async (id: string, make: () => Promise<Graph>): Promise<TradeoffFigures> => {
    if (signal?.aborted) throw new ZeroskipError('ABORTED', 'tradeoff: aborted', { cause: signal.reason });
    onProgress(done++ / jobs);
    const [mse, hits, accuracy, ns, bytes, macs, sparsity] = await remember(session, id, FIGURES, async () => {
      const pruned = await make();
      const quality = await evaluator.of(pruned);
      const cost = await costing(pruned);
      const kept = keptOf(pruned, all);
      const zeros = names.reduce((sum, layer) => sum + kept.get(layer)!.zeros, 0);
      const weights = layers.reduce((sum, { rows, cols }) => sum + rows * cols, 0);
      const macs = [...kept.values()].reduce((sum, layer) => sum + layer.macs, 0);
      return [quality.mse, quality.hits, quality.accuracy ?? NONE, cost.ns, cost.bytes, macs, zeros / weights];
    });
    const quality: Quality = accuracy === NONE ? { mse, hits } : { mse, hits, accuracy };
    return { quality, ns, bytes, macs, sparsity };
  };
  const dense = await figures('dense', async () => graph);
  const points: TradeoffPoint[] = [];
  for (const criterion of criteria) {
    for (const share of wanted) {
      const id = `${criterion.name} ${name} ${scope} ${share}`;
      const found = await figures(id, () => prepared.prune(criterion, pattern, share, scope));
      points.push({ criterion: criterion.name, wanted: share, ...found });
    }
  }
  onProgress(1);
  return { pattern: name, scope, samples: evaluator.samples, layers: names, dense, points };
}

export const DEFAULT_CRITERIA: readonly string[] = ['magnitude-l1', 'wanda'];
/** Numbers of a point, and what stands for an accuracy that is not known. */
const FIGURES = 7;
const NONE = -1;

/** Pruners of one network; statistics are gathered when a criterion first asks for them. */
class Preparation {
  private readonly graph: Graph;
  private readonly layers: readonly Layer[];
  private readonly data: SampleData;
  private readonly shapes: Shapes;
  private readonly seed: number;
  private readonly stats = new Map<string, Promise<ReadonlyMap<string, Stats>>>();
  private current: Pruner | undefined;

  constructor(graph: Graph, layers: readonly Layer[], data: SampleData, shapes: Shapes, seed: number) {
    this.graph = graph;
    this.layers = layers;
    this.data = data;
    this.shapes = shapes;
    this.seed = seed;
  }

  async prune(criterion: Criterion, pattern: Pattern, sparsity: number, scope: Scope['kind']): Promise<Graph> {
    const { layers } = this;
    if (this.current?.criterion !== criterion) this.current = await this.prunerOf(criterion);
    const pruner = this.current;
    if (criterion.solve || scope === 'layer')
      return pruner.apply(new Map(layers.map(({ name }) => [name, { pattern, sparsity }]))).graph;
    const scored = layers.map((layer) => ({ layer, scores: pruner.scores(layer, pattern) }));
    return pruner.applyMasks(masksFor(scored, pattern, sparsity, { kind: scope }, criterion).masks).graph;
  }

  private async prunerOf(criterion: Criterion): Promise<Pruner> {
    const { graph, layers, data, shapes, seed } = this;
    const { needs } = criterion;
    if (needs === 'nothing') return new Pruner(graph, layers, criterion, { seed });
    const wanted = { inputs: needs === 'inputs', gram: needs === 'gram', outputs: needs === 'outputs' };
    const stats = this.stats.get(needs) ?? gatherStats(graph, layers, data, wanted, { shapes, seed });
    this.stats.set(needs, stats);
    return new Pruner(graph, layers, criterion, { stats: await stats, seed });
  }
}

/** Zeros of each layer, and multiplications by what is not zero. */
function keptOf(graph: Graph, layers: readonly Layer[]): Map<string, { zeros: number; macs: number }> {
  return new Map(
    layers.map((layer) => {
      const weights = weightsOf(layer, graph);
      const zeros = weights.reduce((sum, w) => sum + (w === 0 ? 1 : 0), 0);
      return [layer.name, { zeros, macs: layer.macs * (1 - zeros / weights.length) }];
    }),
  );
}

/**
 * Indices of the points that no other beats: none has at most the cost and at least the value, and one of them better. By cost, then in order.
 */
export function paretoFront(points: readonly { cost: number; value: number }[]): number[] {
  const order = points.map((_, i) => i).filter((i) => Number.isFinite(points[i].cost + points[i].value));
  order.sort((a, b) => points[a].cost - points[b].cost || points[b].value - points[a].value || a - b);
  let best = Number.NEGATIVE_INFINITY;
  return order.filter((i) => {
    if (points[i].value <= best) return false;
    best = points[i].value;
    return true;
  });
}
