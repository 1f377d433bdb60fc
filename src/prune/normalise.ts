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
  switch (how) {
    case 'none':
      return scores;
    case 'mean': {
      const all = finite(scores);
      let sum = 0;
      for (let i = 0; i < all.length; i++) sum += Math.abs(all[i]);
      return scaled(scores, sum / all.length);
    }
    case 'l2': {
      const all = finite(scores);
      let squares = 0;
      for (let i = 0; i < all.length; i++) squares += all[i] * all[i];
      return scaled(scores, Math.sqrt(squares));
    }
    case 'lamp':
      return lamp(scores);
    default:
      throw new ZeroskipError('INVALID_ARGUMENT', `normalise: expected none, mean, l2 or lamp, found '${how}'`);
  }
}

function finite(scores: Float64Array): Float64Array {
  const found = scores.slice();
  let n = 0;
  for (let i = 0; i < scores.length; i++) if (Number.isFinite(scores[i])) found[n++] = scores[i];
  return found.subarray(0, n);
}

function scaled(scores: Float64Array, by: number): Float64Array {
  if (!(by > 0)) return scores;
  const quotients = new Float64Array(scores.length);
  for (let i = 0; i < scores.length; i++) quotients[i] = scores[i] / by;
  return quotients;
}

function lamp(scores: Float64Array): Float64Array {
  const ascending = finite(scores).sort();
  const sums = new Float64Array(ascending.length);
  for (let i = sums.length - 1, sum = 0; i >= 0; i--) {
    sum += ascending[i];
    sums[i] = sum;
  }
  return scores.map((s) => (s === 0 || !Number.isFinite(s) ? s : s / sums[firstNotBelow(ascending, s)]));
}

function firstNotBelow(ascending: Float64Array, value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
