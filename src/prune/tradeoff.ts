import type { SampleData } from '../calibrate/samples.ts';
import { type ModelSource, toGraph } from '../compile.ts';
import { ensure, ZeroskipError } from '../errors.ts';
import type { Graph } from '../graph/ir.ts';
import { measured, modelled } from './costs.ts';
import { criterionNamed } from './criteria/index.ts';
import { layersOf, type Shapes, shadowOf, weightsOf } from './layers.ts';
import { Evaluator, type Labels, type Quality } from './metric.ts';
import { checkSparsity, parsePattern } from './patterns.ts';
import { fingerprintOf, memoryWork, remember, type Work } from './resume.ts';
import type { Scope } from './scope.ts';
import type { Selection } from './select.ts';
import { choicesOf } from './sensitivity.ts';
import { type SubjectOptions, spreading, subjectFor } from './subjects.ts';
import type { Criterion, Layer, Pattern } from './types.ts';

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
  /**
   * Name of a pattern; unset: `unstructured`. Of N:M there is one point, since the share follows from the pattern; of `channel` a sparsity is
   * the share of channels that are removed.
   */
  pattern?: string;
  /** How a sparsity is spread over the layers; unset: `layer`. */
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
  const prepared = new Preparation(graph, all, pattern, scope, options);
  const { layers } = await prepared.of(criteria[0]);
  const evaluator = await Evaluator.of(graph, data, labels, shapes);
  const costing = measure ? measured(shapes) : modelled(shapes);
  const names = layers.map((layer) => layer.name);
  const key = { what: 'tradeoff', shapes, measure, seed, names, labels: evaluator.labels && [...evaluator.labels] };
  const session = await work.open(fingerprintOf(graph, data, key));
  const jobs = criteria.length * wanted.length + 1;
  let done = 0;
  const figures = async (id: string, make: () => Promise<Graph>): Promise<TradeoffFigures> => {
    if (signal?.aborted) throw new ZeroskipError('ABORTED', 'tradeoff: aborted', { cause: signal.reason });
    onProgress(done++ / jobs);
    const [mse, hits, accuracy, ns, bytes, macs, sparsity] = await remember(session, id, FIGURES, async () => {
      const pruned = await make();
      const quality = await evaluator.of(pruned);
      const cost = await costing(pruned);
      const kept = keptOf(pruned, shapes);
      const left = names.reduce((sum, layer) => sum + (kept.get(layer)?.weights ?? 0), 0);
      const weights = layers.reduce((sum, { rows, cols }) => sum + rows * cols, 0);
      const macs = [...kept.values()].reduce((sum, layer) => sum + layer.macs, 0);
      return [quality.mse, quality.hits, quality.accuracy ?? NONE, cost.ns, cost.bytes, macs, 1 - left / weights];
    });
    const quality: Quality = accuracy === NONE ? { mse, hits } : { mse, hits, accuracy };
    return { quality, ns, bytes, macs, sparsity };
  };
  const dense = await figures('dense', async () => graph);
  const points: TradeoffPoint[] = [];
  for (const criterion of criteria) {
    for (const share of wanted) {
      const id = `${criterion.name} ${name} ${scope} ${share}`;
      const found = await figures(id, () => prepared.prune(criterion, share));
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

/** What is pruned by one criterion after the other. */
class Preparation {
  private readonly graph: Graph;
  private readonly all: readonly Layer[];
  private readonly pattern: Pattern;
  private readonly scope: Scope['kind'];
  private readonly options: SubjectOptions;
  private current: { criterion: Criterion; subject: ReturnType<typeof subjectFor> } | undefined;

  constructor(
    graph: Graph,
    all: readonly Layer[],
    pattern: Pattern,
    scope: Scope['kind'],
    { layers, skip, all: every, data, shapes, seed, signal }: TradeoffOptions,
  ) {
    this.graph = graph;
    this.all = all;
    this.pattern = pattern;
    this.scope = scope;
    this.options = { layers, skip, all: every, data, shapes, seed, signal };
  }

  of(criterion: Criterion): ReturnType<typeof subjectFor> {
    if (this.current?.criterion !== criterion) {
      const subject = subjectFor(this.graph, this.all, criterion, this.pattern, this.options);
      this.current = { criterion, subject };
    }
    return this.current.subject;
  }

  async prune(criterion: Criterion, sparsity: number): Promise<Graph> {
    const { subject } = await this.of(criterion);
    return subject.apply(spreading(subject, this.pattern, this.scope)(sparsity)).graph;
  }
}

/** Weights of each layer that are not zero, and multiplications by them. */
function keptOf(graph: Graph, shapes: Shapes): Map<string, { weights: number; macs: number }> {
  return new Map(
    layersOf(graph, shadowOf(graph, shapes)).map((layer) => {
      const own = weightsOf(layer, graph);
      const weights = own.reduce((sum, w) => sum + (w === 0 ? 0 : 1), 0);
      return [layer.name, { weights, macs: (layer.macs * weights) / own.length }];
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
