import type { Evaluator, Quality } from './metric.ts';
import { patternName } from './patterns.ts';
import { remember, type WorkSession } from './resume.ts';
import type { LayerChoice, Subject } from './subject.ts';
import type { Pattern } from './types.ts';

/** Sparsities of a scan. */
export const GRID: readonly number[] = [0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98];

/** The choices that a pattern has for a layer: the sparsities of the grid, or the one of N:M. */
export const choicesOf = (pattern: Pattern, grid: readonly number[] = GRID): LayerChoice[] =>
  pattern.kind === 'n:m'
    ? [{ pattern, sparsity: 1 - pattern.n / pattern.m }]
    : grid.map((sparsity) => ({ pattern, sparsity }));

export const keyOf = (layer: { name: string }, { pattern, sparsity }: LayerChoice): string =>
  `${layer.name} ${patternName(pattern)} ${sparsity}`;

/** The quality of the network with one layer, or group of channels, pruned alone, by choice. */
export interface Sensitivity<Unit = { readonly name: string }> {
  layer: Unit;
  choice: LayerChoice;
  quality: Quality;
}

export interface Scanning {
  session?: WorkSession;
  /** Called before each measurement with the share that is done; throws to stop. */
  step?: (share: number) => void;
}

/** Whether the scan measures the choice at a place of a list; losses between are interpolated. */
const isMeasured = (i: number, count: number): boolean => i % 2 === 0 || i === count - 1;

/**
 * Losses over all choices of one pattern from those of some of them, in the order of their sparsity: linear between neighbours in
 * `log(loss)`, which is close to a line over the sparsity.
 */
export function interpolated(
  choices: readonly LayerChoice[],
  lossAt: (choice: LayerChoice) => number | undefined,
): number[] {
  const known = choices.flatMap((choice) => {
    const loss = lossAt(choice);
    return loss === undefined ? [] : [{ at: choice.sparsity, log: Math.log(Math.max(loss, LEAST_LOSS)) }];
  });
  return choices.map((choice) => {
    const own = lossAt(choice);
    if (own !== undefined) return own;
    const right = known.findIndex(({ at }) => at >= choice.sparsity);
    const [a, b] = [known[Math.max(0, right - 1)], known[Math.max(0, right)]];
    const t = a === b ? 0 : (choice.sparsity - a.at) / (b.at - a.at);
    return Math.exp(a.log + t * (b.log - a.log));
  });
}

const LEAST_LOSS = 1e-12;

/** The choices of each pattern that a scan measures: every second one, the first and the last. */
export function sampled(choices: readonly LayerChoice[]): LayerChoice[] {
  const names = [...new Set(choices.map(({ pattern }) => patternName(pattern)))];
  return names.flatMap((name) => {
    const own = choices.filter(({ pattern }) => patternName(pattern) === name);
    return own.filter((_, i) => isMeasured(i, own.length));
  });
}

/** Sensitivity scan: prunes each layer, or group of channels, alone, with each of its choices, and runs the samples. */
export async function sensitivity<Unit extends { readonly name: string }>(
  subject: Omit<Subject, 'units'> & { readonly units: readonly Unit[] },
  evaluator: Evaluator,
  choices: ReadonlyMap<string, readonly LayerChoice[]>,
  { session, step = () => {} }: Scanning = {},
): Promise<Sensitivity<Unit>[]> {
  const jobs = subject.units.flatMap((layer) => (choices.get(layer.name) ?? []).map((choice) => ({ layer, choice })));
  const found: Sensitivity<Unit>[] = [];
  for (const [i, { layer, choice }] of jobs.entries()) {
    step(i / jobs.length);
    const measure = async (): Promise<number[]> => {
      const { mse, hits, accuracy } = await evaluator.of(subject.apply(new Map([[layer.name, choice]])).graph);
      return [mse, hits, accuracy ?? -1];
    };
    const key = `scan ${keyOf(layer, choice)}`;
    const [mse, hits, accuracy] = session ? await remember(session, key, 3, measure) : await measure();
    found.push({ layer, choice, quality: accuracy < 0 ? { mse, hits } : { mse, hits, accuracy } });
  }
  return found;
}
