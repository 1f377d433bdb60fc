import type { Criterion } from '../types.ts';

/**
 * Magnitude: `s(w) = |w|`; a unit of several weights sums them, `s(U) = sum over w in U of |w|`.
 *
 * Han et al. 2015, "Learning both Weights and Connections for Efficient Neural Networks".
 */
export const magnitudeL1: Criterion = {
  name: 'magnitude-l1',
  summary: 'sum of |w| (Han et al. 2015)',
  needs: 'nothing',
  weights: ({ weights }) => weights.map(Math.abs),
};

/**
 * Squared magnitude: `s(w) = w^2`; a unit sums them, `s(U) = sum over w in U of w^2 = ||U||_2^2`. Weights rank as by `|w|`, units of several do
 * not: one large weight counts for more than many small ones.
 *
 * Han et al. 2015, "Learning both Weights and Connections for Efficient Neural Networks".
 */
export const magnitudeL2: Criterion = {
  name: 'magnitude-l2',
  summary: 'sum of w^2 (Han et al. 2015)',
  needs: 'nothing',
  weights: ({ weights }) => weights.map((w) => w * w),
};
