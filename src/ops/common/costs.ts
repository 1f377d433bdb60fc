/**
 * Constants of the cost model: ns for one unit of each term that the candidates of `spmm.ts`, `depthwise.ts` and `spmv.ts` count.
 * `npm run bench:fit -- --write` measures them and writes this file.
 */

/** SpMM and GEMM by weight format. */
export const SPMM = {
  csr: { weight: 0.056, block: 0, row: 3, long: 0.014, load: 0, store: 0 },
  csr_sliced: { weight: 0.056, block: 0, row: 3, long: 0, load: 0, store: 0 },
  bsr2x1: { weight: 0.042, block: 0, row: 3, long: 0.0105, load: 0, store: 0 },
  bsr2x1_sliced: { weight: 0.042, block: 0, row: 3, long: 0, load: 0, store: 0 },
  bsr4x1: { weight: 0.042, block: 0, row: 3, long: 0.0105, load: 0, store: 0 },
  bsr4x1_sliced: { weight: 0.042, block: 0, row: 3, long: 0, load: 0, store: 0 },
  dense: { weight: 0.041, block: 0, row: 3, long: 0, load: 0, store: 0 },
};

/** Depthwise 3x3 by step. */
export const DEPTHWISE = {
  1: { vector: 4.6, row: 5, plane: 0 },
  2: { vector: 3.3, row: 2.5, plane: 0 },
};

/** SpMV: a stored weight by format, a block row, a byte of weights below and beyond the second-level cache. */
export const SPMV = {
  csr: 0.24,
  bsr2x1: 0.175,
  bsr4x1: 0.085,
  dense: 0.078,
  row: 3.5,
  cached: 0.002,
  streamed: 0.01,
};
