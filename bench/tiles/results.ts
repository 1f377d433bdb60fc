import type { Facts } from '../lib/results.ts';

/** How the zeros of the input lie: every tile of 32 positions by chance, or whole channels. */
export const ZERO_PATTERNS = ['tiles', 'channels'] as const;
export type ZeroPattern = (typeof ZERO_PATTERNS)[number];

/** Both kernels on one input. */
export interface Point {
  /** Share of the tiles that are zero. */
  zeros: number;
  /** Least milliseconds of a call. */
  fixedMs: number;
  liveMs: number;
}

/** One layer: the kernel that takes all tiles and the one that skips. */
export interface TileRow {
  /** `conv 1x1 256 > 256, 28 x 28 | 90 | tiles` */
  id: string;
  site: string;
  /** Percent of its weights that are zero. */
  sparsity: number;
  pattern: ZeroPattern;
  fixed: string;
  live: string;
  points: Point[];
  /** Share of zero tiles from which on skipping is faster; null: never. */
  breakEven: number | null;
}

export interface TileResults extends Facts {
  kind: 'tiles';
  variant: 'simd' | 'relaxed';
  rows: TileRow[];
}

/** Where the times of both kernels cross for the last time, linear between the points. */
export function breakEven(points: readonly Point[]): number | null {
  const gain = ({ fixedMs, liveMs }: Point): number => fixedMs - liveMs;
  for (let i = points.length - 1; i >= 0; i--) {
    if (gain(points[i]) >= 0) continue;
    const [a, b] = [points[i], points[i + 1]];
    return b ? a.zeros + ((b.zeros - a.zeros) * -gain(a)) / (gain(b) - gain(a)) : null;
  }
  return points.length > 0 ? points[0].zeros : null;
}
