// Strided copy: dst[i0*D0 + … + i4*D4] = src[i0*S0 + … + i4*S4] over five loops, the last one innermost. Unused outer loops count 1.
export const COPY_SRC = 16; //     address
export const COPY_DST = 20; //     address
export const COPY_ELEMENT = 24; // bytes of an element: 1, 2, 4 or 8
export const COPY_N0 = 28; //      counts of the loops: five words
export const COPY_S0 = 48; //      bytes between steps of src: five words, signed
export const COPY_D0 = 68; //      bytes between steps of dst: five words, not negative
export const COPY_SIZE = 88;
