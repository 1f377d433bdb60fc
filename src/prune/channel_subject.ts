import { ensure } from '../errors.ts';
import type { Graph } from '../graph/ir.ts';
import { gammaBehind } from './criteria/index.ts';
import { maskAs, type Shapes, shadowOf, weightsOf } from './layers.ts';
import { keptUnits } from './patterns.ts';
import { Pruner } from './pruner.ts';
import { seeded } from './random.ts';
import { layersNamed, type Selection } from './select.ts';
import { withStaticShapes } from './static_shapes.ts';
import { channelGroups, type Group, type Removal, removeAllChannels, scoreGroup } from './structured.ts';
import type { Applied, Choices, LayerChoice, Repair, Subject } from './subject.ts';
import type { Criterion, Layer, Mask, Masks, ScoreContext, Stats } from './types.ts';

/** A group of channels as a unit of a budget. */
export interface ChannelUnit {
  name: string;
  group: Group;
}

export interface ChannelSubjectOptions {
  shapes?: Shapes;
  stats?: ReadonlyMap<string, Stats>;
  seed?: number;
}

/** What is left, and why. */
export interface Left {
  name: string;
  reason: string;
}

/**
 * Prunes groups of channels by one criterion: whole filters, neurons and heads are removed, with all that depends on them. Of each group the
 * channels with the lowest `scoreGroup` go.
 */
export class ChannelSubject implements Subject {
  readonly graph: Graph;
  readonly criterion: Criterion;
  readonly units: readonly ChannelUnit[];
  /** Layers that lose weights with a channel of a unit. */
  readonly touched: readonly Layer[];
  /** Groups of the chosen layers that cannot be pruned. */
  readonly left: readonly Left[];
  private readonly layers: readonly Layer[];
  private readonly shapes: Shapes;
  private readonly stats: ReadonlyMap<string, Stats>;
  private readonly seed: number;
  private readonly scored = new Map<string, Float64Array>();

  /**
   * @param layers all layers of the graph
   * @param selection by name: groups of a layer in `layers` (unset: of any) are pruned, but for those of a layer in `skip`
   * @throws ZeroskipError `INVALID_ARGUMENT` if there is no group that can be pruned, with the reasons, or if the criterion does not rank outputs
   */
  constructor(
    graph: Graph,
    layers: readonly Layer[],
    selection: Pick<Selection, 'layers' | 'skip'>,
    criterion: Criterion,
    { shapes = {}, stats = new Map(), seed = 0 }: ChannelSubjectOptions = {},
  ) {
    ensure(
      !criterion.solve,
      'INVALID_ARGUMENT',
      () =>
        `criterion: '${criterion.name}' updates the weights of rows and ranks no channels across layers; take magnitude-l1, filter-l2, geometric-median, apoz or another for the pattern channel, and repair: least-squares`,
    );
    this.graph = withStaticShapes(graph, shapes);
    this.layers = layers;
    this.criterion = criterion;
    this.shapes = shapes;
    this.stats = stats;
    this.seed = seed;
    const namesOf = (what: 'layers' | 'skip', patterns: readonly string[]): Set<string> =>
      new Set([...layersNamed(layers, patterns, what)].map(({ name }) => name));
    const chosen = selection.layers && namesOf('layers', selection.layers);
    const skipped = namesOf('skip', selection.skip ?? []);
    const groups = channelGroups(this.graph, shadowOf(this.graph, shapes)).filter(
      ({ producers }) =>
        producers.some(({ node }) => chosen?.has(node) ?? true) && !producers.some(({ node }) => skipped.has(node)),
    );
    const free = groups.filter(({ blocked, channels }) => blocked === undefined && channels > 1);
    this.units = free.map((group) => ({ name: group.id, group }));
    this.left = groups.flatMap(({ id, blocked }) => (blocked === undefined ? [] : [{ name: id, reason: blocked }]));
    ensure(this.units.length > 0, 'INVALID_ARGUMENT', () => {
      const reasons = this.left.map(({ name, reason }) => `'${name}': ${reason}`).join('; ');
      return `prune: no channel can be removed${reasons && `: ${reasons}`}`;
    });
    const values = new Set(free.flatMap(({ members }) => members.map(({ value }) => value)));
    this.touched = layers.filter(({ weight }) => values.has(weight));
  }

