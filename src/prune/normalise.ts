import { ZeroskipError } from '../errors.ts';

/**
 * What makes the scores s of the units of different layers comparable; none changes the ranking within a layer.
 *
 * - `none`: `s`
 * - `mean`: `s / mean(|s|)` over the layer
 * - `l2`: `s / ||s||_2` over the layer (Molchanov et al. 2017, "Pruning Convolutional Neural Networks for Resource Efficient Inference")
 * - `lamp`: `s / sum of all s' >= s` of the layer; with `magnitude-l2` the score of Lee et al. 2021, "Layer-adaptive Sparsity for the
 *   Magnitude-based Pruning". The highest unit of each layer has the score 1. Scores are at least 0.
 */
export type Normalisation = 'none' | 'mean' | 'l2' | 'lamp';

/**
 * The scores of the units of one layer, normalised. Scores that are not finite stay and count for no mean or norm.
 *
 * @throws ZeroskipError `INVALID_ARGUMENT` for another `how`
 */
export function normalised(scores: Float64Array, how: Normalisation): Float64Array {
  const finite = scores.filter(Number.isFinite);
  switch (how) {
    case 'none':
      return scores;
    case 'mean':
      return scaled(scores, finite.reduce((sum, s) => sum + Math.abs(s), 0) / finite.length);
    case 'l2':
      return scaled(scores, Math.sqrt(finite.reduce((sum, s) => sum + s * s, 0)));
    case 'lamp':
      return lamp(scores, finite);
    default:
      throw new ZeroskipError('INVALID_ARGUMENT', `normalise: expected none, mean, l2 or lamp, found '${how}'`);
  }
}

const scaled = (scores: Float64Array, by: number): Float64Array => (by > 0 ? scores.map((s) => s / by) : scores);

function lamp(scores: Float64Array, finite: Float64Array): Float64Array {
  const descending = finite.sort().reverse();
  const sums = new Map<number, number>();
  let sum = 0;
  for (const s of descending) {
    sum += s;
    sums.set(s, sum);
  }
  return scores.map((s) => (s === 0 || !Number.isFinite(s) ? s : s / sums.get(s)!));
}
