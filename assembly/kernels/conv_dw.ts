import {
  DW_BIAS,
  DW_CHANNELS,
  DW_H,
  DW_HI,
  DW_IMAGES,
  DW_LEFT,
  DW_LO,
  DW_OUT_H,
  DW_OUT_W,
  DW_STEP,
  DW_TOP,
  DW_W,
  DW_WEIGHTS,
  DW_X,
  DW_X_IMAGE,
  DW_X_PLANE,
  DW_X_ROW,
  DW_Y,
  DW_Y_IMAGE,
  DW_Y_PLANE,
  DW_Y_ROW,
  DW_ZEROS,
} from '../abi/conv_dw';
import { field, readable, writable } from '../bounds';
import { clamp4, madd, shareEnd, shareStart } from '../prelude';

/** Row `y` of a plane, or the row of zeros. */
// @ts-ignore: decorator
@inline
function rowAt(record: usize, x: usize, y: i32): usize {
  return <u32>y < load<u32>(record, DW_H)
    ? x + <usize>y * load<u32>(record, DW_X_ROW)
    : load<usize>(record, DW_ZEROS) + 16;
}

/** Columns j - 1 .. j + 2, j .. j + 3 and j + 1 .. j + 4 of a row, p at column j - 1; EDGE lanes are outside of the image. */
// @ts-ignore: decorator
@inline
function leftOf(p: usize, v: v128, edge: bool): v128 {
  return edge ? v128.shuffle<f32>(f32x4.splat(0), v, 3, 4, 5, 6) : v128.load(p);
}

// @ts-ignore: decorator
@inline
function rightOf(p: usize, v: v128, edge: bool): v128 {
  return edge ? v128.shuffle<f32>(v, f32x4.splat(0), 1, 2, 3, 4) : v128.load(p, 8);
}

/** Four columns of two output rows with steps of one; p0 .. p3 point at column j - 1 of the four input rows. */
// @ts-ignore: decorator
@inline
function pair(
  record: usize,
  bias: usize,
  w00: v128,
  w01: v128,
  w02: v128,
  w10: v128,
  w11: v128,
  w12: v128,
  w20: v128,
  w21: v128,
  w22: v128,
  p0: usize,
  p1: usize,
  p2: usize,
  p3: usize,
  y: usize,
  yRow: usize,
  first: bool,
  last: bool,
): void {
  let m = v128.load(p0, 4);
  let a = madd(leftOf(p0, m, first), w00, v128.load32_splat(bias));
  a = madd(m, w01, a);
  a = madd(rightOf(p0, m, last), w02, a);
  m = v128.load(p1, 4);
  let v = leftOf(p1, m, first);
  a = madd(v, w10, a);
  let b = madd(v, w00, v128.load32_splat(bias));
  a = madd(m, w11, a);
  b = madd(m, w01, b);
  v = rightOf(p1, m, last);
  a = madd(v, w12, a);
  b = madd(v, w02, b);
  m = v128.load(p2, 4);
  v = leftOf(p2, m, first);
  a = madd(v, w20, a);
  b = madd(v, w10, b);
  a = madd(m, w21, a);
  b = madd(m, w11, b);
  v = rightOf(p2, m, last);
  a = madd(v, w22, a);
  b = madd(v, w12, b);
  m = v128.load(p3, 4);
  b = madd(leftOf(p3, m, first), w20, b);
  b = madd(m, w21, b);
  b = madd(rightOf(p3, m, last), w22, b);
  const lo = v128.load32_splat(record, DW_LO);
  const hi = v128.load32_splat(record, DW_HI);
  v128.store(y, clamp4(a, lo, hi));
  v128.store(y + yRow, clamp4(b, lo, hi));
}

