// Rows end anywhere: loads may run past the end of a row, stores may not.

/** Stores the first `count` of 1 to 4 lanes. */
// @ts-ignore: decorator
@inline
export function storeLanes(y: usize, value: v128, count: i32): void {
  if (count >= 4) {
    v128.store(y, value);
  } else {
    if (count >= 2) v128.store64_lane(y, value, 0);
    if (count == 3) v128.store32_lane(y, value, 2, 8);
    if (count == 1) v128.store32_lane(y, value, 0);
  }
}

/** All bits set in the first `count` lanes. */
// @ts-ignore: decorator
@inline
export function laneMask(count: i32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count));
}
