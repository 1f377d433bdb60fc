// Control records: they decide which record comes next. The first jumps forward only, the other two make a loop whose number of rounds is
// bounded, so every program ends.
//
// OP_SKIP jumps over the next `records` records if the element at `value` lies above `limit` (above = 1), or if it does not (above = 0).
export const SKIP_VALUE = 16; //   address of the element
export const SKIP_TYPE = 20; //    SKIP_U8, SKIP_U32 or SKIP_F32
export const SKIP_LIMIT = 24; //   of that type, in the low bytes
export const SKIP_ABOVE = 28;
export const SKIP_RECORDS = 32;
export const SKIP_SIZE = 36;

export const SKIP_U8 = 0;
export const SKIP_U32 = 1;
export const SKIP_F32 = 2; // a NaN does not lie above

// OP_REPEAT runs the next `records` records min(u32 at `count`, limit) times. OP_NEXT follows them and goes back. Loops do not nest; a
// skip in a body stays in it.
export const REPEAT_COUNT = 16; //   address of a u32
export const REPEAT_LIMIT = 20; //   at most MOST_ROUNDS
export const REPEAT_RECORDS = 24; // without OP_NEXT
export const REPEAT_SIZE = 28;

export const NEXT_SIZE = 16;
