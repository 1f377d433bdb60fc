// Depthwise convolution over planes: y[c, p] = clamp(bias[c] + sum_t w[c, t] * x[c, p * step - pad + t * dilation]).
//
// The kernel reads planes without a halo: it copies a band of input rows at a time into SCRATCH, with zeros around the image and the
// columns split by STEP_X, so that the taps of neighbouring outputs are neighbours. A scratch row:
//
//   | columns 0, s, 2s, … of the padded row | columns 1, s+1, … | … |     each part PHASE bytes, ROW bytes in all
export const DW_X = 16; //         address of element (0, 0)
export const DW_Y = 20; //         address of element (0, 0)
export const DW_WEIGHTS = 24; //   address: f32[channels][TAPS]
export const DW_BIAS = 28; //      address: f32[channels]
export const DW_OFFSETS = 32; //   address: u32[TAPS], bytes from a scratch row to the tap of its first output
export const DW_SCRATCH = 36; //   address
export const DW_AREAS = 40; //     scratch areas; as many threads take part
export const DW_AREA = 44; //      bytes of an area: BAND_ROWS * ROW + 16
export const DW_TAPS = 48;
export const DW_CHANNELS = 52;
export const DW_IMAGES = 56;
export const DW_H = 60; //         input rows and columns
export const DW_W = 64;
export const DW_OUT_H = 68;
export const DW_OUT_W = 72; //     exactly these columns are written
export const DW_TOP = 76; //       pads in elements
export const DW_LEFT = 80;
export const DW_STEP_Y = 84;
export const DW_STEP_X = 88;
export const DW_BAND = 92; //      output rows of a band
export const DW_BAND_ROWS = 96; // input rows of a band
export const DW_PHASE = 100; //    bytes, a multiple of 4
export const DW_ROW = 104; //      bytes: STEP_X * PHASE
export const DW_X_ROW = 108; //    bytes between input rows
export const DW_Y_ROW = 112;
export const DW_X_PLANE = 116; //  bytes between channels
export const DW_Y_PLANE = 120;
export const DW_X_IMAGE = 124;
export const DW_Y_IMAGE = 128;
export const DW_LO = 132; //       f32
export const DW_HI = 136; //       f32
export const DW_SIZE = 140;
