import type { Criterion } from '../types.ts';

/**
 * Norms of whole filters: `s(j) = ||W_j||_1 = sum over c of |W[j, c]|`; the outputs with the smallest go, with all that depends on them.
 *
 * Li et al. 2016, "Pruning Filters for Efficient ConvNets".
 */
export const filterL1: Criterion = {
  name: 'filter-l1',
  summary: 'L1 norm of whole filters (Li et al. 2016)',
  needs: 'nothing',
  channels: ({ layer: { rows, cols }, weights }) => perRow(rows, cols, (at) => Math.abs(weights[at])),
};

/**
 * Norms of whole filters: `s(j) = ||W_j||_2 = sqrt(sum over c of W[j, c]^2)`.
 *
 * Li et al. 2016, "Pruning Filters for Efficient ConvNets".
 */
export const filterL2: Criterion = {
  name: 'filter-l2',
  summary: 'L2 norm of whole filters (Li et al. 2016)',
  needs: 'nothing',
  channels: ({ layer: { rows, cols }, weights }) => perRow(rows, cols, (at) => weights[at] ** 2).map(Math.sqrt),
};

/** Sums over the rows of W. */
function perRow(rows: number, cols: number, term: (at: number) => number): Float32Array {
  return Float32Array.from({ length: rows }, (_, r) => {
    let sum = 0;
    for (let at = r * cols; at < (r + 1) * cols; at++) sum += term(at);
    return sum;
  });
}