  apply(choices: Choices): Applied {
    const removals = this.removals(choices);
    return { graph: removeAllChannels(this.graph, removals), masks: this.masksOf(removals) };
  }

  async repaired(choices: Choices, repair: Repair): Promise<Applied> {
    const removals = this.removals(choices);
    const masks = this.masksOf(removals);
    const masked = new Pruner(this.graph, this.layers, this.criterion).applyMasks(masks);
    const graph = await repair(masked.graph, masks);
    const groups = new Map(channelGroups(graph, shadowOf(graph, this.shapes)).map((group) => [group.id, group]));
    const again = removals.map(({ group, channels }) => ({ group: groups.get(group.id) ?? group, channels }));
    return { graph: removeAllChannels(graph, again), masks };
  }

  /** Scores of the channels of a unit; the lowest go first. */
  scores({ name, group }: ChannelUnit): Float64Array {
    const known = this.scored.get(name);
    if (known) return known;
    const byName = new Map(this.layers.map((layer) => [layer.name, layer]));
    const scores = scoreGroup(group, this.criterion, (node) => this.contextOf(byName.get(node)));
    this.scored.set(name, scores);
    return scores;
  }

  private contextOf(layer: Layer | undefined): ScoreContext | undefined {
    return (
      layer && {
        layer,
        weights: weightsOf(layer, this.graph),
        stats: this.stats.get(layer.name) ?? {},
        gamma: gammaBehind(this.graph, layer),
        random: seeded(this.seed, layer.name),
      }
    );
  }

  private removals(choices: Choices): Removal[] {
    return this.units.flatMap((unit): Removal[] => {
      const choice = choices.get(unit.name);
      return choice ? [{ group: unit.group, channels: this.lowest(unit, choice) }] : [];
    });
  }

  /** The channels that go, in ascending order; at least one stays. */
  private lowest(unit: ChannelUnit, { sparsity, kept }: LayerChoice): number[] {
    const { channels } = unit.group;
    const stay = Math.max(1, kept ?? keptUnits(channels, sparsity));
    const scores = this.scores(unit);
    const order = Array.from({ length: channels }, (_, c) => c).sort((a, b) => scores[b] - scores[a] || a - b);
    return order.slice(stay).sort((a, b) => a - b);
  }

  /** What removal takes from the layers, as masks: rows of those that make a channel, columns of those that read it. */
  private masksOf(removals: readonly Removal[]): Masks {
    const tensors = new Map<string, Mask>();
    const byWeight = new Map(this.touched.map((layer) => [layer.weight, layer]));
    for (const { group, channels } of removals) {
      if (channels.length === 0) continue;
      for (const { value, axis, indices } of group.members) {
        const layer = byWeight.get(value);
        if (!layer) continue;
        const { dims, size } = this.graph.values.get(value)!.constant!;
        const mask = tensors.get(layer.name) ?? new Uint8Array(size).fill(1);
        tensors.set(layer.name, mask);
        const inner = dims.slice(axis + 1).reduce((a, b) => a * b, 1);
        for (const index of channels.flatMap((c) => indices[c]))
          for (let at = index * inner; at < size; at += inner * dims[axis]) mask.fill(0, at, at + inner);
      }
    }
    return new Map(
      this.layers.flatMap((layer): [string, Mask][] => {
        const mask = tensors.get(layer.name);
        return mask ? [[layer.name, maskAs(layer, mask, 'matrix')]] : [];
      }),
    );
  }
}
