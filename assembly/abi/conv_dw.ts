// Depthwise convolution over planes: y[c, p] = clamp(bias[c] + sum_t w[c, t] * x[c, p * step + offset_t]).
//
// The input plane holds its halo; X points at tap (0, 0) of output (0, 0). Step along columns is 1 or 2.
export const DW_X = 16; //        address
export const DW_Y = 20; //        address of element (0, 0)
export const DW_WEIGHTS = 24; //  address: f32[channels][kernelH][kernelW]
export const DW_BIAS = 28; //     address: f32[channels]
export const DW_CHANNELS = 32;
export const DW_IMAGES = 36;
export const DW_KERNEL_H = 40;
export const DW_KERNEL_W = 44;
export const DW_TAP_Y = 48; //    bytes between vertical taps
export const DW_TAP_X = 52; //    bytes between horizontal taps
export const DW_STEP_X = 56; //   1 or 2 elements
export const DW_ROWS = 60; //     output rows
export const DW_COLS = 64; //     output columns; exactly these are written
export const DW_X_ROW = 68; //    bytes between the input rows of two output rows
export const DW_Y_ROW = 72;
export const DW_X_PLANE = 76; //  bytes between channels
export const DW_Y_PLANE = 80;
export const DW_X_IMAGE = 84;
export const DW_Y_IMAGE = 88;
export const DW_LO = 92; //       f32
export const DW_HI = 96; //       f32
export const DW_SIZE = 100;
