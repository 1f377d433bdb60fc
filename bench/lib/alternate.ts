import { type Summary, summarize } from './stats.ts';

export interface AlternateOptions {
  /** Time for the measured rounds, shared evenly by the contestants. */
  budgetMs?: number;
  /** Rounds that are made even if the time is over. */
  leastRounds?: number;
  /** Least time and calls of each contestant before anything is measured. */
  warmUpMs?: number;
  warmUpCalls?: number;
  /** A contestant's turn lasts this long, and at least `turnSamples` samples unless one takes ten turns. */
  turnMs?: number;
  turnSamples?: number;
  /** A sample is as many calls as take about this long, 0: one call; unset: a hundred steps of the clock where those are coarse. */
  sampleMs?: number;
  /** Called after each contestant's turn with the share of the work that is done, warm-up included. */
  onProgress?: (share: number) => void;
}

const WARM_UP_SHARE = 0.3;

/**
 * Times functions against each other in one process: they take turns, so that whatever slows the machine down meets all of them.
 * A turn is several calls in a row, each timed by itself, so that each finds its caches as it left them. Who begins moves on each
 * round. Promises are awaited, and only those.
 *
 * @returns milliseconds a call, by the names of `contestants`
 */
export async function alternate<Name extends string>(
  contestants: Record<Name, () => unknown>,
  {
    budgetMs = 4000,
    leastRounds = 1,
    warmUpMs = 300,
    warmUpCalls = 20,
    turnMs = 2,
    turnSamples = 1,
    sampleMs = neededSample(clockStep()),
    onProgress,
  }: AlternateOptions = {},
): Promise<Record<Name, Summary>> {
  const names = Object.keys(contestants) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, number[]>;
  const calls = {} as Record<Name, number>;
  for (const [i, name] of names.entries()) {
    const warm: number[] = [];
    await turn(contestants[name], warmUpMs, warmUpCalls, 1, warm);
    calls[name] = Math.max(1, Math.ceil((sampleMs * warm.length) / warm.reduce((sum, ms) => sum + ms, 1e-6)));
    onProgress?.((WARM_UP_SHARE * (i + 1)) / names.length);
  }
  const start = performance.now();
  for (let round = 0; ; round++) {
    for (let i = 0; i < names.length; i++) {
      const name = names[(round + i) % names.length];
      const samples = times[name][0] * calls[name] > 10 * turnMs ? 1 : turnSamples;
      await turn(contestants[name], turnMs, samples, calls[name], times[name]);
      const rounds = (round + (i + 1) / names.length) / leastRounds;
      const share = Math.min(1, rounds, (performance.now() - start) / budgetMs);
      onProgress?.(WARM_UP_SHARE + (1 - WARM_UP_SHARE) * share);
    }
    if (round + 1 >= leastRounds && performance.now() - start >= budgetMs) break;
  }
  onProgress?.(1);
  return Object.fromEntries(names.map((name) => [name, summarize(times[name])])) as Record<Name, Summary>;
}

const COARSE_MS = 0.01;

/** Time of a sample that a clock with this step measures to a hundredth. */
export const neededSample = (stepMs: number): number => (stepMs > COARSE_MS ? 100 * stepMs : 0);

/** Least time in milliseconds by which the clock moves. */
function clockStep(): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 5; i++) {
    const start = performance.now();
    let now = start;
    while (now === start) now = performance.now();
    least = Math.min(least, now - start);
  }
  return least;
}

/** Samples of `calls` calls each, at least `least` and for at least `ms`; milliseconds a call go to `times`. */
async function turn(run: () => unknown, ms: number, least: number, calls: number, times: number[]): Promise<void> {
  const end = performance.now() + ms;
  for (let i = 0, now = 0; i < least || now < end; i++) {
    const start = performance.now();
    for (let call = 0; call < calls; call++) {
      const result = run();
      if (result instanceof Promise) await result;
    }
    now = performance.now();
    times.push((now - start) / calls);
  }
}
