// y = min(max(a op b, lo), hi) over five outer loops and a contiguous inner one. Outer strides in bytes; unused loops count 1.
export const BINARY_KIND = 16; //     one of BINARY_* below
export const BINARY_A = 20; //        address
export const BINARY_B = 24; //        address
export const BINARY_Y = 28; //        address
export const BINARY_LO = 32; //       f32
export const BINARY_HI = 36; //       f32
export const BINARY_COLS = 40; //     inner count; up to 3 elements behind a row are read, none written
export const BINARY_A_STEP = 44; //   inner stride of a: 4, or 0 where one element serves the row
export const BINARY_B_STEP = 48;
export const BINARY_N0 = 52; //       counts of the outer loops: five words
export const BINARY_A0 = 72; //       strides of a: five words
export const BINARY_B0 = 92; //       strides of b: five words
export const BINARY_Y0 = 112; //      strides of y: five words
export const BINARY_SIZE = 132;

export const BINARY_OUTER = 5;

export const BINARY_ADD = 0;
export const BINARY_SUB = 1;
export const BINARY_MUL = 2;
export const BINARY_DIV = 3;
export const BINARY_MAX = 4; // NaN if one is NaN
export const BINARY_MIN = 5;
export const BINARY_KINDS = 6;
