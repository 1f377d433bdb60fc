import type { Layer } from '../../prune/types.ts';
import { wholeRows } from '../../sparse/matrix.ts';
import { describeStructure, detectStructure } from '../../sparse/structure.ts';
import type { Histogram, Picture } from './data.ts';

const BINS = 40;
/** Share of the weights that a histogram shows at least; the rest lies beyond. */
const SHOWN = 0.998;
/** Bins of a picture at most. */
const PICTURE = { rows: 96, cols: 128 };

/** The least limit that holds the share {@link SHOWN} of all weights that are not zero; 1 where all are zero. */
export function limitOf(weights: Float32Array): number {
  const sizes = weights.filter((w) => w !== 0 && Number.isFinite(w)).map(Math.abs);
  sizes.sort();
  return sizes.length === 0 ? 1 : sizes[Math.ceil(SHOWN * sizes.length) - 1];
}

/** Numbers of weights in equal parts of `[-limit, limit]`; each part holds its lower edge, the last one both. */
export function weightHistogram(weights: Float32Array, limit: number, bins = BINS): Histogram {
  const counts = new Array<number>(bins).fill(0);
  let zeros = 0;
  let beyond = 0;
  for (let i = 0; i < weights.length; i++) {
    const w = weights[i];
    if (w === 0) zeros++;
    else if (!(Math.abs(w) <= limit)) beyond++;
    else counts[Math.min(bins - 1, Math.floor(((w + limit) / (2 * limit)) * bins))]++;
  }
  return { limit, counts, zeros, beyond };
}

/** Shares of non-zero weights, see {@link Picture}. */
export function pictureOf(weights: Float32Array, rows: number, cols: number): Picture {
  const binRows = Math.ceil(rows / PICTURE.rows);
  const binCols = Math.ceil(cols / PICTURE.cols);
  const across = Math.ceil(cols / binCols);
  const down = Math.ceil(rows / binRows);
  const counts = new Array<number>(down * across).fill(0);
  for (let r = 0, at = 0; r < rows; r++) {
    const row = Math.floor(r / binRows) * across;
    for (let c = 0; c < cols; c++, at++) if (weights[at] !== 0) counts[row + Math.floor(c / binCols)]++;
  }
  const densities = counts.map((n, i) => {
    const [y, x] = [Math.floor(i / across), i % across];
    const size = (Math.min(rows, (y + 1) * binRows) - y * binRows) * (Math.min(cols, (x + 1) * binCols) - x * binCols);
    return Math.round((1000 * n) / size) / 1000;
  });
  return { rows: down, cols: across, binRows, binCols, densities };
}

/** Shares of all-zero rows and columns of W, and of all-zero inputs: the `taps` columns of an input channel. */
export function zeroLines(
  weights: Float32Array,
  { rows, cols, taps, groups }: Pick<Layer, 'rows' | 'cols' | 'taps' | 'groups'>,
): { zeroRows: number; zeroCols: number; zeroChannels: number } {
  const perGroup = rows / groups;
  const row = new Uint8Array(rows);
  const column = new Uint8Array(groups * cols);
  const channel = new Uint8Array((groups * cols) / taps);
  for (let r = 0, at = 0; r < rows; r++) {
    const first = Math.floor(r / perGroup) * cols;
    for (let c = 0; c < cols; c++, at++) {
      if (weights[at] === 0) continue;
      row[r] = 1;
      column[first + c] = 1;
      channel[Math.floor((first + c) / taps)] = 1;
    }
  }
  const share = (live: Uint8Array): number => live.reduce((sum, x) => sum + 1 - x, 0) / live.length;
  return { zeroRows: share(row), zeroCols: share(column), zeroChannels: share(channel) };
}

/**
 * The structure of W as `zeroskip` finds it by counting. Inputs at one tap are neighbours here, as in the patterns N:M and blocks, whatever their
 * place in W.
 */
export function patternFound(weights: Float32Array, { rows, cols, taps }: Layer): string {
  const ins = cols / taps;
  const byTap = new Float32Array(weights.length);
  for (let r = 0, at = 0; r < rows; r++)
    for (let i = 0; i < ins; i++) for (let t = 0; t < taps; t++) byTap[r * cols + t * ins + i] = weights[at++];
  return describeStructure(detectStructure(wholeRows(rows, cols, byTap)));
}
