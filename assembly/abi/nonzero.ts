// Lists the live inputs of `rows` vectors: list[r] = the i with not |x[r, i]| <= threshold, ascending, so NaN is live; counts[1 + r] how
// many, counts[0] their sum over all rows.
export const NONZERO_X = 16; //         address
export const NONZERO_LIST = 20; //      address: u32[rows][LIST_ROW / 4]
export const NONZERO_COUNTS = 24; //    address: u32[1 + rows]
export const NONZERO_COLS = 28;
export const NONZERO_ROWS = 32;
export const NONZERO_X_ROW = 36; //     bytes between vectors; up to 3 elements behind one are read
export const NONZERO_LIST_ROW = 40; //  bytes between lists, at least those of cols rounded up to 4 entries
export const NONZERO_THRESHOLD = 44; // f32
export const NONZERO_SIZE = 48;
