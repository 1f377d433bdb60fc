import { ensure, ZeroskipError } from '../errors.ts';
import { allocateAll, type Choice } from './allocate.ts';
import type { Costing, NetworkCost } from './costs.ts';
import { keptUnits } from './patterns.ts';
import type { Applied, Choices, LayerChoice, Subject } from './subject.ts';
import { showAmount, type Target, type TargetName } from './targets.ts';
import type { Layer, Masks } from './types.ts';

/** A pruned network with what it costs. */
export interface Realised extends Applied {
  choices: Choices;
  cost: NetworkCost;
}

/** One way to prune a unit, with what it then adds to the costs of the network. */
export interface CostEntry extends LayerChoice {
  ns: number;
  bytes: number;
  /** Multiplications, and weights that stay. */
  flops: number;
  weights: number;
}

export interface TableEntry extends CostEntry {
  loss: number;
}

/** Everything that a search for choices needs. */
export interface Problem {
  subject: Subject;
  /** Layers whose weights count for the sparsity. */
  layers: readonly Layer[];
  /** All layers of the network, for the multiplications of those that stay dense. */
  all: readonly Layer[];
  costing: Costing;
  dense: NetworkCost;
  /** Options of each unit; the first leaves it dense. */
  tables: readonly (readonly TableEntry[])[];
  targets: readonly Target[];
  step(): void;
}

export const sizeOfLayer = ({ rows, cols }: Layer): number => rows * cols;

/** What a network costs in the unit of a target; `kept` is the number of weights that stay, by layer name. */
export function amountOf(
  name: TargetName,
  cost: Pick<NetworkCost, 'ns' | 'bytes'>,
  kept: ReadonlyMap<string, number>,
  { all, layers }: Pick<Problem, 'all' | 'layers'>,
): number {
  if (name === 'latency') return cost.ns;
  if (name === 'bytes') return cost.bytes;
  const share = (layer: Layer): number => (kept.get(layer.name) ?? sizeOfLayer(layer)) / sizeOfLayer(layer);
  if (name === 'flops') return all.reduce((sum, layer) => sum + layer.macs * share(layer), 0);
  const total = layers.reduce((sum, layer) => sum + sizeOfLayer(layer), 0);
  return layers.reduce((sum, layer) => sum + sizeOfLayer(layer) * share(layer), 0) / total;
}

/** The most that a network may cost in the unit of {@link amountOf}: of `sparsity` that is the share of weights that stay. */
export function limitOf({ name, value, share }: Target, problem: Pick<Problem, 'all' | 'layers' | 'dense'>): number {
  if (name === 'sparsity') return 1 - value;
  return share ? value * amountOf(name, problem.dense, new Map(), problem) : value;
}

export const keptIn = (masks: Masks): Map<string, number> =>
  new Map([...masks].map(([name, mask]) => [name, mask.reduce((sum, bit) => sum + bit, 0)]));

/** Prunes and costs a set of choices. */
export async function realise(problem: Problem, choices: Choices): Promise<Realised> {
  problem.step();
  const { graph, masks } = problem.subject.apply(choices);
  const needed = problem.targets.some(({ name }) => name === 'latency' || name === 'bytes');
  const cost = needed ? await problem.costing(graph) : problem.dense;
  return { choices, graph, masks, cost };
}

/** How far each target is used up: 1 is the target itself. */
export const usage = ({ cost, masks }: Realised, problem: Problem): number[] =>
  problem.targets.map((target) => amountOf(target.name, cost, keptIn(masks), problem) / limitOf(target, problem));

const costsFor = (problem: Problem, entry: TableEntry): number[] =>
  problem.targets.map(({ name }) => {
    if (name === 'latency') return entry.ns;
    if (name === 'bytes') return entry.bytes;
    return name === 'flops' ? entry.flops : entry.weights;
  });

/** Networks that are tried until one uses a target up. */
const ROUNDS = 10;
/** Below this share of a target there is room to keep more. */
const ROOM = 0.985;
const BISECTIONS = 6;

/**
 * Chooses an option for each unit so that all targets hold in the whole network, at the least sum of losses: the tables say what units cost, the
 * network that comes out is compiled (or measured), and the budgets of the tables are scaled, then halved between one that fits and one that
 * does not, until a target is used up; then units go back towards their next larger option as far as the targets allow.
 *
 * @throws ZeroskipError `INVALID_ARGUMENT` with the nearest reachable value
 */