/** One plane with steps of one, two output rows at a time over the input rows that they share. */
function plane1(record: usize, x: usize, y: usize, weights: usize, bias: usize): void {
  const w00 = v128.load32_splat(weights);
  const w01 = v128.load32_splat(weights, 4);
  const w02 = v128.load32_splat(weights, 8);
  const w10 = v128.load32_splat(weights, 12);
  const w11 = v128.load32_splat(weights, 16);
  const w12 = v128.load32_splat(weights, 20);
  const w20 = v128.load32_splat(weights, 24);
  const w21 = v128.load32_splat(weights, 28);
  const w22 = v128.load32_splat(weights, 32);
  const rows = load<i32>(record, DW_OUT_H);
  const top = load<i32>(record, DW_TOP);
  const left = load<i32>(record, DW_LEFT);
  const yRow = <usize>load<u32>(record, DW_Y_ROW);
  const end = (<usize>load<u32>(record, DW_OUT_W) << 2) - 16;
  const back = <usize>left << 2;
  const padded = load<i32>(record, DW_OUT_W) + 2 - left > load<i32>(record, DW_W);
  for (let r = 0; r < rows; r += 2) {
    // An odd last row is computed together with the one before it.
    const at = min(r, rows - 2);
    const p0 = rowAt(record, x, at - top) - back;
    const p1 = rowAt(record, x, at - top + 1) - back;
    const p2 = rowAt(record, x, at - top + 2) - back;
    const p3 = rowAt(record, x, at - top + 3) - back;
    const q = y + <usize>at * yRow;
    let i: usize = 0;
    if (left) {
      if (end == 0 && padded) {
        pair(record, bias, w00, w01, w02, w10, w11, w12, w20, w21, w22, p0, p1, p2, p3, q, yRow, true, true);
        continue;
      }
      pair(record, bias, w00, w01, w02, w10, w11, w12, w20, w21, w22, p0, p1, p2, p3, q, yRow, true, false);
      if (end == 0) continue;
      i = min(16, end);
    }
    while (i < end || !padded) {
      pair(record, bias, w00, w01, w02, w10, w11, w12, w20, w21, w22, p0 + i, p1 + i, p2 + i, p3 + i, q + i, yRow, false, false);
      if (i == end) break;
      // The last vector ends with the row, whatever it overlaps.
      i = min(i + 16, end);
    }
    if (padded) {
      pair(record, bias, w00, w01, w02, w10, w11, w12, w20, w21, w22, p0 + end, p1 + end, p2 + end, p3 + end, q + end, yRow, false, true);
    }
  }
}

/** Adds one row of taps with steps of two to `a`; p points at the first of eight columns, which with a left pad is the middle tap's. */
// @ts-ignore: decorator
@inline
function taps2(p: usize, w0: v128, w1: v128, w2: v128, a: v128, left: bool, first: bool, last: bool): v128 {
  const u = v128.load(p);
  const v = v128.load(p, 16);
  const even = v128.shuffle<f32>(u, v, 0, 2, 4, 6);
  let odd = v128.shuffle<f32>(u, v, 1, 3, 5, 7);
  if (left) {
    const before = first ? f32x4.splat(0) : v128.load(p - 16);
    if (last) odd = f32x4.replace_lane(odd, 3, 0);
    a = madd(v128.shuffle<f32>(before, odd, 3, 4, 5, 6), w0, a);
    a = madd(even, w1, a);
    return madd(odd, w2, a);
  }
  const after = last ? f32x4.splat(0) : v128.load32_zero(p, 32);
  a = madd(even, w0, a);
  a = madd(odd, w1, a);
  return madd(v128.shuffle<f32>(even, after, 1, 2, 3, 4), w2, a);
}

/** Four columns of an output row with steps of two. */
// @ts-ignore: decorator
@inline
function window2(
  record: usize,
  bias: usize,
  w00: v128,
  w01: v128,
  w02: v128,
  w10: v128,
  w11: v128,
  w12: v128,
  w20: v128,
  w21: v128,
  w22: v128,
  p0: usize,
  p1: usize,
  p2: usize,
  y: usize,
  left: bool,
  first: bool,
  last: bool,
): void {
  let a = v128.load32_splat(bias);
  a = taps2(p0, w00, w01, w02, a, left, first, last);
  a = taps2(p1, w10, w11, w12, a, left, first, last);
  a = taps2(p2, w20, w21, w22, a, left, first, last);
  v128.store(y, clamp4(a, v128.load32_splat(record, DW_LO), v128.load32_splat(record, DW_HI)));
}

/** One plane with steps of two. */
// @ts-ignore: decorator
@inline
function plane2(record: usize, x: usize, y: usize, weights: usize, bias: usize, left: bool): void {
  const w00 = v128.load32_splat(weights);
  const w01 = v128.load32_splat(weights, 4);
  const w02 = v128.load32_splat(weights, 8);
  const w10 = v128.load32_splat(weights, 12);
  const w11 = v128.load32_splat(weights, 16);
  const w12 = v128.load32_splat(weights, 20);
  const w20 = v128.load32_splat(weights, 24);
  const w21 = v128.load32_splat(weights, 28);
  const w22 = v128.load32_splat(weights, 32);
  const rows = load<i32>(record, DW_OUT_H);
  const top = load<i32>(record, DW_TOP);
  const yRow = <usize>load<u32>(record, DW_Y_ROW);
  const end = (<usize>load<u32>(record, DW_OUT_W) << 2) - 16;
  const padded = 2 * load<i32>(record, DW_OUT_W) + 1 - <i32>left > load<i32>(record, DW_W);
  for (let r = 0; r < rows; r++, y += yRow) {
    const p0 = rowAt(record, x, 2 * r - top);
    const p1 = rowAt(record, x, 2 * r - top + 1);
    const p2 = rowAt(record, x, 2 * r - top + 2);
    let i: usize = 0;
    if (left) {
      if (end == 0 && padded) {
        window2(record, bias, w00, w01, w02, w10, w11, w12, w20, w21, w22, p0, p1, p2, y, left, true, true);
        continue;
      }
      window2(record, bias, w00, w01, w02, w10, w11, w12, w20, w21, w22, p0, p1, p2, y, left, true, false);
      if (end == 0) continue;
      i = min(16, end);
    }
    while (i < end || !padded) {
      window2(record, bias, w00, w01, w02, w10, w11, w12, w20, w21, w22, p0 + 2 * i, p1 + 2 * i, p2 + 2 * i, y + i, left, false, false);
      if (i == end) break;
      i = min(i + 16, end);
    }
    if (padded) {
      window2(record, bias, w00, w01, w02, w10, w11, w12, w20, w21, w22, p0 + 2 * end, p1 + 2 * end, p2 + 2 * end, y + end, left, false, true);
    }
  }
}

