// Inline helpers shared by the kernel families.

/** `a * b + c`, fused in the relaxed build. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  // @ts-ignore: RELAXED is a build constant
  return RELAXED ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

/** `min(max(x, lo), hi)`; NaN in `x` passes through, since both comparisons are then false. */
// @ts-ignore: decorator
@inline
export function clamp4(x: v128, lo: v128, hi: v128): v128 {
  return f32x4.pmin(f32x4.pmax(x, lo), hi);
}

// @ts-ignore: decorator
@inline
export function clamp1(x: f32, lo: f32, hi: f32): f32 {
  x = x < lo ? lo : x;
  return hi < x ? hi : x;
}

/** x0 + x1 + x2 + x3, pairwise. */
// @ts-ignore: decorator
@inline
export function sum4(x: v128): f32 {
  const pairs = f32x4.add(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** First index of the share of `thread` when `total` items are split over `threads`. */
// @ts-ignore: decorator
@inline
export function shareStart(total: i32, thread: i32, threads: i32): i32 {
  return threads == 1 ? 0 : <i32>((<i64>total * thread) / threads);
}

/** Index behind the share of `thread`. */
// @ts-ignore: decorator
@inline
export function shareEnd(total: i32, thread: i32, threads: i32): i32 {
  return threads == 1 ? total : <i32>((<i64>total * (thread + 1)) / threads);
}

/** The elements of `x` as numbers that compare as i32 like their magnitudes do; a NaN is larger than all others. */
// @ts-ignore: decorator
@inline
export function magnitude4(x: v128): v128 {
  return v128.and(x, i32x4.splat(0x7fffffff));
}

/** Whether any of the magnitudes lies above `zero`, one itself. */
// @ts-ignore: decorator
@inline
export function anyAbove(magnitudes: v128, zero: v128): bool {
  return v128.any_true(i32x4.gt_s(magnitudes, zero));
}
