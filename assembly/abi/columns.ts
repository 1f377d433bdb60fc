// Columns of a matrix times the live inputs of `batch` vectors: y = clamp(bias + sum over i in list[0..count) of W[., i] * x[i]).
//
// Dense: weights f32[cols][rows], a column in one piece. CSC: blocks of R outputs x 1 input, those of input i are the blocks
// [starts[i], starts[i + 1]); a block has its values f32[R] and the byte offset of its outputs in y. A list has to ascend: a kernel stops
// at the first entry that does not or that is no column.
export const COLUMNS_X = 16; //        address
export const COLUMNS_Y = 20; //        address; rows elements are written
export const COLUMNS_WEIGHTS = 24; //  address
export const COLUMNS_LIST = 28; //     address: u32[batch][LIST_ROW / 4]
export const COLUMNS_COUNTS = 32; //   address: u32[batch]
export const COLUMNS_BIAS = 36; //     address: f32[rows]
export const COLUMNS_ROWS = 40; //     a multiple of 4
export const COLUMNS_COLS = 44;
export const COLUMNS_BATCH = 48;
export const COLUMNS_X_ROW = 52; //    bytes between vectors
export const COLUMNS_Y_ROW = 56;
export const COLUMNS_LIST_ROW = 60;
export const COLUMNS_LO = 64; //       f32
export const COLUMNS_HI = 68; //       f32
export const COLUMNS_OFFSETS = 72; //  CSC; address: u32[blocks], bytes from y
export const COLUMNS_STARTS = 76; //   CSC; address: u32[cols + 1]
export const COLUMNS_BLOCKS = 80; //   CSC
export const COLUMNS_SIZE = 84;
