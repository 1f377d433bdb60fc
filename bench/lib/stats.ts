/** Order statistics of a sample. */
export interface Summary {
  n: number;
  min: number;
  p10: number;
  median: number;
  p90: number;
}

/** Statistics of `sample`; a quantile q is the element of rank `floor(q * n)` of the sorted sample. NaN for an empty one. */
export function summarize(sample: ArrayLike<number>): Summary {
  const sorted = Float64Array.from(sample).sort();
  const n = sorted.length;
  const at = (q: number): number => (n ? sorted[Math.min(n - 1, Math.floor(q * n))] : Number.NaN);
  return { n, min: at(0), p10: at(0.1), median: at(0.5), p90: at(0.9) };
}

/** Error of `actual` against `expected`: `max |a - b| / max(max |b|, 1e-6)`; infinite where lengths differ or a value is NaN. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let error = 0;
  let largest = 1e-6;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i] - expected[i]);
    if (Number.isNaN(difference)) return Number.POSITIVE_INFINITY;
    error = Math.max(error, difference);
    largest = Math.max(largest, Math.abs(expected[i]));
  }
  return error / largest;
}