function plane2Left0(record: usize, x: usize, y: usize, weights: usize, bias: usize): void {
  plane2(record, x, y, weights, bias, false);
}

function plane2Left1(record: usize, x: usize, y: usize, weights: usize, bias: usize): void {
  plane2(record, x, y, weights, bias, true);
}

/** Threads share the planes. Up to 16 bytes in front of a row are read and not used. */
export function convDw(record: usize, thread: i32, threads: i32): void {
  const channels = load<i32>(record, DW_CHANNELS);
  const planes = channels * load<i32>(record, DW_IMAGES);
  const step = load<i32>(record, DW_STEP);
  const last = shareEnd(planes, thread, threads);
  for (let plane = shareStart(planes, thread, threads); plane < last; plane++) {
    const c = <usize>(plane % channels);
    const n = <usize>(plane / channels);
    const w = load<usize>(record, DW_WEIGHTS) + c * 36;
    const bias = load<usize>(record, DW_BIAS) + c * 4;
    const x = load<usize>(record, DW_X) + n * load<u32>(record, DW_X_IMAGE) + c * load<u32>(record, DW_X_PLANE);
    const y = load<usize>(record, DW_Y) + n * load<u32>(record, DW_Y_IMAGE) + c * load<u32>(record, DW_Y_PLANE);
    if (step == 1) plane1(record, x, y, w, bias);
    else if (load<i32>(record, DW_LEFT)) plane2Left1(record, x, y, w, bias);
    else plane2Left0(record, x, y, w, bias);
  }
}

export function checkConvDw(record: usize): i32 {
  const channels = field(record, DW_CHANNELS);
  const images = field(record, DW_IMAGES);
  const h = field(record, DW_H);
  const w = field(record, DW_W);
  const rows = field(record, DW_OUT_H);
  const cols = field(record, DW_OUT_W);
  const left = field(record, DW_LEFT);
  const top = field(record, DW_TOP);
  const step = field(record, DW_STEP);
  const limit: f64 = 0x7ffffff;
  if (channels < 1 || channels > limit) return DW_CHANNELS;
  if (images < 1 || channels * images > 0x7fffffff) return DW_IMAGES;
  if (step != 1 && step != 2) return DW_STEP;
  if (left > 1) return DW_LEFT;
  if (top > 1) return DW_TOP;
  if (h < 1 || h > limit) return DW_H;
  if (w < 1 || w > limit) return DW_W;
  if (rows < 2 || rows > limit) return DW_OUT_H;
  // The last window may reach over the right edge by one column.
  if (cols < 4 || (cols - 1) * step - left + 2 > w) return DW_OUT_W;
  if (!readable(field(record, DW_WEIGHTS), channels * 36)) return DW_WEIGHTS;
  if (!readable(field(record, DW_BIAS), channels * 4)) return DW_BIAS;
  if (!readable(field(record, DW_ZEROS), (w + 16) * 4)) return DW_ZEROS;
  const lastIn = (images - 1) * field(record, DW_X_IMAGE) + (channels - 1) * field(record, DW_X_PLANE);
  if (!readable(field(record, DW_X), lastIn + (h - 1) * field(record, DW_X_ROW) + (w + 8) * 4)) return DW_X;
  // Rows, planes and images may not overlap: the work of a record is then bounded by the arena.
  if (field(record, DW_Y_ROW) < cols * 4) return DW_Y_ROW;
  const planeOut = (rows - 1) * field(record, DW_Y_ROW) + cols * 4;
  if (channels > 1 && field(record, DW_Y_PLANE) < planeOut) return DW_Y_PLANE;
  const imageOut = (channels - 1) * field(record, DW_Y_PLANE) + planeOut;
  if (images > 1 && field(record, DW_Y_IMAGE) < imageOut) return DW_Y_IMAGE;
  return writable(field(record, DW_Y), (images - 1) * field(record, DW_Y_IMAGE) + imageOut) ? 0 : DW_Y;
}
