// y = clamp(sum of x / divisor): three kept loops, three reduced loops and a contiguous inner loop of x that is either reduced or kept.
// All strides in bytes; unused loops count 1.
export const REDUCE_X = 16; //       address
export const REDUCE_Y = 20; //       address
export const REDUCE_DIVISOR = 24; // f32
export const REDUCE_LO = 28; //      f32
export const REDUCE_HI = 32; //      f32
export const REDUCE_KEEP = 36; //    1: the inner loop is kept and contiguous in y too; 0: it is reduced
export const REDUCE_COLS = 40; //    inner count; up to 3 elements behind a row are read, none written
export const REDUCE_K0 = 44; //      counts of the kept loops: three words
export const REDUCE_KX0 = 56; //     their strides in x: three words
export const REDUCE_KY0 = 68; //     their strides in y: three words
export const REDUCE_R0 = 80; //      counts of the reduced loops: three words, 0 allowed
export const REDUCE_RX0 = 92; //     their strides in x: three words
export const REDUCE_SIZE = 104;

export const REDUCE_OUTER = 3;
