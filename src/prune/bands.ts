import type { Layer, Pattern } from './types.ts';

/** Rows that share a pattern, of one group. */
export interface Band {
  group: number;
  first: number;
  rows: number;
}

/** Bands of the rows of a layer: blocks of outputs, which start anew in every group. */
export function bandsOf({ rows, groups }: Layer, pattern: Pattern): Band[] {
  const height = pattern.kind === 'block' ? pattern.rows : 1;
  const perGroup = rows / groups;
  return Array.from({ length: groups }, (_, group) =>
    Array.from({ length: Math.ceil(perGroup / height) }, (_, i) => {
      const first = group * perGroup + i * height;
      return { group, first, rows: Math.min(height, (group + 1) * perGroup - first) };
    }),
  ).flat();
}

/**
 * Columns of W that a pattern sees together: blocks of consecutive inputs at one tap for `block`, groups of m for `n:m`, else single columns.
 * The last one of a tap may be smaller. Together they are all columns, tap by tap where they are wider than one.
 */
export function chunksOf({ cols, taps }: Layer, pattern: Pattern): number[][] {
  const width = pattern.kind === 'block' ? pattern.cols : pattern.kind === 'n:m' ? pattern.m : 1;
  if (width === 1) return Array.from({ length: cols }, (_, c) => [c]);
  const ins = cols / taps;
  const chunks: number[][] = [];
  for (let t = 0; t < taps; t++) {
    for (let from = 0; from < ins; from += width) {
      const size = Math.min(width, ins - from);
      chunks.push(Array.from({ length: size }, (_, i) => (from + i) * taps + t));
    }
  }
  return chunks;
}

/** Positions of the `k` smallest scores, of equal ones the first. */
export function smallest(scores: Float64Array, k: number): number[] {
  if (k <= 0) return [];
  const limit = scores.slice().sort()[Math.min(k, scores.length) - 1];
  const below = indicesWhere(scores, (score) => score < limit);
  return [...below, ...indicesWhere(scores, (score) => score === limit).slice(0, k - below.length)];
}

function indicesWhere(scores: Float64Array, fits: (score: number) => boolean): number[] {
  const found: number[] = [];
  for (let i = 0; i < scores.length; i++) if (fits(scores[i])) found.push(i);
  return found;
}
