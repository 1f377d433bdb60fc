// y = least over rows of the largest class of x: of x itself, or of its softmax. NaN if a row holds a NaN.
export const CONFIDENCE_X = 16; //       address: f32[rows][classes]
export const CONFIDENCE_Y = 20; //       address of an f32
export const CONFIDENCE_ROWS = 24; //    1 or more
export const CONFIDENCE_CLASSES = 28; // 1 or more
export const CONFIDENCE_SOFTMAX = 32; // 1: the softmax of a row decides, 0: the row as it is
export const CONFIDENCE_SIZE = 36;
