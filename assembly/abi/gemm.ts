// Matrix product of two run-time operands: y[b, m, n] = clamp(sum_k a[b, m, k] * b[b, k, n]), over two batch dimensions.
//
// The rows of b and y are contiguous; all strides in bytes.
export const GEMM_A = 16; //         address
export const GEMM_B = 20; //         address
export const GEMM_Y = 24; //         address
export const GEMM_OUTER = 28; //     batches: OUTER * INNER
export const GEMM_INNER = 32;
export const GEMM_M = 36;
export const GEMM_N = 40;
export const GEMM_K = 44;
export const GEMM_A_ROW = 48; //     bytes between a[m] and a[m + 1]
export const GEMM_A_STEP = 52; //    bytes between a[., k] and a[., k + 1]
export const GEMM_B_ROW = 56; //     bytes between b[k] and b[k + 1]
export const GEMM_Y_ROW = 60;
export const GEMM_A_OUTER = 64;
export const GEMM_A_INNER = 68;
export const GEMM_B_OUTER = 72;
export const GEMM_B_INNER = 76;
export const GEMM_Y_OUTER = 80;
export const GEMM_Y_INNER = 84;
export const GEMM_LO = 88; //        f32
export const GEMM_HI = 92; //        f32
export const GEMM_LIVE = 96; //      address of u32s that this record writes, 0: none. The first is the number of live columns of all groups of
//                                  four rows of a; those of a group follow as runs: pairs of a gap and a length
export const GEMM_THRESHOLD = 100; // f32 >= 0: an element of a that is not above it in magnitude is not multiplied, unless its neighbours are
export const GEMM_SIZE = 104;

/** Columns that are not live but stand between live ones count as live up to this many. */
export const GEMM_GAP = 2;
