// y = a op b as 0 or 1 a byte, over five outer loops and an inner one along which y is contiguous. Strides in bytes; unused loops count 1.
export const COMPARE_KIND = 16; //   one of COMPARE_* below
export const COMPARE_TYPE = 20; //   type of a and b: one of TYPE_* of abi/cast.ts
export const COMPARE_A = 24; //      address
export const COMPARE_B = 28; //      address
export const COMPARE_Y = 32; //      address
export const COMPARE_COLS = 36; //   inner count
export const COMPARE_A_STEP = 40; // inner strides
export const COMPARE_B_STEP = 44;
export const COMPARE_N0 = 48; //     counts of the outer loops: five words
export const COMPARE_A0 = 68; //     strides of a: five words
export const COMPARE_B0 = 88; //     strides of b: five words
export const COMPARE_Y0 = 108; //    strides of y: five words
export const COMPARE_SIZE = 128;

export const COMPARE_OUTER = 5;

export const COMPARE_EQUAL = 0;
export const COMPARE_GREATER = 1;
export const COMPARE_GREATER_OR_EQUAL = 2;
export const COMPARE_LESS = 3;
export const COMPARE_LESS_OR_EQUAL = 4;
export const COMPARE_AND = 5; //          both are not 0
export const COMPARE_OR = 6; //           one is not 0
export const COMPARE_KINDS = 7;
