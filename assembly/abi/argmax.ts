// y = index of the largest x along an axis of [outer, axis, inner], row-major; int64. A NaN is larger than nothing.
export const ARGMAX_X = 16; //      address
export const ARGMAX_Y = 20; //      address
export const ARGMAX_OUTER = 24;
export const ARGMAX_AXIS = 28; //   elements along the axis
export const ARGMAX_INNER = 32;
export const ARGMAX_LAST = 36; //   1: of equal elements the last one counts, 0: the first
export const ARGMAX_SIZE = 40;
