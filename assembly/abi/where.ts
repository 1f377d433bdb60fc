// y = condition ? a : b over four outer loops and an inner one along which y is contiguous. Strides in bytes; unused loops count 1.
export const WHERE_ELEMENT = 16; //   bytes of an element of a, b and y: 1, 4 or 8
export const WHERE_C = 20; //         address; a byte an element, true where it is not 0
export const WHERE_A = 24; //         address
export const WHERE_B = 28; //         address
export const WHERE_Y = 32; //         address
export const WHERE_COLS = 36; //      inner count; up to 3 elements behind a row are read, none written
export const WHERE_C_STEP = 40; //    inner strides: that of an element, or 0 where one serves the row
export const WHERE_A_STEP = 44;
export const WHERE_B_STEP = 48;
export const WHERE_N0 = 52; //        counts of the outer loops: four words
export const WHERE_C0 = 68; //        strides of the condition: four words
export const WHERE_A0 = 84; //        strides of a: four words
export const WHERE_B0 = 100; //       strides of b: four words
export const WHERE_Y0 = 116; //       strides of y: four words
export const WHERE_SIZE = 132;

export const WHERE_OUTER = 4;
