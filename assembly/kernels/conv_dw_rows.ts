// What the depthwise kernels share.
import { DW_H, DW_HI, DW_LO, DW_X_ROW, DW_ZEROS } from '../abi/conv_dw';
import { clamp4, madd } from '../prelude';

/** Row `y` of a plane, or the row of zeros. */
// @ts-ignore: decorator
@inline
export function rowAt(record: usize, x: usize, y: i32): usize {
  return <u32>y < load<u32>(record, DW_H)
    ? x + <usize>y * load<u32>(record, DW_X_ROW)
    : load<usize>(record, DW_ZEROS) + 16;
}

/** `a + x0 * w0 + x1 * w1 + x2 * w2`, in this order: one row of a window. */
// @ts-ignore: decorator
@inline
export function taps3(x0: v128, x1: v128, x2: v128, w0: v128, w1: v128, w2: v128, a: v128): v128 {
  return madd(x2, w2, madd(x1, w1, madd(x0, w0, a)));
}

/** Stores four finished outputs. */
// @ts-ignore: decorator
@inline
export function storeClamped(record: usize, y: usize, a: v128): void {
  v128.store(y, clamp4(a, v128.load32_splat(record, DW_LO), v128.load32_splat(record, DW_HI)));
}

/**
 * Output rows that are walked down at once. The lines of a column of vectors, one a row of X and one of Y, should stay in the
 * first-level cache for the next column: rows whose pitch is a multiple of 2^k bytes share 2^(12 - k) of its sets.
 */
export function rowsAtOnce(record: usize): i32 {
  return max(16, 8192 >>> ctz(load<i32>(record, DW_X_ROW)));
}
