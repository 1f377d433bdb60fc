// y = x as another element type, contiguous elements. Floats truncate towards zero and saturate to 64 bits, NaN is 0; integers keep their low
// bits; a bool is x != 0.
export const CAST_X = 16; //     address
export const CAST_Y = 20; //     address
export const CAST_COUNT = 24;
export const CAST_FROM = 28; //  one of TYPE_*
export const CAST_TO = 32;
export const CAST_SIZE = 36;

export const TYPE_F32 = 0;
export const TYPE_I32 = 1;
export const TYPE_I64 = 2;
export const TYPE_U8 = 3;
export const TYPE_BOOL = 4;
export const TYPE_COUNT = 5;
