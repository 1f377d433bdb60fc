import { ensure, ZeroskipError } from '../errors.ts';
import { didYouMean } from '../words.ts';
import { kthHighest } from './kth_highest.ts';
import type { Layer, Mask, Pattern } from './types.ts';

/** Pattern names for the help; the blocks are those that have kernels of their own. Any `N:M` and `AxB` is a pattern too. */
export const PATTERN_NAMES: readonly string[] = [
  'unstructured',
  '2:4',
  '1:4',
  '2x1',
  '4x1',
  '8x1',
  '16x1',
  '32x1',
  '1x4',
  'channel',
];

/**
 * The pattern of a name: `unstructured`, `channel`, `N:M` (of M consecutive inputs N are kept) or `AxB` (blocks of A outputs by B inputs).
 *
 * @throws ZeroskipError `INVALID_ARGUMENT`
 */
export function parsePattern(name: string): Pattern {
  if (name === 'unstructured' || name === 'channel') return { kind: name };
  const [, a, sign, b] = /^([+-]?[\d.]+)([:x])([+-]?[\d.]+)$/.exec(name) ?? [];
  if (sign === ':') return checkPattern({ kind: 'n:m', n: Number(a), m: Number(b) });
  if (sign === 'x') return checkPattern({ kind: 'block', rows: Number(a), cols: Number(b) });
  throw new ZeroskipError(
    'INVALID_ARGUMENT',
    `pattern: expected unstructured, channel, N:M as in 2:4 or AxB as in 4x1, found '${name}'${didYouMean(name, PATTERN_NAMES)}`,
  );
}

/** The name of a pattern, which {@link parsePattern} reads. */
export function patternName(pattern: Pattern): string {
  if (pattern.kind === 'n:m') return `${pattern.n}:${pattern.m}`;
  return pattern.kind === 'block' ? `${pattern.rows}x${pattern.cols}` : pattern.kind;
}

const isCount = (x: number): boolean => Number.isSafeInteger(x) && x >= 1;

/**
 * The pattern itself, if it is one.
 * @throws ZeroskipError `INVALID_ARGUMENT`
 */
export function checkPattern(pattern: Pattern): Pattern {
  switch (pattern?.kind) {
    case 'unstructured':
    case 'channel':
      return pattern;
    case 'n:m':
      ensure(
        isCount(pattern.n) && isCount(pattern.m) && pattern.n <= pattern.m,
        'INVALID_ARGUMENT',
        () => `pattern: N:M has whole numbers with 1 <= N <= M, found ${pattern.n}:${pattern.m}`,
      );
      return pattern;
    case 'block':
      ensure(
        isCount(pattern.rows) && isCount(pattern.cols),
        'INVALID_ARGUMENT',
        () => `pattern: a block has whole numbers of outputs and inputs, found ${pattern.rows}x${pattern.cols}`,
      );
      return pattern;
    default:
      throw new ZeroskipError(
        'INVALID_ARGUMENT',
        `pattern: the kind is unstructured, n:m, block or channel, found ${JSON.stringify(pattern)}`,
      );
  }
}

/** @throws ZeroskipError `INVALID_ARGUMENT` unless 0 <= sparsity < 1 */
export function checkSparsity(sparsity: number, what = 'sparsity'): void {
  ensure(
    typeof sparsity === 'number' && sparsity >= 0 && sparsity < 1,
    'INVALID_ARGUMENT',
    () => `${what}: expected a share of at least 0 and below 1, found ${sparsity}`,
  );
}

/** Halves that binary fractions miss: 1 - 0.9 of 25 is 2.5. */
const HALF = 0.5 + 1e-9;

/** Units that stay of `units`: `floor((1 - sparsity) * units + 1/2)`. */
export const keptUnits = (units: number, sparsity: number): number => Math.floor(units - sparsity * units + HALF);

/** The units of a layer, which are kept or pruned as one, and the unit of each weight of W. */
export interface Units {
  count: number;
  /** Row-major as W; undefined where each weight is its own unit. */
  of?: Uint32Array;
}

/**
 * The units of a pattern, numbered from the top left of W to the right and down.
 *
 * - `unstructured`, `n:m`: weights
 * - `block`: `rows` outputs by `cols` inputs at one tap, numbered `(block of outputs, block of inputs, tap)`. Blocks start at the first output of
 *   each group of a grouped Conv and at input 0; those at the edge are smaller.
 * - `channel`: rows
 */
export function unitsOf(layer: Layer, pattern: Pattern): Units {
  const { rows, cols, taps, groups } = layer;
  if (pattern.kind === 'unstructured' || pattern.kind === 'n:m') return { count: rows * cols };
  const of = new Uint32Array(rows * cols);
  if (pattern.kind === 'channel') {
    for (let r = 0; r < rows; r++) of.fill(r, r * cols, (r + 1) * cols);
    return { count: rows, of };
  }
  const ins = cols / taps;
  const perGroup = rows / groups;
  const down = Math.ceil(perGroup / pattern.rows);
  const across = Math.ceil(ins / pattern.cols);
  for (let r = 0, at = 0; r < rows; r++) {
    const band = Math.floor(r / perGroup) * down + Math.floor((r % perGroup) / pattern.rows);
    for (let i = 0; i < ins; i++) {
      const first = (band * across + Math.floor(i / pattern.cols)) * taps;
      for (let t = 0; t < taps; t++) of[at++] = first + t;
    }
  }
  return { count: groups * down * across * taps, of };
}

