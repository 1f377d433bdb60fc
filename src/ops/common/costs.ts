/**
 * Constants of the cost model: ns for one unit of each term that the candidates of `spmm.ts`, `depthwise.ts` and `spmv.ts` count.
 * `npm run bench:fit -- --write` measures them and writes this file.
 */

/** SpMM and GEMM by weight format. */
export const SPMM = {
  csr: { weight: 0.0541, row: 1.6, long: 0.00524, far: 0.0317 },
  csr_sliced: { weight: 0.0527, row: 2.06, long: 0, far: 0.0433 },
  bsr2x1: { weight: 0.0414, row: 2.38, long: 0.00161, far: 0.022 },
  bsr2x1_sliced: { weight: 0.039, row: 2.35, long: 0, far: 0.0265 },
  bsr4x1: { weight: 0.041, row: 3.46, long: 0.00144, far: 0.0232 },
  bsr4x1_sliced: { weight: 0.0396, row: 3.01, long: 0, far: 0.0207 },
  dense: { weight: 0.0394, row: 0, long: 0, far: 0.107 },
};

/**
 * What skipping all-zero tiles costs. `f32_spmm__csc`: a weight times a column that is not skipped, looking at a column of W and opening and
 * closing a row of Y, a column each; dense weights: looking at a column of W, a column; counting the live tiles of x: an element.
 */
export const LIVE = {
  csc: { weight: 0.105, input: 0.15, row: 0.15 },
  dense: { input: 0.25 },
  tiles: { element: 0.05 },
};

/** Depthwise 3x3 by step: a vector of outputs, a plane. */
export const DEPTHWISE = {
  1: { vector: 1.79, plane: 8.51 },
  2: { vector: 2.46, plane: 4.8 },
};

/** SpMV by weight format: a stored weight, a block row, a byte of weights beyond the second-level cache. */
export const SPMV = {
  csr: { weight: 0.212, row: 2, streamed: 0.005 },
  bsr2x1: { weight: 0.124, row: 1.5, streamed: 0.005 },
  bsr4x1: { weight: 0.079, row: 1, streamed: 0.005 },
  bsr8x1: { weight: 0.06, row: 1.5, streamed: 0.005 },
  bsr16x1: { weight: 0.0495, row: 2.5, streamed: 0.005 },
  bsr32x1: { weight: 0.0505, row: 4, streamed: 0.005 },
  bsr1x4: { weight: 0.078, row: 1, streamed: 0.005 },
  dense: { weight: 0.049, row: 2, streamed: 0.015 },
};

/** Skipping zero inputs by format of the columns: an input, a weight of a live one, a live one, an output, a byte as above. */
export const SKIP = {
  columns: { input: 0.25, weight: 0.055, live: 3, row: 0.1, streamed: 0.025 },
  csc: { input: 0.25, weight: 0.47, live: 4, row: 0.1, streamed: 0.005 },
  csc4x1: { input: 0.25, weight: 0.12, live: 4, row: 0.1, streamed: 0.005 },
};
