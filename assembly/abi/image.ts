// The image module's own record (it has no interpreter): rows of a picture of bytes, resampled and normalised.
//
// Vertical table: for each row of the result its first source row (u32), then for each pair of source rows four i16: the high parts of
// both weights, then their low parts. A weight is `high * IMAGE_HIGH + low * IMAGE_LOW`.
// Horizontal table: for each column of the result the byte offset of its first source column in IMAGE_COLUMNS (u32), then f32 weights.
// Matrix: `y[c] = b[c] + sum_k m[k][c] * x[k]`, three vectors of four f32, what red, green and blue add to each channel of the result, then b.
export const IMAGE_BAND = 0; //      address of the first source row in memory
export const IMAGE_BAND_ROW = 4; //  which row of the picture that is
export const IMAGE_PITCH = 8; //     bytes from row to row, a multiple of 16 and at least 3 more than the pixels take
export const IMAGE_CHANNELS = 12; // bytes a pixel: 1, 3 or 4
export const IMAGE_VERTICAL = 16; // address of the vertical table
export const IMAGE_PAIRS = 20; //    pairs of source rows for each row
export const IMAGE_HIGH = 24; //     f32
export const IMAGE_LOW = 28; //      f32
export const IMAGE_ACROSS = 32; //   address of the horizontal table
export const IMAGE_TAPS = 36; //     weights for each column; of one-channel pictures a multiple of 4
export const IMAGE_COLUMNS = 40; //  address: room for a row behind the vertical pass, f32[IMAGE_PITCH]
export const IMAGE_PIXELS = 44; //   address: room for a row behind the horizontal pass, f32[IMAGE_WIDTH + 3][4]
export const IMAGE_WIDTH = 48; //    columns of the result
export const IMAGE_OUT = 52; //      address of the first element of the result
export const IMAGE_OUT_ROW = 56; //  bytes from row to row
export const IMAGE_OUT_PLANE = 60; // bytes from channel to channel; 0: the channels of a pixel are neighbours
export const IMAGE_OUT_CHANNELS = 64; // 1 or 3
export const IMAGE_OUT_BYTES = 68; // bytes an element: 4 are float32, 1 uint8
export const IMAGE_MATRIX = 72;
export const IMAGE_SIZE = 136;

/** What the module's `marker` says: its name and the version of this record. */
export const IMAGE_MARKER = 0x494d0001;