export async function meet(problem: Problem): Promise<Realised> {
  const { tables, targets } = problem;
  const priced = tables.map((own) =>
    own.map((entry): Choice => ({ costs: costsFor(problem, entry), loss: entry.loss })),
  );
  const least = await cheapest(problem, priced);
  let best: Met = { ...least, used: Math.max(...usage(least.realised, problem)) };
  const fixed = fixedCosts(problem, priced);
  const tried = new Set<string>();
  let scale = targets.map(() => 1);
  let [fits, misses]: (number[] | undefined)[] = [];
  for (let round = 0; round < ROUNDS && best.used < ROOM; round++) {
    const budgets = targets.map(
      (target, k) => limitOf(target, problem) * scale[k] * unitOf(problem, target) - fixed[k],
    );
    const found = budgets.every((budget) => budget > 0) ? allocateAll(priced, budgets) : undefined;
    if (!found && !fits) break;
    if (found && tried.has(found.choice.join())) break;
    if (found) tried.add(found.choice.join());
    const realised = found && (await realise(problem, choicesAt(problem, found.choice)));
    const used = realised ? usage(realised, problem) : targets.map(() => Number.POSITIVE_INFINITY);
    const most = Math.max(...used);
    if (found && realised && most <= 1 + 1e-9) {
      if (most > best.used) best = { picks: found.choice, realised, used: most };
      fits = scale;
    } else misses = scale;
    const next = scale.map(
      (own, k) => own * (most > 1 ? Math.min(1, SAFE / used[k]) : SAFE / Math.max(most, LEAST_USED)),
    );
    scale = fits && misses ? fits.map((low, k) => (low + misses![k]) / 2) : next;
  }
  return loosen(problem, best.picks, best.realised);
}

/** A network within its targets: its place in the tables, and how far it uses them up. */
interface Met {
  picks: number[];
  realised: Realised;
  used: number;
}

/** What is asked of the next network, so that rounding does not miss by a hair again. */
const SAFE = 0.995;
/** Bounds the first step towards more. */
const LEAST_USED = 0.1;

/** Tables count weights where a target is a share of them. */
const unitOf = ({ layers }: Problem, { name }: Target): number =>
  name === 'sparsity' ? layers.reduce((sum, layer) => sum + sizeOfLayer(layer), 0) : 1;

/** What the network costs besides the tables. */
function fixedCosts(problem: Problem, priced: readonly (readonly Choice[])[]): number[] {
  return problem.targets.map((target, k) => {
    const layers = priced.reduce((sum, own) => sum + own[0].costs[k], 0);
    return amountOf(target.name, problem.dense, new Map(), problem) * unitOf(problem, target) - layers;
  });
}

const choicesAt = ({ tables, subject }: Problem, picks: readonly number[]): Map<string, LayerChoice> =>
  new Map(
    subject.units.flatMap(({ name }, l): [string, LayerChoice][] => {
      const { pattern, sparsity } = tables[l][picks[l]];
      return sparsity === 0 ? [] : [[name, { pattern, sparsity }]];
    }),
  );

/** The network with the cheapest option of every unit, which has to meet the targets. */
async function cheapest(problem: Problem, priced: readonly (readonly Choice[])[]) {
  const limits = problem.targets.map((target) => limitOf(target, problem) * unitOf(problem, target));
  const priceOf = ({ costs }: Choice): number => costs.reduce((sum, cost, k) => sum + cost / limits[k], 0);
  const picks = priced.map((own) => own.reduce((b, option, i) => (priceOf(option) < priceOf(own[b]) ? i : b), 0));
  const realised = await realise(problem, choicesAt(problem, picks));
  expectMet(problem, realised);
  return { picks, realised };
}

/** @throws ZeroskipError `INVALID_ARGUMENT` with the value that was reached, for the first target that is missed */
export function expectMet(problem: Problem, realised: Realised): void {
  const used = usage(realised, problem);
  const missed = used.findIndex((share) => share > 1 + 1e-9);
  if (missed < 0) return;
  const target = problem.targets[missed];
  const reached = amountOf(target.name, realised.cost, keptIn(realised.masks), problem);
  const show = (value: number): string => showAmount(target.name, target.name === 'sparsity' ? 1 - value : value);
  throw new ZeroskipError(
    'INVALID_ARGUMENT',
    `target: ${target.name} ${show(limitOf(target, problem))} cannot be reached; the nearest is ${show(reached)}`,
  );
}

