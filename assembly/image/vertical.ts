/** Two bytes of two rows in turn times the weights of the rows: four sums. */
// @ts-ignore: decorator
@inline
function dot(bytes: v128, weights: v128): v128 {
  return i32x4.dot_i16x8_s(bytes, weights);
}

/** `high * a + low * b` of integers. */
// @ts-ignore: decorator
@inline
function join(a: v128, b: v128, high: v128, low: v128): v128 {
  return f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(a), high), f32x4.mul(f32x4.convert_i32x4_s(b), low));
}

/**
 * y[i] = sum_k w[k] * x[k][i] for the bytes of a row, in integers: weights are split into two i16, so that nothing is rounded before the end.
 */
export function vertical(x: usize, pitch: usize, weights: usize, pairs: i32, high: f32, low: f32, y: usize): void {
  const scaleHigh = f32x4.splat(high);
  const scaleLow = f32x4.splat(low);
  for (let i: usize = 0; i < pitch; i += 8) {
    let h0 = i32x4.splat(0);
    let h1 = h0;
    let l0 = h0;
    let l1 = h0;
    let p = x + i;
    let w = weights;
    for (let n = pairs; n > 0; n--, p += 2 * pitch, w += 8) {
      const pair = v128.shuffle<i8>(
        v128.load64_zero(p),
        v128.load64_zero(p + pitch),
        0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23,
      );
      const e0 = i16x8.extend_low_i8x16_u(pair);
      const e1 = i16x8.extend_high_i8x16_u(pair);
      const wh = v128.load32_splat(w);
      const wl = v128.load32_splat(w, 4);
      h0 = i32x4.add(h0, dot(e0, wh));
      h1 = i32x4.add(h1, dot(e1, wh));
      l0 = i32x4.add(l0, dot(e0, wl));
      l1 = i32x4.add(l1, dot(e1, wl));
    }
    v128.store(y + (i << 2), join(h0, l0, scaleHigh, scaleLow));
    v128.store(y + (i << 2), join(h1, l1, scaleHigh, scaleLow), 16);
  }
}
