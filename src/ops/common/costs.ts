/**
 * Constants of the cost model: ns for one unit of each term that the candidates of `spmm.ts`, `depthwise.ts` and `spmv.ts` count.
 * `npm run bench:fit -- --write` measures them and writes this file.
 */

/** SpMM and GEMM by weight format. */
export const SPMM = {
  csr: { weight: 0.0544, row: 1.49, long: 0.00495, far: 0.0362 },
  csr_sliced: { weight: 0.0527, row: 2.06, long: 0, far: 0.0433 },
  bsr2x1: { weight: 0.0414, row: 2.4, long: 0.00157, far: 0.0214 },
  bsr2x1_sliced: { weight: 0.039, row: 2.35, long: 0, far: 0.0265 },
  bsr4x1: { weight: 0.0412, row: 3.42, long: 0.00123, far: 0.0237 },
  bsr4x1_sliced: { weight: 0.0396, row: 3.01, long: 0, far: 0.0207 },
  dense: { weight: 0.0394, row: 0, long: 0, far: 0.107 },
};

/** Depthwise 3x3 by step. */
export const DEPTHWISE = {
  1: { vector: 5.13, row: 0, plane: 8 },
  2: { vector: 3.31, row: 0.219, plane: 10.9 },
};

/** SpMV by weight format: a stored weight, a block row, a byte of weights beyond the second-level cache. */
export const SPMV = {
  csr: { weight: 0.212, row: 2, streamed: 0.001 },
  bsr2x1: { weight: 0.124, row: 1.5, streamed: 0.001 },
  bsr4x1: { weight: 0.079, row: 1, streamed: 0.001 },
  bsr8x1: { weight: 0.06, row: 1.5, streamed: 0.001 },
  bsr16x1: { weight: 0.0495, row: 2.5, streamed: 0.001 },
  bsr32x1: { weight: 0.0505, row: 4, streamed: 0.001 },
  bsr1x4: { weight: 0.078, row: 1, streamed: 0.001 },
  dense: { weight: 0.049, row: 2, streamed: 0.001 },
};
