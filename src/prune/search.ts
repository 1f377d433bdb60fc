import { ZeroskipError } from '../errors.ts';
import { bisect, type CostEntry, meet, type Problem, type Realised, realise, usage } from './budget.ts';
import type { Left } from './channel_subject.ts';
import type { Evaluator, MetricName, Quality } from './metric.ts';
import { Pruner } from './pruner.ts';
import type { Repairs } from './repair/index.ts';
import type { Sensitivity } from './sensitivity.ts';
import { withLosses } from './tables.ts';
import type { Pattern } from './types.ts';

/** A network that was found, repaired if that was asked for. */
export interface Finished {
  realised: Realised;
  quality?: Quality;
  unrepaired?: Quality;
  left: readonly Left[];
}

const isBetter = (metric: MetricName, a: Quality, b: Quality): boolean =>
  metric === 'accuracy' && a.accuracy !== b.accuracy ? a.accuracy! > b.accuracy! : a.mse < b.mse;

/** Repairs a network and runs the samples; it stays as it was where the repair makes it worse or a target is missed. */
export async function finish(
  problem: Problem,
  realised: Realised,
  repairs: Repairs | undefined,
  evaluator: Evaluator | undefined,
  metric: MetricName,
): Promise<Finished> {
  const quality = await evaluator?.of(realised.graph);
  if (!repairs) return { realised, quality, left: [] };
  const left: Left[] = [];
  problem.step();
  const applied = await problem.subject.repaired(realised.choices, async (masked, masks) => {
    const repaired = await repairs.of(masked, masks);
    left.push(...repaired.left);
    return repaired.graph;
  });
  problem.step();
  const cost = await problem.costing(applied.graph);
  const after: Realised = { ...realised, ...applied, cost };
  const its = await evaluator?.of(applied.graph);
  const refused = (reason: string): Finished => ({ realised, quality, left: [{ name: 'repair', reason }] });
  // What a repair may add to the package is in the costs already.
  const fits = Math.max(...usage(after, problem)) <= Math.max(1, ...usage(realised, problem)) + 1e-9;
  if (!fits) return refused('a target would be missed');
  if (its && quality && isBetter(metric, quality, its)) return refused(`${metric} would be worse`);
  return { realised: after, quality: its, unrepaired: quality, left };
}

export interface Searching {
  problem: Problem;
  tables: readonly (readonly CostEntry[])[];
  scan: readonly Sensitivity[];
  patterns: readonly Pattern[];
  evaluator: Evaluator;
  repairs?: Repairs;
  metric: MetricName;
}

/** Losses of several layers do not add up exactly: other powers spread them more, or less, evenly over the layers. */
const POWERS = [1, 0.5, 2];
/** What the outputs count for beside the accuracy, which few samples say only coarsely. */
const OUTPUT_SHARE = 0.05;

/** What choices of single layers lose, as the allocations that are tried count it. */
function lossesOf(scan: readonly Sensitivity[], metric: MetricName): ((quality: Quality) => number)[] {
  const powers = POWERS.map(
    (power) =>
      ({ mse }: Quality) =>
        mse ** power,
  );
  if (metric !== 'accuracy') return powers;
  const best = Math.max(...scan.map(({ quality }) => quality.accuracy!));
  return [...powers, ({ mse, accuracy }) => best - accuracy! + OUTPUT_SHARE * Math.min(1, Math.sqrt(mse))];
}

/** Choices by sensitivity, and one sparsity for all: what loses least in the whole network is taken. */
export async function search({
  problem,
  tables,
  scan,
  patterns,
  evaluator,
  repairs,
  metric,
}: Searching): Promise<Finished & { uniform?: Quality }> {
  const finished = (realised: Realised): Promise<Finished> => finish(problem, realised, repairs, evaluator, metric);
  let best: Finished | undefined;
  const offer = (other: Finished): void => {
    if (!best || isBetter(metric, other.quality!, best.quality!)) best = other;
  };
  const { units } = problem.subject;
  for (const loss of lossesOf(scan, metric))
    offer(await finished(await meet({ ...problem, tables: withLosses(tables, units, scan, loss) })));
  const even = await uniformly(problem, tables, patterns[0]);
  const uniform = even && (await finished(even));
  if (uniform) offer(uniform);
  return { ...best!, uniform: uniform?.quality };
}

/** One sparsity for all units that can be pruned; undefined where that cannot meet every budget that single choices do. */
async function uniformly(
  problem: Problem,
  tables: readonly (readonly CostEntry[])[],
  pattern: Pattern,
): Promise<Realised | undefined> {
  const { subject, targets } = problem;
  const useful = subject.units.filter((_, u) => tables[u].length > 1);
  const make = (sparsity: number) => new Map(useful.map(({ name }) => [name, { pattern, sparsity }] as const));
  const [target] = targets;
  const direct =
    targets.length === 1 &&
    target.name === 'sparsity' &&
    useful.length === subject.units.length &&
    subject instanceof Pruner;
  try {
    return await (direct ? realise(problem, make(target.value)) : bisect(problem, make));
  } catch (error) {
    if (!(error instanceof ZeroskipError) || error.code !== 'INVALID_ARGUMENT') throw error;
    return undefined;
  }
}
