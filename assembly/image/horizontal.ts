import { sum4 } from '../prelude';

// Resampling lies between the least and the greatest byte only if no weight is negative.
// @ts-ignore: decorator
@inline
function inBytes(x: v128): v128 {
  return f32x4.min(f32x4.max(x, f32x4.splat(0)), f32x4.splat(255));
}

/** y[i] = sum_k w[i][k] * x[first[i] + k] for pixels of three or four channels; the fourth lane of three is of no meaning. */
export function acrossPixels(x: usize, table: usize, taps: i32, step: usize, count: i32, y: usize): void {
  for (; count > 0; count--, y += 16) {
    let p = x + load<u32>(table);
    table += 4;
    let a = f32x4.splat(0);
    let b = a;
    let n = taps;
    for (; n >= 2; n -= 2, p += 2 * step, table += 8) {
      a = f32x4.add(a, f32x4.mul(v128.load(p), v128.load32_splat(table)));
      b = f32x4.add(b, f32x4.mul(v128.load(p + step), v128.load32_splat(table, 4)));
    }
    if (n > 0) {
      a = f32x4.add(a, f32x4.mul(v128.load(p), v128.load32_splat(table)));
      table += 4;
    }
    v128.store(y, inBytes(f32x4.add(a, b)));
  }
}

/** The same for pixels of one channel, which fills all lanes. */
export function acrossGrey(x: usize, table: usize, taps: i32, count: i32, y: usize): void {
  for (; count > 0; count--, y += 16) {
    let p = x + load<u32>(table);
    table += 4;
    let sum = f32x4.splat(0);
    for (let n = taps; n > 0; n -= 4, p += 16, table += 16) {
      sum = f32x4.add(sum, f32x4.mul(v128.load(p), v128.load(table)));
    }
    v128.store(y, inBytes(f32x4.splat(sum4(sum))));
  }
}
