// Y[r, :] = clamp(bias[r] + Z[r, :] + sum_i W[r, i] * X[offset_i + :]), for every image, column of W by column of W: those whose elements
// of X are all zero under a tile of columns of Y are left out.
//
// Weights are the columns of W, one after the other, column i those from `starts[i]` on; each has the bytes from Y to its row.
export const CSC_X = 16; //       address of tap 0 of channel 0 for column 0
export const CSC_Y = 20; //       address of row 0, column 0
export const CSC_WEIGHTS = 24; // address: f32[weights]
export const CSC_PLACES = 28; //  address: u32[weights], bytes from Y
export const CSC_STARTS = 32; //  address: u32[inputs + 1], ascending
export const CSC_OFFSETS = 36; // address: u32[inputs], bytes from X
export const CSC_BIAS = 40; //    address: f32[rows]
export const CSC_ROWS = 44;
export const CSC_INPUTS = 48;
export const CSC_STORED = 52; //  weights
export const CSC_COLS = 56; //    columns; rounded up to a multiple of 4, all of which are written
export const CSC_IMAGES = 60;
export const CSC_X_IMAGE = 64; // bytes between images
export const CSC_Y_IMAGE = 68;
export const CSC_Y_ROW = 72; //   bytes between rows of Y
export const CSC_LO = 76; //      f32
export const CSC_HI = 80; //      f32
export const CSC_Z = 84; //       address of row 0, column 0; 0: none
export const CSC_Z_IMAGE = 88; // bytes between images and between rows of Z
export const CSC_Z_ROW = 92;
export const CSC_ZERO = 96; //    f32: x counts as zero if |x| <= this
export const CSC_SIZE = 100;
