/** Share of zeros from which on a channel is counted as one to remove. */
export const HIGH = 0.9;

/** What stands for a list of shares. */
export interface Summary {
  channels: number;
  mean: number;
  min: number;
  p10: number;
  median: number;
  p90: number;
  max: number;
  /** Channels above {@link HIGH}. */
  high: number;
}

/** Mean, quantiles (nearest rank) and extremes of shares. */
export function summarize(shares: readonly number[]): Summary {
  const sorted = Float64Array.from(shares).sort();
  const n = sorted.length;
  const rank = (share: number): number => sorted[Math.max(0, Math.ceil(share * n) - 1)] ?? 0;
  return {
    channels: n,
    mean: n === 0 ? 0 : sorted.reduce((sum, x) => sum + x, 0) / n,
    min: rank(0),
    p10: rank(0.1),
    median: rank(0.5),
    p90: rank(0.9),
    max: rank(1),
    high: sorted.filter((x) => x > HIGH).length,
  };
}

/** Numbers of shares in `bins` equal parts of [0, 1]; the last part holds 1. */
export function histogram(shares: readonly number[], bins: number): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (const share of shares) counts[Math.min(bins - 1, Math.floor(share * bins))]++;
  return counts;
}
