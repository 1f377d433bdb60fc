// Images cut into a grid of GRID_H x GRID_W blocks. Blocks are numbered image by image, row by row. A list of active blocks is 32-bit
// words: their count, their numbers, ascending, then -1 up to the number of all blocks. Strides are in bytes, all other lengths in elements; elements of a row are contiguous.

// The list of the blocks of IMAGES images of H x W whose part of a mask [IMAGES, MASK_H, MASK_W] lies above a threshold.
// MASK_H * DOWN_Y = H * UP_Y, one of the two factors is 1; likewise along x.
export const MASK_MASK = 16; //   address
export const MASK_LIST = 20; //   address of 1 + IMAGES * grid words
export const MASK_IMAGES = 24;
export const MASK_H = 28;
export const MASK_W = 32;
export const MASK_BLOCK_H = 36;
export const MASK_BLOCK_W = 40;
export const MASK_MASK_H = 44;
export const MASK_MASK_W = 48;
export const MASK_UP_Y = 52; //   mask elements a row of the image has
export const MASK_DOWN_Y = 56; // rows of the image that a mask element has
export const MASK_UP_X = 60;
export const MASK_DOWN_X = 64;
export const MASK_POOL = 68; //   MASK_AVERAGE or MASK_MAX
export const MASK_THRESHOLD = 72; // f32
export const MASK_SIZE = 76;

export const MASK_AVERAGE = 0;
export const MASK_MAX = 1;

// Copies the block of the list that the round of the loop stands for, between an image and a buffer of BLOCK_H x BLOCK_W: row 0 of the
// buffer is row `row of the grid * STEP_Y - TOP` of the image, likewise along x. What is outside of the H x W image reads as zero and is
// not written. OP_BLOCK_GATHER: X image, Y buffer; OP_BLOCK_SCATTER: X buffer, Y image; OP_BLOCK_EDGE: both buffers.
export const BLOCK_LIST = 16; // address
export const BLOCK_X = 20; //    address
export const BLOCK_Y = 24; //    address; equal to X in place
export const BLOCK_IMAGES = 28;
export const BLOCK_GRID_H = 32;
export const BLOCK_GRID_W = 36;
export const BLOCK_STEP_Y = 40;
export const BLOCK_STEP_X = 44;
export const BLOCK_TOP = 48;
export const BLOCK_LEFT = 52;
export const BLOCK_CHANNELS = 56;
export const BLOCK_H = 60;
export const BLOCK_W = 64;
export const BLOCK_BLOCK_H = 68;
export const BLOCK_BLOCK_W = 72;
export const BLOCK_X_IMAGE = 76; // 0 for a buffer
export const BLOCK_X_CHANNEL = 80;
export const BLOCK_X_ROW = 84;
export const BLOCK_Y_IMAGE = 88; // 0 for a buffer
export const BLOCK_Y_CHANNEL = 92;
export const BLOCK_Y_ROW = 96;
export const BLOCK_SIZE = 100;

// Y = X in the blocks of the list, and elsewhere Z, or zero where Z is 0.
export const SELECT_LIST = 16; // address
export const SELECT_X = 20; //    address
export const SELECT_Y = 24; //    address; equal to X or Z in place
export const SELECT_Z = 28; //    address or 0
export const SELECT_IMAGES = 32;
export const SELECT_CHANNELS = 36;
export const SELECT_H = 40;
export const SELECT_W = 44;
export const SELECT_BLOCK_H = 48;
export const SELECT_BLOCK_W = 52;
export const SELECT_X_IMAGE = 56;
export const SELECT_X_CHANNEL = 60;
export const SELECT_X_ROW = 64;
export const SELECT_Y_IMAGE = 68;
export const SELECT_Y_CHANNEL = 72;
export const SELECT_Y_ROW = 76;
export const SELECT_Z_IMAGE = 80;
export const SELECT_Z_CHANNEL = 84;
export const SELECT_Z_ROW = 88;
export const SELECT_SIZE = 92;
