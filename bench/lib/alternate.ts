import { type Summary, summarize } from './stats.ts';

export interface AlternateOptions {
  /** Time for the measured rounds, shared evenly by the contestants. */
  budgetMs?: number;
  /** Least time and calls of each contestant before anything is measured. */
  warmUpMs?: number;
  warmUpCalls?: number;
  /** A contestant's turn lasts this long, and at least one call. */
  turnMs?: number;
  /** Called after each round with the share of the budget that is used up. */
  onProgress?: (share: number) => void;
}

/**
 * Times functions against each other in one process: they take turns, so that whatever slows the machine down meets all of them.
 * A turn is several calls in a row, each timed by itself, so that each finds its caches as it left them. Who begins moves on each
 * round. Promises are awaited, and only those.
 *
 * @returns milliseconds a call, by the names of `contestants`
 */
export async function alternate<Name extends string>(
  contestants: Record<Name, () => unknown>,
  { budgetMs = 4000, warmUpMs = 300, warmUpCalls = 20, turnMs = 2, onProgress }: AlternateOptions = {},
): Promise<Record<Name, Summary>> {
  const names = Object.keys(contestants) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, number[]>;
  for (const name of names) await turn(contestants[name], warmUpMs, warmUpCalls, []);
  const start = performance.now();
  for (let round = 0; ; round++) {
    for (let i = 0; i < names.length; i++) {
      const name = names[(round + i) % names.length];
      await turn(contestants[name], turnMs, 1, times[name]);
    }
    const share = (performance.now() - start) / budgetMs;
    onProgress?.(Math.min(1, share));
    if (share >= 1) break;
  }
  return Object.fromEntries(names.map((name) => [name, summarize(times[name])])) as Record<Name, Summary>;
}

async function turn(run: () => unknown, ms: number, calls: number, times: number[]): Promise<void> {
  const end = performance.now() + ms;
  for (let i = 0, now = 0; i < calls || now < end; i++) {
    const start = performance.now();
    const result = run();
    if (result instanceof Promise) await result;
    now = performance.now();
    times.push(now - start);
  }
}
