import { IMAGE_MATRIX } from '../abi/image';
import { storeLanes } from '../tail';

/** Row `k` of the matrix, or lane `c` of it in all lanes. */
// @ts-ignore: decorator
@inline
function row(record: usize, k: usize): v128 {
  return v128.load(record + IMAGE_MATRIX + (k << 4));
}

// @ts-ignore: decorator
@inline
function element(record: usize, k: usize, c: i32): v128 {
  return v128.load32_splat(record + IMAGE_MATRIX + (k << 4) + (<usize>c << 2));
}

// @ts-ignore: decorator
@inline
function affine(r: v128, g: v128, b: v128, m0: v128, m1: v128, m2: v128, bias: v128): v128 {
  return f32x4.add(f32x4.add(f32x4.mul(r, m0), f32x4.mul(g, m1)), f32x4.add(f32x4.mul(b, m2), bias));
}

/** Four numbers rounded to the nearest byte, the even one of two, in the first 32 bits. */
// @ts-ignore: decorator
@inline
function bytes(x: v128): v128 {
  const whole = i32x4.trunc_sat_f32x4_s(f32x4.nearest(x));
  const halves = i16x8.narrow_i32x4_s(whole, whole);
  return i8x16.narrow_i16x8_u(halves, halves);
}

// @ts-ignore: decorator
@inline
function storeBytes(y: usize, x: v128, count: i32): void {
  if (count >= 4) {
    v128.store32_lane(y, x, 0);
  } else {
    if (count >= 2) v128.store16_lane(y, x, 0);
    if (count == 3) v128.store8_lane(y, x, 2, 2);
    if (count == 1) v128.store8_lane(y, x, 0);
  }
}

/** One row into planes, or into the only one. Reads whole groups of four pixels. */
export function finishPlanes(record: usize, x: usize, width: i32, y: usize, plane: usize, channels: i32, float: bool): void {
  const size: usize = float ? 4 : 1;
  for (let n = width; n > 0; n -= 4, x += 64, y += 4 * size) {
    const p0 = v128.load(x);
    const p1 = v128.load(x, 16);
    const p2 = v128.load(x, 32);
    const p3 = v128.load(x, 48);
    const rg0 = v128.shuffle<f32>(p0, p1, 0, 4, 1, 5);
    const rg1 = v128.shuffle<f32>(p2, p3, 0, 4, 1, 5);
    const r = v128.shuffle<f32>(rg0, rg1, 0, 1, 4, 5);
    const g = v128.shuffle<f32>(rg0, rg1, 2, 3, 6, 7);
    const b = v128.shuffle<f32>(v128.shuffle<f32>(p0, p1, 2, 6, 2, 6), v128.shuffle<f32>(p2, p3, 2, 6, 2, 6), 0, 1, 4, 5);
    for (let c = 0, to = y; c < channels; c++, to += plane) {
      const v = affine(r, g, b, element(record, 0, c), element(record, 1, c), element(record, 2, c), element(record, 3, c));
      if (float) storeLanes(to, v, n);
      else storeBytes(to, bytes(v), n);
    }
  }
}

/** One row of three neighbouring channels a pixel. */
export function finishPixels(record: usize, x: usize, width: i32, y: usize, float: bool): void {
  const m0 = row(record, 0);
  const m1 = row(record, 1);
  const m2 = row(record, 2);
  const bias = row(record, 3);
  for (let n = width; n > 0; n--, x += 16) {
    const v = affine(v128.load32_splat(x), v128.load32_splat(x, 4), v128.load32_splat(x, 8), m0, m1, m2, bias);
    if (float) {
      storeLanes(y, v, 3);
      y += 12;
    } else {
      storeBytes(y, bytes(v), 3);
      y += 3;
    }
  }
}
