import { type Band, bandsOf, chunksOf, smallest } from '../bands.ts';
import { hessiansOf, optimalUpdate } from '../hessian.ts';
import { inverseOf } from '../linalg.ts';
import { checkPattern, checkSparsity, keptUnits } from '../patterns.ts';
import { Removal } from '../removal.ts';
import type { Criterion, Layer, Mask, Pattern, ScoreContext, Trace } from '../types.ts';
import { joined, rowsOf, type Solved, saliencies, wholeRows } from './second_order.ts';

/**
 * Optimal Brain Compression (ExactOBS): each row by itself loses the weight that costs least, `w_p^2 / [H^-1]_pp`, all others are updated, `w -= w_p /
 * [H^-1]_pp [H^-1]_:p`, p leaves the inverse Hessian, and so on.
 *
 * - `unstructured`: the next weight to go is always the cheapest of the layer, `w -> loss` traces of all rows merged
 * - `n:m`: weights of a group of m inputs at one tap may go while more than n are left
 * - `block`: blocks of inputs go as one, `w_P [H^-1]_PP^-1 w_P^T`; rows of a block share the inverse Hessian, and their losses add up
 * - `channel`: whole rows, see {@link wholeRows}
 *
 * Takes about `rows * cols^3 / 6` multiplications over the height of a block: minutes for a layer of 1000 x 1000, hours for the largest of a
 * ResNet, for which there is SparseGPT.
 *
 * Frantar et al. 2022, "Optimal Brain Compression: A Framework for Accurate Post-Training Quantization and Pruning".
 */
export const obc: Criterion = {
  name: 'obc',
  summary: 'second order, weight by weight in each row, updates what stays; slow (Frantar et al. 2022)',
  needs: 'gram',
  comparable: true,
  weights: (context) => saliencies(context, 'obc'),
  solve(context, pattern, sparsity) {
    checkSparsity(sparsity);
    return obcTrace(context, pattern).solve(sparsity);
  },
  trace: (context, pattern) => obcTrace(context, pattern),
};

/** What a band loses, in order: chunks, and the largest loss up to each. */
interface BandTrace {
  chunks: number[];
  losses: number[];
}

/** @throws ZeroskipError `INVALID_ARGUMENT` */
export function obcTrace(context: ScoreContext, pattern: Pattern, damp?: number): Trace {
  checkPattern(pattern);
  if (pattern.kind === 'channel') return { solve: (sparsity) => wholeRows(context, sparsity, 'obc') };
  const { layer, weights, stats } = context;
  const what = `obc: layer '${layer.name}'`;
  const hessians = hessiansOf(layer, stats, 'obc', damp);
  const inverses = hessians.map((h) => inverseOf(h, layer.cols, what));
  const bands = bandsOf(layer, pattern);
  const chunks = pattern.kind === 'n:m' ? Array.from({ length: layer.cols }, (_, c) => [c]) : chunksOf(layer, pattern);
  const rows = rowsOf(layer, weights);
  const traces = bands.map(({ group, first, rows: height }) => {
    const removal = new Removal(inverses[group], layer.cols, rows.slice(first, first + height), chunks);
    return pattern.kind === 'n:m' ? groupTrace(removal, layer, pattern) : fullTrace(removal, chunks.length);
  });
  return {
    solve(sparsity) {
      const counts =
        pattern.kind === 'n:m' ? traces.map(({ chunks }) => chunks.length) : countsAt(traces, chunks.length, sparsity);
      return updated(layer, rows, hessians, bands, what, (band) =>
        traces[band].chunks.slice(0, counts[band]).flatMap((chunk) => chunks[chunk]),
      );
    },
  };
}

function fullTrace(removal: Removal, steps: number): BandTrace {
  const trace: BandTrace = { chunks: [], losses: [] };
  let most = 0;
  for (let step = 0; step < steps; step++) {
    const { chunk, loss } = removal.cheapest();
    most = Math.max(most, loss);
    trace.chunks.push(chunk);
    trace.losses.push(most);
    removal.remove(chunk);
  }
  return trace;
}

/** Removes weights of one row as long as a group of m inputs has more than n. */
function groupTrace(removal: Removal, layer: Layer, pattern: Pattern & { kind: 'n:m' }): BandTrace {
  const groups = chunksOf(layer, pattern);
  const groupOf = new Int32Array(layer.cols);
  groups.forEach((columns, g) => {
    for (const c of columns) groupOf[c] = g;
  });
  const spare = groups.map(({ length }) => Math.max(0, length - pattern.n));
  const chunks: number[] = [];
  for (let left = spare.reduce((sum, n) => sum + n, 0); left > 0; left--) {
    const { chunk } = removal.cheapest((c) => spare[groupOf[c]] > 0);
    spare[groupOf[chunk]]--;
    chunks.push(chunk);
    removal.remove(chunk);
  }
  return { chunks, losses: [] };
}

/**
 * How many chunks each band loses. A chunk goes only behind those before it, so taking the cheapest next one of all bands again and again is to
 * take those with the smallest running maximum.
 */
function countsAt(traces: readonly BandTrace[], steps: number, sparsity: number): number[] {
  const all = new Float64Array(traces.length * steps);
  traces.forEach(({ losses }, i) => {
    all.set(losses, i * steps);
  });
  const counts = traces.map(() => 0);
  for (const i of smallest(all, all.length - keptUnits(all.length, sparsity))) counts[Math.floor(i / steps)]++;
  return counts;
}

/** The optimal weights under the mask that the removed columns of each band make. */
function updated(
  layer: Layer,
  rows: readonly Float64Array[],
  hessians: readonly Float64Array[],
  bands: readonly Band[],
  what: string,
  removed: (band: number) => number[],
): Solved {
  const { cols } = layer;
  const mask: Mask = new Uint8Array(rows.length * cols).fill(1);
  const parts = rows.map((row) => row.slice());
  bands.forEach(({ group, first, rows: height }, i) => {
    const own = new Uint8Array(cols).fill(1);
    for (const column of removed(i)) own[column] = 0;
    optimalUpdate(hessians[group], cols, parts.slice(first, first + height), own, what);
    for (let r = first; r < first + height; r++) mask.set(own, r * cols);
  });
  return { mask, weights: joined(layer, parts, mask) };
}
