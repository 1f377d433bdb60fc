import { ensure } from '../errors.ts';
import type { Graph } from '../graph/ir.ts';
import { gammaBehind } from './criteria/index.ts';
import { applyMask, weightsOf, withWeights } from './layers.ts';
import { maskOf, patternName, type Ranking, unitsOf } from './patterns.ts';
import { seeded } from './random.ts';
import type { Applied, Choices, LayerChoice, Repair, Subject } from './subject.ts';
import type { Criterion, Layer, Mask, Masks, Pattern, Stats, Trace } from './types.ts';

/** A pruned layer: W with zeros where the mask has zeros. */
export interface Pruned {
  mask: Mask;
  weights: Float32Array;
}

/** Prunes the layers of one network by one criterion; scores are computed once. */
export class Pruner implements Subject {
  readonly graph: Graph;
  readonly layers: readonly Layer[];
  readonly criterion: Criterion;
  private readonly stats: ReadonlyMap<string, Stats>;
  private readonly seed: number;
  private readonly scored = new Map<string, Float32Array>();
  private readonly traces = new Map<string, Trace>();

  constructor(
    graph: Graph,
    layers: readonly Layer[],
    criterion: Criterion,
    { stats = new Map(), seed = 0 }: { stats?: ReadonlyMap<string, Stats>; seed?: number } = {},
  ) {
    this.graph = graph;
    this.layers = layers;
    this.criterion = criterion;
    this.stats = stats;
    this.seed = seed;
  }

  get units(): readonly Layer[] {
    return this.layers;
  }

  /** Scores of a layer for a pattern: of each weight, or of each output for `channel` where the criterion has those. */
  scores(layer: Layer, pattern: Pattern): Float32Array {
    const { criterion } = this;
    const byRow = pattern.kind === 'channel' && criterion.channels !== undefined;
    const score = byRow ? criterion.channels : criterion.weights;
    ensure(
      score,
      'INVALID_ARGUMENT',
      () => `criterion: '${criterion.name}' scores whole outputs, it needs the pattern channel`,
    );
    const key = `${layer.name}\n${byRow}`;
    const known = this.scored.get(key);
    if (known) return known;
    const scores = score(this.context(layer));
    this.scored.set(key, scores);
    return scores;
  }

  prune(layer: Layer, { pattern, sparsity, kept }: LayerChoice): Pruned {
    const { criterion } = this;
    if (criterion.trace) return this.trace(layer, pattern).solve(sparsity);
    if (criterion.solve) return criterion.solve(this.context(layer), pattern, sparsity);
    const ranking: Ranking = { per: criterion.per, kept };
    return this.masked(layer, maskOf(layer, this.scores(layer, pattern), pattern, sparsity, ranking));
  }

  /** The network with choices for some of its layers. */
  apply(choices: Choices): Applied {
    const pruned = new Map<string, Pruned>();
    for (const layer of this.layers) {
      const choice = choices.get(layer.name);
      if (choice) pruned.set(layer.name, this.prune(layer, choice));
    }
    return this.assemble(pruned);
  }

  async repaired(choices: Choices, repair: Repair): Promise<Applied> {
    const { graph, masks } = this.apply(choices);
    return { graph: await repair(graph, masks), masks };
  }

  sizesOf(name: string, pattern: Pattern): { count: number; weights: number } {
    const layer = this.layers.find((l) => l.name === name)!;
    const { count } = unitsOf(layer, pattern);
    return { count, weights: (layer.rows * layer.cols) / count };
  }

  /** The network with masks for some of its layers. */
  applyMasks(masks: Masks): Applied {
    const pruned = new Map<string, Pruned>();
    for (const layer of this.layers) {
      const mask = masks.get(layer.name);
      if (mask) pruned.set(layer.name, this.masked(layer, mask));
    }
    return this.assemble(pruned);
  }

  private trace(layer: Layer, pattern: Pattern): Trace {
    const key = `${layer.name}\n${patternName(pattern)}`;
    const trace = this.traces.get(key) ?? this.criterion.trace!(this.context(layer), pattern);
    this.traces.set(key, trace);
    return trace;
  }

  private assemble(pruned: ReadonlyMap<string, Pruned>): Applied {
    const weights = new Map([...pruned].map(([name, own]) => [name, own.weights]));
    return {
      graph: withWeights(this.graph, this.layers, weights),
      masks: new Map([...pruned].map(([name, { mask }]) => [name, mask])),
    };
  }

  private masked(layer: Layer, mask: Mask): Pruned {
    const weights = weightsOf(layer, this.graph);
    applyMask(weights, mask);
    return { mask, weights };
  }

  private context(layer: Layer) {
    return {
      layer,
      weights: weightsOf(layer, this.graph),
      stats: this.stats.get(layer.name) ?? {},
      gamma: gammaBehind(this.graph, layer),
      random: seeded(this.seed, layer.name),
    };
  }
}
