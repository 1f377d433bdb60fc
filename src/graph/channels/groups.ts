import type { Graph } from '../ir.ts';
import type { Axis } from './axes.ts';
import { Coupling, idOf, type Producer } from './coupling.ts';
import { fallback, RULES } from './rules/index.ts';

/** A linear node whose outputs belong to a group. */
export interface GroupProducer extends Producer {
  /** For each channel of the group, its rows: indices along the output axis of the weights. */
  rows: readonly (readonly number[])[];
}

/**
 * Channels that lie along the same axes. Removing one removes, along each axis, the indices that it has there:
 *
 * ```
 *   Conv a ──▶ BN ──▶ Add ──▶ Conv        channel c: row c of a and of b, four elements of BN, column c of the Conv behind
 *   Conv b ──────────┘
 * ```
 */
export interface ChannelGroup {
  /** Channels, by their first row in the first producer. */
  channels: readonly number[];
  /** Every axis that carries them. */
  axes: readonly Axis[];
  /** Linear nodes whose outputs they are, in the order of the graph. */
  producers: readonly GroupProducer[];
  /** Why none of them can be removed. */
  blocked?: string;
}

/** The groups of a graph and where their channels lie. */
export interface Channels {
  coupling: Coupling;
  groups: ChannelGroup[];
  /** Indices along an axis by channel. */
  places(axis: Axis): ReadonlyMap<number, readonly number[]>;
}

/** Rounds of choices: which of several axes carries the channels of a single one. */
const ROUNDS = 4;

const ONE = 'its channels only go all together';

/**
 * The groups of channels of a graph. `shadow` has bound dims and computed constants under the same value names; it may be the graph itself.
 * Where channels can lie along one of several axes, the first one is tried and then the others, until the channels can be removed.
 */
export function channelsOf(graph: Graph, shadow: Graph = graph): Channels {
  const best = new Map<string, { choice: number; score: number }>();
  let choices = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round++) {
    const found = analyse(graph, shadow, choices);
    const bad = new Set<string>();
    for (const site of found.coupling.sites.filter(({ decided, options }) => decided && options > 1)) {
      const ids = found.coupling.siteAxes.get(site)!;
      const touched = found.groups.filter(({ axes }) => axes.some((a) => ids.has(idOf(a.operand, a.axis))));
      const score = touched.reduce((sum, { channels, blocked }) => sum + (blocked ? 0 : channels.length), 0);
      const { name } = site.node;
      const choice = choices.get(name) ?? 0;
      if (score > (best.get(name)?.score ?? -1)) best.set(name, { choice, score });
      if (best.get(name)!.score === 0 && round + 1 < site.options) bad.add(name);
    }
    const next = new Map([...best].map(([name, { choice }]) => [name, bad.has(name) ? round + 1 : choice]));
    const isSame = [...next].every(([name, choice]) => (choices.get(name) ?? 0) === choice);
    if (isSame) return found;
    choices = next;
  }
  return analyse(graph, shadow, new Map([...best].map(([name, { choice }]) => [name, choice])));
}

function analyse(graph: Graph, shadow: Graph, choices: ReadonlyMap<string, number>): Channels {
  const coupling = new Coupling(graph, shadow, RULES, fallback, choices);
  const places = placesIn(coupling);
  const groups = byAxes(coupling).map(([channels, axes]) => groupOf(channels, axes, coupling, places));
  const order = new Map(coupling.producers.map((producer, i) => [producer.node, i]));
  const first = ({ producers }: ChannelGroup): number => order.get(producers[0]?.node) ?? order.size;
  return { coupling, groups: groups.sort((a, b) => first(a) - first(b)), places };
}

function placesIn({ slots }: Coupling): Channels['places'] {
  const known = new Map<Axis, Map<number, number[]>>();
  return (axis) => {
    const found = known.get(axis);
    if (found) return found;
    const places = new Map<number, number[]>();
    known.set(axis, places);
    for (let i = 0; i < axis.size; i++) {
      const channel = slots.channel(axis.first + i);
      const indices = places.get(channel);
      if (indices) indices.push(i);
      else places.set(channel, [i]);
    }
    return places;
  };
}

/** Channels that lie along the same axes and are blocked for the same reason, with these axes. */
function byAxes({ slots, active }: Coupling): [number[], Axis[]][] {
  const sets: { axes: Axis[]; next: Map<Axis, number> }[] = [{ axes: [], next: new Map() }];
  /** Number of the set of axes of each channel, among those seen so far. */
  const setOf = new Map<number, number>();
  for (const axis of active) {
    const seen = new Set<number>();
    for (let i = 0; i < axis.size; i++) {
      const channel = slots.channel(axis.first + i);
      if (seen.has(channel)) continue;
      seen.add(channel);
      const { axes, next } = sets[setOf.get(channel) ?? 0];
      let set = next.get(axis);
      if (set === undefined) {
        set = sets.push({ axes: [...axes, axis], next: new Map() }) - 1;
        next.set(axis, set);
      }
      setOf.set(channel, set);
    }
  }
  const groups = new Map<string, [number[], Axis[]]>();
  for (const [channel, set] of setOf) {
    const key = `${set} ${slots.reason(channel) ?? ''}`;
    const group = groups.get(key);
    if (group) group[0].push(channel);
    else groups.set(key, [[channel], sets[set].axes]);
  }
  return [...groups.values()];
}

function groupOf(
  channels: number[],
  axes: readonly Axis[],
  coupling: Coupling,
  places: Channels['places'],
): ChannelGroup {
  const own = coupling.producers.flatMap((producer) => {
    const axis = coupling.slots.find(producer.weight.key, producer.axis);
    return axis && axes.includes(axis) && !producer.depthwise ? [{ producer, axis }] : [];
  });
  if (own.length > 0) {
    const first = places(own[0].axis);
    const rowOf = (channel: number): number => first.get(channel)![0];
    channels.sort((a, b) => rowOf(a) - rowOf(b));
  }
  const producers = own.map(({ producer, axis }) => {
    const at = places(axis);
    return { ...producer, rows: channels.map((channel) => at.get(channel)!) };
  });
  const blocked = coupling.slots.reason(channels[0]) ?? (channels.length < 2 ? ONE : undefined);
  return blocked === undefined ? { channels, axes, producers } : { channels, axes, producers, blocked };
}
