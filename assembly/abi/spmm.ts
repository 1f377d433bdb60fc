// Sparse matrix times dense columns: Y[r, :] = clamp(bias[r] + Z[r, :] + sum_i W[r, i] * X[offset_i + :]), for every image.
//
// Weights are blocks of R rows x 1 column (R = 1: CSR), row blocks one after the other; a block row reads `counts` blocks. They may be
// cut into `slices` along the columns of W, so that the rows of X that a slice reads stay in the first-level cache: all block rows of
// slice 0, then all of slice 1, whose sums start from what Y holds, and so on.
// `f32_gemm` reads the same record with dense weights: every block row has the same `blocks` offsets, of which a slice takes an equal part
// (rounded up), and no counts.
export const SPMM_X = 16; //           address of tap 0 of channel 0 for column 0
export const SPMM_Y = 20; //           address of row 0, column 0
export const SPMM_WEIGHTS = 24; //     address: f32[blocks][R]; dense: f32[blockRows][blocks][R]
export const SPMM_OFFSETS = 28; //     address: u32[blocks], bytes from X
export const SPMM_COUNTS = 32; //      address: u32[slices][blockRows]
export const SPMM_BIAS = 36; //        address: f32[blockRows][R]
export const SPMM_BLOCK_ROWS = 40;
export const SPMM_BLOCKS = 44;
export const SPMM_COLS = 48; //        columns; rounded up to a multiple of 4, all of which are written
export const SPMM_IMAGES = 52;
export const SPMM_X_IMAGE = 56; //     bytes between images
export const SPMM_Y_IMAGE = 60;
export const SPMM_Y_ROW = 64; //       bytes between rows of Y
export const SPMM_LO = 68; //          f32
export const SPMM_HI = 72; //          f32
export const SPMM_SLICES = 76;
export const SPMM_Z = 80; //           address of row 0, column 0; 0: none
export const SPMM_Z_IMAGE = 84; //     bytes between images and between rows of Z
export const SPMM_Z_ROW = 88;
export const SPMM_ZERO = 92; //        f32: x counts as zero if |x| <= this; this and the next in `f32_gemm__4x8_live` only
export const SPMM_LIVE = 96; //        address of a u32, to which the number of columns of W times vectors of Y that are multiplied is added
export const SPMM_SIZE = 100;

/** Slices of a record at most: every slice goes over all of Y. */
export const MAX_SLICES = 256;

// `f32_gemm__4x8_live` leaves out columns of W whose elements of X are all zero under a tile of columns of Y.

/** Most columns of W in a slice there. */
export const LIVE_COLUMNS = 256;

/** Threads with memory for a list of such columns, 8 bytes each, in the module's own data. */
export const LIVE_LISTS = 8;
