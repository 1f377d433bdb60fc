// Depthwise 3x3 with steps of two.
import { DW_LEFT, DW_OUT_W, DW_TOP, DW_W, DW_X_ROW, DW_Y_ROW } from '../abi/conv_dw';
import { rowAt, storeClamped, taps3 } from './conv_dw_rows';

// p points at the first of eight columns, which with a left pad is the middle tap's. Their even and odd columns serve two taps,
// `beside` the first tap with a left pad and the last one without.

// @ts-ignore: decorator
@inline
function oddOf(u: v128, v: v128, left: bool, last: bool): v128 {
  const odd = v128.shuffle<f32>(u, v, 1, 3, 5, 7);
  return left && last ? f32x4.replace_lane(odd, 3, 0) : odd;
}

// @ts-ignore: decorator
@inline
function besideOf(p: usize, even: v128, odd: v128, left: bool, first: bool, last: bool): v128 {
  if (left) return v128.shuffle<f32>(first ? f32x4.splat(0) : v128.load(p - 16), odd, 3, 4, 5, 6);
  return v128.shuffle<f32>(even, last ? f32x4.splat(0) : v128.load32_zero(p, 32), 1, 2, 3, 4);
}

// @ts-ignore: decorator
@inline
function taps(even: v128, odd: v128, beside: v128, w0: v128, w1: v128, w2: v128, a: v128, left: bool): v128 {
  return left ? taps3(beside, even, odd, w0, w1, w2, a) : taps3(even, odd, beside, w0, w1, w2, a);
}

/** Adds a row of X that counts in one row of Y only. */
// @ts-ignore: decorator
@inline
function addRow(p: usize, w0: v128, w1: v128, w2: v128, a: v128, left: bool, first: bool, last: bool): v128 {
  const u = v128.load(p);
  const v = v128.load(p, 16);
  const even = v128.shuffle<f32>(u, v, 0, 2, 4, 6);
  const odd = oddOf(u, v, left, last);
  return taps(even, odd, besideOf(p, even, odd, left, first, last), w0, w1, w2, a, left);
}

/**
 * Four columns of ROWS output rows, from the top down: a row of X between two windows is read once for both. p0 and p1 point at the
 * first of eight columns of the first two input rows, `pn` of the last one; the rows between follow p1.
 */
// @ts-ignore: decorator
@inline
function column(
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
  pn: usize,
  y: usize,
  rows: i32,
  left: bool,
  first: bool,
  last: bool,
): void {
  const xRow = <usize>load<u32>(record, DW_X_ROW);
  const yRow = <usize>load<u32>(record, DW_Y_ROW);
  let a = addRow(p0, w00, w01, w02, v128.load32_splat(bias), left, first, last);
  let p = p1;
  for (; rows > 1; rows--, y += yRow) {
    a = addRow(p, w10, w11, w12, a, left, first, last);
    p += xRow;
    const u = v128.load(p);
    const v = v128.load(p, 16);
    const even = v128.shuffle<f32>(u, v, 0, 2, 4, 6);
    const odd = oddOf(u, v, left, last);
    const beside = besideOf(p, even, odd, left, first, last);
    storeClamped(record, y, taps(even, odd, beside, w20, w21, w22, a, left));
    a = taps(even, odd, beside, w00, w01, w02, v128.load32_splat(bias), left);
    p += xRow;
  }
  a = addRow(p, w10, w11, w12, a, left, first, last);
  storeClamped(record, y, addRow(pn, w20, w21, w22, a, left, first, last));
}

/** Output rows AT .. AT + ROWS - 1 of a plane; y points at the first of them. */
// @ts-ignore: decorator
@inline
function columns(
  record: usize,
  x: usize,
  y: usize,
  weights: usize,
  bias: usize,
  at: i32,
  rows: i32,
  left: bool,
  narrow: bool,
): void {
  const w00 = v128.load32_splat(weights);
  const w01 = v128.load32_splat(weights, 4);
  const w02 = v128.load32_splat(weights, 8);
  const w10 = v128.load32_splat(weights, 12);
  const w11 = v128.load32_splat(weights, 16);
  const w12 = v128.load32_splat(weights, 20);
  const w20 = v128.load32_splat(weights, 24);
  const w21 = v128.load32_splat(weights, 28);
  const w22 = v128.load32_splat(weights, 32);
  const top = 2 * at - load<i32>(record, DW_TOP);
  const p0 = rowAt(record, x, top);
  const p1 = rowAt(record, x, top + 1);
  const pn = rowAt(record, x, top + 2 * rows);
  if (narrow) {
    column(record, bias, w00, w01, w02, w10, w11, w12, w20, w21, w22, p0, p1, pn, y, rows, true, true, true);
    return;
  }
  const end = (<usize>load<u32>(record, DW_OUT_W) << 2) - 16;
  const padded = 2 * load<i32>(record, DW_OUT_W) + 1 - <i32>left > load<i32>(record, DW_W);
  let i: usize = 0;
  if (left) {
    column(record, bias, w00, w01, w02, w10, w11, w12, w20, w21, w22, p0, p1, pn, y, rows, true, true, false);
    i = 16;
  }
  const stop = padded ? end : end + 16;
  for (; i < stop; i += 16) {
    // The last vector ends with the row, whatever it overlaps.
    const j = min(i, end);
    column(record, bias, w00, w01, w02, w10, w11, w12, w20, w21, w22, p0 + 2 * j, p1 + 2 * j, pn + 2 * j, y + j, rows, left, false, false);
  }
  if (padded) {
    column(record, bias, w00, w01, w02, w10, w11, w12, w20, w21, w22, p0 + 2 * end, p1 + 2 * end, pn + 2 * end, y + end, rows, left, false, true);
  }
}

function unpadded(record: usize, x: usize, y: usize, weights: usize, bias: usize, at: i32, rows: i32): void {
  columns(record, x, y, weights, bias, at, rows, false, false);
}

function padded(record: usize, x: usize, y: usize, weights: usize, bias: usize, at: i32, rows: i32): void {
  columns(record, x, y, weights, bias, at, rows, true, false);
}

/** Planes of four columns that are padded on both sides. */
function narrow(record: usize, x: usize, y: usize, weights: usize, bias: usize, at: i32, rows: i32): void {
  columns(record, x, y, weights, bias, at, rows, true, true);
}

/** Output rows AT .. AT + ROw00, w01, w02, w10, w11, w12, w20, w21, w22 - 1 of a plane; y points at the first of them. */
export function rowsStep2(record: usize, x: usize, y: usize, weights: usize, bias: usize, at: i32, rows: i32): void {
  if (load<u32>(record, DW_LEFT) == 0) unpadded(record, x, y, weights, bias, at, rows);
  else if (load<u32>(record, DW_OUT_W) == 4 && load<u32>(record, DW_W) < 8) narrow(record, x, y, weights, bias, at, rows);
  else padded(record, x, y, weights, bias, at, rows);
}
