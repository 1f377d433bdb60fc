import { ensure } from '../errors.ts';
import { cholesky, choleskySolve, damped, submatrix } from './linalg.ts';
import type { Layer, Mask, Stats } from './types.ts';

/** Damping of SparseGPT: a share of the mean of the diagonal. */
export const DAMP = 0.01;

/**
 * X X^T of each group of a layer.
 * @throws ZeroskipError `INVALID_ARGUMENT` if the statistics are not there or those of another layer
 */
export function gramsOf({ name, groups, cols }: Layer, { input }: Stats, what: string): readonly Float64Array[] {
  const grams = input?.gram;
  ensure(grams, 'INVALID_ARGUMENT', () => `${what}: layer '${name}' has no X X^T of its inputs`);
  ensure(
    grams.length === groups && grams.every(({ length }) => length === cols * cols),
    'INVALID_ARGUMENT',
    () => `${what}: layer '${name}' needs X X^T of ${cols} inputs in ${groups} groups, found another shape`,
  );
  return grams;
}

/** The damped Hessian of each group. */
export const hessiansOf = (layer: Layer, stats: Stats, what: string, damp = DAMP): Float64Array[] =>
  gramsOf(layer, stats, what).map((gram) => damped(gram, layer.cols, damp));

/** The group of a row. */
export const groupOf = ({ rows, groups }: Layer, row: number): number => Math.floor(row / (rows / groups));

/**
 * The optimal brain update of a row for a given mask: of all rows that are zero where the mask is, the one with the least
 * `(v - w)^T H (v - w)`, which is `v_K = H_KK^-1 (H w)_K` on the kept inputs K. Removing weights one after the other and updating after each
 * comes to the same.
 *
 * @param h `[n, n]`
 * @param rows rows of n weights that share the mask, changed in place
 */
export function optimalUpdate(
  h: Float64Array,
  n: number,
  rows: readonly Float64Array[],
  mask: Mask,
  what: string,
): void {
  const kept: number[] = [];
  for (let i = 0; i < n; i++) if (mask[i]) kept.push(i);
  if (kept.length === n) return;
  const factor = cholesky(submatrix(h, n, kept), kept.length, what);
  for (const row of rows) {
    const wanted = new Float64Array(kept.length);
    kept.forEach((i, k) => {
      // (H w)_i = H_iK w_K + H_iP w_P: what the pruned weights P did is shared out, w_K is what it is added to.
      let sum = 0;
      for (let j = 0, from = i * n; j < n; j++) if (!mask[j]) sum += h[from + j] * row[j];
      wanted[k] = sum;
    });
    choleskySolve(factor, kept.length, wanted);
    for (let j = 0; j < n; j++) if (!mask[j]) row[j] = 0;
    kept.forEach((i, k) => {
      row[i] += wanted[k];
    });
  }
}
