// Fill a contiguous range with a 32-bit pattern.
export const FILL_DST = 16; //   address
export const FILL_BYTES = 20; // a multiple of 4
export const FILL_VALUE = 24; // the pattern
export const FILL_SIZE = 28;

// Fill what is outside of the image in each of COUNT planes. An image of H rows of W elements covers
// [ORIGIN + y * PITCH, + W) of the ELEMENTS elements of a plane; all lengths but STRIDE are in elements of 4 bytes.
export const HALO_DST = 16; //      address of the first plane
export const HALO_COUNT = 20;
export const HALO_STRIDE = 24; //   bytes between planes
export const HALO_ELEMENTS = 28; // > 0
export const HALO_ORIGIN = 32;
export const HALO_PITCH = 36; //    >= W
export const HALO_W = 40;
export const HALO_H = 44;
export const HALO_VALUE = 48; //    32-bit pattern
export const HALO_SIZE = 52;
