/** x / 255, rounded, of 0 to 255 * 255. */
// @ts-ignore: decorator
@inline
function by255(x: v128): v128 {
  const t = i16x8.add(x, i16x8.splat(128));
  return i16x8.shr_u(i16x8.add(t, i16x8.shr_u(t, 8)), 8);
}

/** Two pixels, widened: `round((a * x + (255 - a) * background) / 255)`. */
// @ts-ignore: decorator
@inline
function over(x: v128, alpha: v128, background: v128): v128 {
  const rest = i16x8.sub(i16x8.splat(255), alpha);
  return by255(i16x8.add(i16x8.mul(x, alpha), i16x8.mul(background, rest)));
}

/**
 * Puts pixels of four bytes over a background, in place; their fourth byte is of no meaning afterwards.
 * @param count bytes, a multiple of 16
 * @param background one pixel
 */
export function blend(pixels: usize, count: usize, background: u32): void {
  const below = i16x8.extend_low_i8x16_u(i32x4.splat(background));
  for (const end = pixels + count; pixels < end; pixels += 16) {
    const x = v128.load(pixels);
    const a = v128.shuffle<i8>(x, x, 3, 3, 3, 3, 7, 7, 7, 7, 11, 11, 11, 11, 15, 15, 15, 15);
    const low = over(i16x8.extend_low_i8x16_u(x), i16x8.extend_low_i8x16_u(a), below);
    const high = over(i16x8.extend_high_i8x16_u(x), i16x8.extend_high_i8x16_u(a), below);
    v128.store(pixels, i8x16.narrow_i16x8_u(low, high));
  }
}