/** Moves every unit by the same share of the way to its next larger option of the same pattern, as far as the targets hold. */
async function loosen(problem: Problem, picks: readonly number[], tight: Realised): Promise<Realised> {
  const looser = problem.tables.map((own, l) => {
    const { pattern, sparsity } = own[picks[l]];
    const above = own.filter((entry) => entry.pattern === pattern && entry.sparsity < sparsity && entry.sparsity > 0);
    return above.length > 0 ? Math.max(...above.map((entry) => entry.sparsity)) : sparsity;
  });
  let best = tight;
  let [low, high] = [0, 1];
  for (let i = 0; i < BISECTIONS && Math.max(...usage(best, problem)) < ROOM; i++) {
    const t = i === 0 ? 1 : (low + high) / 2;
    const choices = new Map(tight.choices);
    problem.subject.units.forEach(({ name }, l) => {
      const choice = choices.get(name);
      if (choice && choice.pattern.kind !== 'n:m')
        choices.set(name, { ...choice, sparsity: choice.sparsity + t * (looser[l] - choice.sparsity) });
    });
    const next = await realise(problem, choices);
    const fits = Math.max(...usage(next, problem)) <= 1;
    if (fits) best = next;
    if (fits) low = t;
    else high = t;
    if (t === 1 && fits) break;
  }
  const given = await giveBack(problem, picks, best, looser);
  return problem.targets.some(({ name }) => name === 'sparsity' || name === 'flops') ? fill(problem, given) : given;
}

/** Moves one unit after the other, those that have lost most first, to its next larger option where the targets still hold. */
async function giveBack(
  problem: Problem,
  picks: readonly number[],
  start: Realised,
  looser: readonly number[],
): Promise<Realised> {
  const order = problem.subject.units
    .map(({ name }, u) => ({ name, sparsity: looser[u], loss: problem.tables[u][picks[u]].loss }))
    .sort((a, b) => b.loss - a.loss);
  let best = start;
  for (const { name, sparsity } of order) {
    if (Math.max(...usage(best, problem)) >= ROOM) break;
    const choice = best.choices.get(name);
    if (!choice || choice.pattern.kind === 'n:m' || sparsity >= choice.sparsity) continue;
    const next = await realise(problem, new Map(best.choices).set(name, { ...choice, sparsity }));
    if (Math.max(...usage(next, problem)) <= 1) best = next;
  }
  return best;
}

/** Gives weights back, layer by layer, until not one more fits: the counts of targets that need no compiler are met exactly. */
async function fill(problem: Problem, start: Realised): Promise<Realised> {
  const { subject, targets } = problem;
  if (!subject.sizesOf || subject.criterion.solve || targets.length > 1) return start;
  const kept = keptIn(start.masks);
  const limit = limitOf(targets[0], problem);
  const choices = new Map(start.choices);
  const sizes = [...choices]
    .filter(([, { pattern }]) => pattern.kind !== 'n:m')
    .map(([name, choice]) => ({ name, choice, ...subject.sizesOf!(name, choice.pattern) }))
    .sort((a, b) => b.count * b.weights - a.count * a.weights);
  for (const { name, choice, count, weights } of sizes) {
    const now = choice.kept ?? keptUnits(count, choice.sparsity);
    const at = (more: number): number =>
      amountOf(targets[0].name, start.cost, new Map(kept).set(name, (now + more) * weights), problem);
    const slope = at(1) - at(0);
    const more = Math.min(count - now, Math.max(0, Math.floor((limit - at(0)) / slope + 1e-6)));
    choices.set(name, { ...choice, kept: now + more });
    kept.set(name, (now + more) * weights);
  }
  return realise(problem, choices);
}

const MOST_SPARSE = 0.995;
const UNIFORM_BISECTIONS = 9;

/**
 * The least sparsity at which `make` meets the targets.
 * @throws ZeroskipError `INVALID_ARGUMENT` with the nearest reachable value
 */
export async function bisect(problem: Problem, make: (sparsity: number) => Choices): Promise<Realised> {
  ensure(problem.targets.length > 0, 'INTERNAL', 'prune: no target');
  let best = await realise(problem, make(MOST_SPARSE));
  expectMet(problem, best);
  let [low, high] = [0, MOST_SPARSE];
  for (let i = 0; i < UNIFORM_BISECTIONS; i++) {
    const middle = (low + high) / 2;
    const next = await realise(problem, make(middle));
    if (Math.max(...usage(next, problem)) <= 1 + 1e-9) {
      best = next;
      high = middle;
    } else low = middle;
  }
  return best;
}
