import type { Facts } from '../lib/results.ts';
import type { Ceiling } from './ceiling.ts';

/** What one kernel reached on one layer. */
export interface KernelRow {
  id: string;
  kernel: string;
  site: string;
  sparsity: number;
  pattern: string;
  /** Least seconds of one call in each round. */
  seconds: number[];
  /** 10^9 operations a second on the non-zeros, and as a share of the ceiling; null where nothing is multiplied. */
  gflops: number | null;
  ofCeiling: number | null;
  /** Bytes of the stored weights and their row numbers, and 10^9 of them a second. */
  weightBytes: number | null;
  gbytes: number | null;
}

export interface KernelResults extends Facts {
  kind: 'kernels';
  variant: 'simd' | 'relaxed';
  ceiling: Ceiling;
  rows: KernelRow[];
}

/** A row that takes longer than before. */
export interface Regression {
  id: string;
  before: number;
  now: number;
  /** `now / before` */
  ratio: number;
}

/** Rows of `now` that take more than `limit` times as long as the same row before. */
export function regressions(now: readonly KernelRow[], before: readonly KernelRow[], limit = 1.1): Regression[] {
  const earlier = new Map(before.map((row) => [row.id, Math.min(...row.seconds)]));
  return now.flatMap(({ id, seconds }) => {
    const was = earlier.get(id);
    const is = Math.min(...seconds);
    return was !== undefined && is > limit * was ? { id, before: was, now: is, ratio: is / was } : [];
  });
}
