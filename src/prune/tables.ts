import { ensure } from '../errors.ts';
import { amountOf, type CostEntry, keptIn, type Problem, sizeOfLayer, type TableEntry } from './budget.ts';
import type { ChannelSubject } from './channel_subject.ts';
import type { NetworkCost } from './costs.ts';
import { magnitudeL1 } from './criteria/magnitude.ts';
import type { Quality } from './metric.ts';
import { keptUnits, unitsOf } from './patterns.ts';
import { Pruner } from './pruner.ts';
import { remember, type WorkSession } from './resume.ts';
import { choicesOf, interpolated, keyOf, type Sensitivity } from './sensitivity.ts';
import type { Choices, LayerChoice } from './subject.ts';
import type { Layer, Pattern } from './types.ts';

export interface Tabling {
  session: WorkSession;
  /** Hears of the share that is done; throws where the run is to stop. */
  step(share: number): void;
}

type Base = Omit<Problem, 'tables'>;

/** A layer that becomes faster by less than this is not worth its loss. */
const FASTER = 0.995;

/**
 * What each layer costs with each choice: the network is compiled with all layers at one sparsity and pattern at a time. Choices that
 * the kernels do not make faster are left out unless `all`. What a criterion makes of the weights that stay costs nothing, so those
 * that update weights are costed with the masks of magnitudes.
 *
 * @throws ZeroskipError `INVALID_ARGUMENT` if nothing becomes faster
 */
export async function layerTables(
  { costing, dense }: Base,
  pruner: Pruner,
  patterns: readonly Pattern[],
  all: boolean,
  { session, step }: Tabling,
): Promise<CostEntry[][]> {
  const { layers, criterion } = pruner;
  const quick = criterion.solve ? new Pruner(pruner.graph, layers, magnitudeL1) : pruner;
  const denseOf = ({ name }: Layer) => dense.layers.get(name) ?? { ns: 0, bytes: 0, format: 'dense' };
  const tables = layers.map((layer): CostEntry[] => {
    const { ns, bytes } = denseOf(layer);
    return [{ pattern: patterns[0], sparsity: 0, ns, bytes, flops: layer.macs, weights: sizeOfLayer(layer) }];
  });
  const choices = patterns.flatMap((pattern) => choicesOf(pattern));
  for (const [i, choice] of choices.entries()) {
    step(i / choices.length);
    const costs = await remember(session, `costs ${keyOf({ name: '*' }, choice)}`, layers.length * 2, async () => {
      const { graph } = quick.apply(new Map(layers.map(({ name }) => [name, choice])));
      const found = (await costing(graph)).layers;
      return layers.flatMap((layer) => {
        const { ns, bytes } = found.get(layer.name) ?? denseOf(layer);
        return [ns, bytes];
      });
    });
    layers.forEach((layer, l) => {
      const [ns, bytes] = costs.slice(2 * l);
      if (!all && ns >= denseOf(layer).ns * FASTER) return;
      const { count } = unitsOf(layer, choice.pattern);
      const kept = choice.pattern.kind === 'n:m' ? count * (1 - choice.sparsity) : keptUnits(count, choice.sparsity);
      const share = kept / count;
      tables[l].push({ ...choice, ns, bytes, flops: share * layer.macs, weights: share * sizeOfLayer(layer) });
    });
  }
  ensure(
    tables.some((own) => own.length > 1),
    'INVALID_ARGUMENT',
    'prune: nothing to prune: no layer becomes faster at any sparsity; --all (all: true) prunes them all the same',
  );
  return tables;
}

/** The sparsity at which a group is costed alone. */
const ALONE = 0.5;

/** ns, bytes, multiplications and weights that a network saves. */
type Savings = [number, number, number, number];
const QUANTITIES = 4;

/**
 * What each group of channels adds to the costs with each choice. A layer between two groups shrinks with both, so savings of single groups do not
 * add up: those of each group alone, proportional to its sparsity, are scaled so that their sum is what all groups at that sparsity save.
 */
export async function channelTables(
  base: Base,
  subject: ChannelSubject,
  pattern: Pattern,
  { session, step }: Tabling,
): Promise<CostEntry[][]> {
  const { costing, dense } = base;
  const { units } = subject;
  const amounts = (cost: Pick<NetworkCost, 'ns' | 'bytes'>, kept: ReadonlyMap<string, number>): Savings => {
    const weights = base.layers.reduce((sum, layer) => sum + (kept.get(layer.name) ?? sizeOfLayer(layer)), 0);
    return [cost.ns, cost.bytes, amountOf('flops', cost, kept, base), weights];
  };
  const whole = amounts(dense, new Map());
  const grid = choicesOf(pattern);
  const steps = units.length + grid.length;
  let done = 0;
  const saved = (key: string, choices: Choices): Promise<number[]> => {
    step(done++ / steps);
    return remember(session, `costs ${key}`, QUANTITIES, async () => {
      const { graph, masks } = subject.apply(choices);
      const left = amounts(await costing(graph), keptIn(masks));
      return whole.map((amount, q) => Math.max(0, amount - left[q]));
    });
  };
  const alone: number[][] = [];
  for (const { name } of units) {
    const choice = { pattern, sparsity: ALONE };
    alone.push(await saved(keyOf({ name }, choice), new Map([[name, choice]])));
  }
  const sums = whole.map((_, q) => alone.reduce((sum, own) => sum + own[q], 0));
  const savings: number[][][] = units.map(() => []);
  for (const choice of grid) {
    const joint = await saved(keyOf({ name: '*' }, choice), new Map(units.map(({ name }) => [name, choice])));
    units.forEach((_, u) => {
      savings[u].push(joint.map((total, q) => (sums[q] > 0 ? (total * alone[u][q]) / sums[q] : 0)));
    });
  }
  return savings.map((own) => {
    const most = whole.map((_, q) => Math.max(...own.map((row) => row[q])));
    const entry = (choice: LayerChoice, row: readonly number[]): CostEntry => {
      const [ns, bytes, flops, weights] = most.map((amount, q) => amount - row[q]);
      return { ...choice, ns, bytes, flops, weights };
    };
    const none = whole.map(() => 0);
    return [entry({ pattern, sparsity: 0 }, none), ...grid.map((choice, i) => entry(choice, own[i]))];
  });
}

/** Adds what each choice loses when its unit is pruned alone; those that the scan left out are interpolated. */
export function withLosses(
  tables: readonly (readonly CostEntry[])[],
  units: readonly { readonly name: string }[],
  scan: readonly Sensitivity[],
  lossOf: (quality: Quality) => number,
): TableEntry[][] {
  const byKey = new Map(scan.map(({ layer, choice, quality }) => [keyOf(layer, choice), lossOf(quality)]));
  return tables.map(([dense, ...own], l) => {
    const known = (choice: LayerChoice): number | undefined => byKey.get(keyOf(units[l], choice));
    const patterns = [...new Set(own.map(({ pattern }) => pattern))];
    const rest = patterns.flatMap((pattern) => {
      const group = own.filter((entry) => entry.pattern === pattern);
      const losses = interpolated(group, known);
      return group.map((entry, i) => ({ ...entry, loss: losses[i] }));
    });
    return [{ ...dense, loss: 0 }, ...rest];
  });
}
