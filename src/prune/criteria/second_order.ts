import { smallest } from '../bands.ts';
import { groupOf, hessiansOf } from '../hessian.ts';
import { inverseOf, quadratic } from '../linalg.ts';
import { keptUnits } from '../patterns.ts';
import type { Layer, Mask, ScoreContext } from '../types.ts';

/** What `Criterion.solve` gives. */
export interface Solved {
  mask: Mask;
  weights: Float32Array;
}

/** Saliency of the optimal brain surgeon: `s(r, c) = w^2 / [H^-1]_cc`, the loss of removing one weight and updating the others of its row. */
export function saliencies({ layer, weights, stats }: ScoreContext, what: string): Float32Array {
  const { cols } = layer;
  const inverses = hessiansOf(layer, stats, what).map((h) => inverseOf(h, cols, what));
  return weights.map((w, at) => {
    const c = at % cols;
    return (w * w) / inverses[groupOf(layer, Math.floor(at / cols))][c * cols + c];
  });
}

/** The pattern `channel`: rows with the least output energy `w H w^T` go. No other row can make up for them, so the rest stays as it is. */
export function wholeRows({ layer, weights, stats }: ScoreContext, sparsity: number, what: string): Solved {
  const { rows, cols } = layer;
  const hessians = hessiansOf(layer, stats, what);
  const losses = Float64Array.from({ length: rows }, (_, r) =>
    quadratic(hessians[groupOf(layer, r)], cols, weights.subarray(r * cols, (r + 1) * cols)),
  );
  const mask = new Uint8Array(rows * cols).fill(1);
  for (const r of smallest(losses, rows - keptUnits(rows, sparsity))) mask.fill(0, r * cols, (r + 1) * cols);
  return { mask, weights: weights.map((w, i) => (mask[i] ? w : 0)) };
}

/** Rows of W in float64. */
export const rowsOf = ({ rows, cols }: Layer, weights: Float32Array): Float64Array[] =>
  Array.from({ length: rows }, (_, r) => Float64Array.from(weights.subarray(r * cols, (r + 1) * cols)));

/** W of rows in float64; exact zeros where the mask prunes. */
export function joined({ rows, cols }: Layer, parts: readonly Float64Array[], mask: Mask): Float32Array {
  const weights = new Float32Array(rows * cols);
  parts.forEach((row, r) => {
    weights.set(row, r * cols);
  });
  return weights.map((w, i) => (mask[i] ? w : 0));
}
