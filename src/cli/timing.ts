/** Times of one subject in ms. */
export interface Timing {
  runs: number;
  first: number;
  min: number;
  p10: number;
  median: number;
  p90: number;
}

export interface Limits {
  /** Timed runs of each subject; unset: as many as `seconds` allows. */
  runs?: number;
  /** Time for all subjects together. */
  seconds: number;
}

const MOST_RUNS = 1_000_000;
const LEAST_RUNS = 3;
const WARM_UP_MS = 100;
const TICK_MS = 100;

/** Element at `share` of a sorted list (nearest rank). */
export const quantile = (sorted: ArrayLike<number>, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))];

/**
 * Times the subjects in turn, run by run, so that a disturbance meets them all: first run, warm-up, then `runs` runs or until the time
 * is over. `tick` hears of the share that is done between runs.
 */
export function timeInTurn(
  subjects: readonly (() => void)[],
  { runs, seconds }: Limits,
  tick: (share: number) => void = () => {},
): Timing[] {
  const firsts = subjects.map(timed);
  const warm = performance.now();
  const warmUp = Math.min(WARM_UP_MS, seconds * 200);
  do for (const subject of subjects) subject();
  while (performance.now() - warm < warmUp);
  const samples = subjects.map((): number[] => []);
  const most = runs ?? MOST_RUNS;
  const start = performance.now();
  let ticked = start;
  for (let run = 0; run < most; run++) {
    const now = performance.now();
    const share = runs === undefined ? (now - start) / (seconds * 1000) : run / most;
    if (runs === undefined && share >= 1 && run >= LEAST_RUNS) break;
    if (now - ticked > TICK_MS) {
      tick(share);
      ticked = now;
    }
    subjects.forEach((subject, i) => {
      samples[i].push(timed(subject));
    });
  }
  return samples.map((times, i) => summarize(Float64Array.from(times).sort(), firsts[i]));
}

function timed(subject: () => void): number {
  const start = performance.now();
  subject();
  return performance.now() - start;
}

const summarize = (sorted: Float64Array, first: number): Timing => ({
  runs: sorted.length,
  first,
  min: sorted[0],
  p10: quantile(sorted, 0.1),
  median: quantile(sorted, 0.5),
  p90: quantile(sorted, 0.9),
});