/**
 * Scores of the units: the sums of the scores of their weights. For `channel`, scores that are one for each row already stay.
 *
 * @param scores for each weight of W, row-major; for `channel` for each weight or for each row
 * @throws ZeroskipError `INVALID_ARGUMENT` for another number of scores or a NaN
 */
export function unitScores(layer: Layer, scores: ArrayLike<number>, pattern: Pattern): Float64Array {
  checkScores(layer, scores, pattern);
  const { count, of } = unitsOf(layer, pattern);
  if (!of || scores.length === count) return new Float64Array(scores);
  const sums = new Float64Array(count);
  for (let i = 0; i < of.length; i++) sums[of[i]] += scores[i];
  return sums;
}

function checkScores({ name, rows, cols }: Layer, scores: ArrayLike<number>, { kind }: Pattern): void {
  const weights = rows * cols;
  ensure(
    scores.length === weights || (kind === 'channel' && scores.length === rows),
    'INVALID_ARGUMENT',
    () =>
      `prune: layer '${name}' has ${weights} weights${kind === 'channel' ? ` and ${rows} outputs` : ''}, found ${scores.length} scores`,
  );
  for (let i = 0; i < scores.length; i++) {
    if (!Number.isNaN(scores[i])) continue;
    throw new ZeroskipError('INVALID_ARGUMENT', `prune: score ${i} of layer '${name}' is NaN`);
  }
}

/** How a layer's units are ranked. */
export interface Ranking {
  /**
   * `row`: each row by itself keeps its share of an unstructured pattern; rows differ by at most one weight, and the total is exact. Other
   * patterns rank over the layer, N:M within its groups.
   */
  per?: 'layer' | 'row';
  /** Exactly so many units stay, whatever the sparsity. */
  kept?: number;
}

/**
 * The mask that keeps the units with the highest scores: exactly `floor((1 - sparsity) * units + 1/2)` of them. Of equal scores those stay that
 * come first in W.
 *
 * N:M keeps N of each M consecutive inputs of a row at one tap, whatever the sparsity. The last group of a row may have fewer inputs, r; it is
 * taken as padded with zeros to M, as N:M hardware does, so that it keeps min(N, r).
 *
 * @param scores see `unitScores`
 * @throws ZeroskipError `INVALID_ARGUMENT`
 */
export function maskOf(
  layer: Layer,
  scores: ArrayLike<number>,
  pattern: Pattern,
  sparsity: number,
  { per = 'layer', kept }: Ranking = {},
): Mask {
  checkPattern(pattern);
  checkSparsity(sparsity);
  const ranked = unitScores(layer, scores, pattern);
  if (pattern.kind === 'n:m') return groupsKept(layer, ranked, pattern.n, pattern.m);
  const { count, of } = unitsOf(layer, pattern);
  const most = kept ?? keptUnits(count, sparsity);
  if (pattern.kind === 'unstructured' && per === 'row') return rowsKept(layer, ranked, most);
  const units = highest(ranked, most);
  if (!of) return units;
  const mask = new Uint8Array(of.length);
  for (let i = 0; i < of.length; i++) mask[i] = units[of[i]];
  return mask;
}

/** 1 for the `k` highest scores, of equal ones for those that come first. */
function highest(scores: Float64Array, k: number): Mask {
  const n = scores.length;
  if (k >= n) return new Uint8Array(n).fill(1);
  const mask = new Uint8Array(n);
  if (k <= 0) return mask;
  const limit = kthHighest(scores.slice(), k);
  let left = k;
  for (let i = 0; i < n; i++) if (scores[i] > limit) left -= mask[i] = 1;
  for (let i = 0; i < n && left > 0; i++) if (scores[i] === limit) left -= mask[i] = 1;
  return mask;
}

function rowsKept({ rows, cols }: Layer, scores: Float64Array, kept: number): Mask {
  const mask = new Uint8Array(rows * cols);
  const upTo = (row: number): number => Math.floor((kept * row) / rows + HALF);
  for (let r = 0; r < rows; r++) {
    mask.set(highest(scores.subarray(r * cols, (r + 1) * cols), upTo(r + 1) - upTo(r)), r * cols);
  }
  return mask;
}

function groupsKept({ rows, cols, taps }: Layer, scores: Float64Array, n: number, m: number): Mask {
  const mask = new Uint8Array(rows * cols);
  for (let row = 0; row < mask.length; row += cols) {
    for (let group = row; group < row + cols; group += m * taps) {
      const end = Math.min(row + cols, group + m * taps);
      for (let first = group; first < group + taps; first++) {
        // Kept is what fewer than n of its group come before.
        for (let at = first; at < end; at += taps) {
          let before = 0;
          for (let other = first; other < end; other += taps) {
            if (scores[other] > scores[at] || (scores[other] === scores[at] && other < at)) before++;
          }
          if (before < n) mask[at] = 1;
        }
      }
    }
  }
  return mask;
}

/** Share of zeros of a mask. */
export function maskSparsity(mask: Mask): number {
  let kept = 0;
  for (const bit of mask) kept += bit;
  return mask.length ? 1 - kept / mask.length : 0;
}
