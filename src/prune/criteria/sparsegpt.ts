import { type Band, bandsOf, chunksOf, smallest } from '../bands.ts';
import { hessiansOf } from '../hessian.ts';
import { inverseFactor } from '../linalg.ts';
import { checkPattern, checkSparsity, keptUnits } from '../patterns.ts';
import type { Criterion, Mask, Pattern, ScoreContext } from '../types.ts';
import { joined, rowsOf, type Solved, saliencies, wholeRows } from './second_order.ts';

/** Columns among which weights are chosen at once. */
const BLOCK = 128;

/** What one group of a layer is solved with. */
interface Group {
  cols: number;
  /** W, in float64, row by row; columns in the order of `order`. */
  rows: Float64Array[];
  /** Upper triangular U, `H^-1 = U^T U`, in the same order. */
  factor: Float64Array;
  bands: readonly Band[];
}

/** Columns `from` to `to`, in the order of work, that are kept or pruned together. */
interface Chunk {
  from: number;
  to: number;
}

/** Prunes chunk `chunk` of row `row`, or a part of it. */
type Prune = (row: number, column: number) => void;

/**
 * SparseGPT: column by column from the left, weights that go hand their share of the output to the columns on their right, over one inverse
 * Hessian for all rows.
 *
 * With `H^-1 = U^T U`, U upper triangular, removing `w_j` has the score `w_j^2 / U_jj^2` and the update `w_k -= w_j / U_jj * U_jk` for k >= j.
 * - `unstructured`: in each block of 128 columns the weights with the smallest scores go, over all rows of a group; the block loses its share
 * - `n:m`: in each row the m - n smallest of every m consecutive inputs at one tap go
 * - `block`: as `unstructured`, by the sums of the scores of a block of weights
 * - `channel`: whole rows, see {@link wholeRows}
 *
 * Layers with taps are worked through tap by tap where a pattern spans inputs.
 *
 * Frantar & Alistarh 2023, "SparseGPT: Massive Language Models Can be Accurately Pruned in One-Shot".
 */
export const sparsegpt: Criterion = {
  name: 'sparsegpt',
  summary: 'second order, column by column, updates what stays (Frantar & Alistarh 2023)',
  needs: 'gram',
  comparable: true,
  weights: (context) => saliencies(context, 'sparsegpt'),
  solve: solveSparseGpt,
};

/** @throws ZeroskipError `INVALID_ARGUMENT` */
export function solveSparseGpt(context: ScoreContext, pattern: Pattern, sparsity: number, damp?: number): Solved {
  checkPattern(pattern);
  checkSparsity(sparsity);
  if (pattern.kind === 'channel') return wholeRows(context, sparsity, 'sparsegpt');
  const { layer, weights, stats } = context;
  const { cols } = layer;
  const lists = chunksOf(layer, pattern);
  const order = lists.flat();
  const chunks: Chunk[] = [];
  for (const { length } of lists) {
    const from = chunks.at(-1)?.to ?? 0;
    chunks.push({ from, to: from + length });
  }
  const bands = bandsOf(layer, pattern);
  const rows = rowsOf(layer, weights).map((row) => Float64Array.from(order, (c) => row[c]));
  const mask = new Uint8Array(weights.length).fill(1);
  const quota = quotas(bands.length * chunks.length, sparsity);
  const prune: Prune = (row, column) => {
    mask[row * cols + order[column]] = 0;
  };
  hessiansOf(layer, stats, 'sparsegpt', damp).forEach((h, g) => {
    const own = bands.filter(({ group }) => group === g);
    const factor = inverseFactor(permuted(h, cols, order), cols, `sparsegpt: layer '${layer.name}'`);
    const group = { cols, rows, factor, bands: own };
    for (const span of spansOf(chunks, pattern)) {
      if (pattern.kind === 'n:m') chooseOfEach(group, span[0], pattern.n, prune);
      else choose(group, span, quota(own.length * span.length), prune);
      for (const band of own)
        for (let r = band.first; r < band.first + band.rows; r++) eliminate(group, r, span, mask, order);
    }
  });
  const back = rows.map((row) => {
    const original = new Float64Array(cols);
    order.forEach((c, k) => {
      original[c] = row[k];
    });
    return original;
  });
  return { mask, weights: joined(layer, back, mask) };
}

function permuted(h: Float64Array, n: number, order: readonly number[]): Float64Array {
  const other = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0, from = order[i] * n; j < n; j++) other[i * n + j] = h[from + order[j]];
  return other;
}

/** How many of the next `n` units go, so that it is the share of those so far, and in the end exactly that of all. */
function quotas(units: number, sparsity: number): (n: number) => number {
  const pruned = units - keptUnits(units, sparsity);
  let seen = 0;
  let gone = 0;
  return (n) => {
    seen += n;
    const now = Math.floor((pruned * seen) / units + 0.5) - gone;
    gone += now;
    return now;
  };
}

/** Chunks that are chosen among at once. */
function spansOf(chunks: readonly Chunk[], pattern: Pattern): Chunk[][] {
  if (pattern.kind === 'n:m') return chunks.map((chunk) => [chunk]);
  const spans: Chunk[][] = [];
  for (const chunk of chunks) {
    const last = spans.at(-1);
    if (last && chunk.to - last[0].from <= BLOCK) last.push(chunk);
    else spans.push([chunk]);
  }
  return spans;
}

const scoreOf = ({ cols, rows, factor }: Group, r: number, c: number): number =>
  (rows[r][c] / factor[c * cols + c]) ** 2;

function choose(group: Group, span: readonly Chunk[], count: number, prune: Prune): void {
  const units = group.bands.flatMap((band) => span.map((chunk) => ({ band, chunk })));
  const scores = new Float64Array(units.length);
  const each = ({ band, chunk }: (typeof units)[number], visit: (r: number, c: number) => void): void => {
    for (let r = band.first; r < band.first + band.rows; r++) for (let c = chunk.from; c < chunk.to; c++) visit(r, c);
  };
  units.forEach((unit, i) => {
    each(unit, (r, c) => {
      scores[i] += scoreOf(group, r, c);
    });
  });
  for (const i of smallest(scores, count)) each(units[i], prune);
}

/** Keeps `kept` weights of the chunk in each row. */
function chooseOfEach(group: Group, { from, to }: Chunk, kept: number, prune: Prune): void {
  for (const { first } of group.bands) {
    const scores = Float64Array.from({ length: to - from }, (_, i) => scoreOf(group, first, from + i));
    for (const i of smallest(scores, to - from - kept)) prune(first, from + i);
  }
}

/** Removes what the mask prunes of one row in a span and updates everything on its right. */
function eliminate(
  { cols, rows, factor }: Group,
  r: number,
  span: readonly Chunk[],
  mask: Mask,
  order: readonly number[],
): void {
  const row = rows[r];
  for (let j = span[0].from; j < span.at(-1)!.to; j++) {
    if (mask[r * cols + order[j]]) continue;
    const share = row[j] / factor[j * cols + j];
    for (let k = j, from = j * cols; k < cols; k++) row[k] -= share * factor[from + k];
    row[j] = 0;
  }
}
