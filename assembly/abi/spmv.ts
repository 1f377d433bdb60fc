// Sparse matrix times one vector: y[r] = clamp(bias[r] + sum_i W[r, i] * x[offset_i]), for `batch` vectors.
//
// Weights as in `abi/spmm.ts`; a block of R outputs x C inputs holds its values as f32[R][C] with R or C = 1, and its offset is that of
// the first input. The dense kernel reads x contiguously: `blocks` counts the columns and offsets and counts are unused.
export const SPMV_X = 16; //           address
export const SPMV_Y = 20; //           address; blockRows * R elements are written
export const SPMV_WEIGHTS = 24; //     address: f32[blocks][R * C]; dense: f32[blockRows][blocks][R]
export const SPMV_OFFSETS = 28; //     address: u32[blocks], bytes from x
export const SPMV_COUNTS = 32; //      address: u32[blockRows]
export const SPMV_BIAS = 36; //        address: f32[blockRows][R]
export const SPMV_BLOCK_ROWS = 40;
export const SPMV_BLOCKS = 44;
export const SPMV_BATCH = 48;
export const SPMV_X_ROW = 52; //       bytes between vectors
export const SPMV_Y_ROW = 56;
export const SPMV_LO = 60; //          f32
export const SPMV_HI = 64; //          f32
export const SPMV_SIZE = 68;
