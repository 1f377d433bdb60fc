// Depthwise 3x3 with steps of one.
import { DW_LEFT, DW_OUT_W, DW_TOP, DW_W, DW_X_ROW, DW_Y_ROW } from '../abi/conv_dw';
import { rowAt, storeClamped, taps3 } from './conv_dw_rows';

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

/**
 * Four columns of ROWS output rows, from the top down: a row of X is read once for the three rows of Y that it counts in. p0 and p1
 * point at column j - 1 of the first two input rows, `pn` of the last one; the rows between follow p1.
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
  first: bool,
  last: bool,
): void {
  const xRow = <usize>load<u32>(record, DW_X_ROW);
  const yRow = <usize>load<u32>(record, DW_Y_ROW);
  let m = v128.load(p0, 4);
  let l = leftOf(p0, m, first);
  let r = rightOf(p0, m, last);
  let a = taps3(l, m, r, w00, w01, w02, v128.load32_splat(bias));
  m = v128.load(p1, 4);
  l = leftOf(p1, m, first);
  r = rightOf(p1, m, last);
  a = taps3(l, m, r, w10, w11, w12, a);
  let b = taps3(l, m, r, w00, w01, w02, v128.load32_splat(bias));
  for (let p = p1 + xRow; rows > 1; rows--, p += xRow, y += yRow) {
    m = v128.load(p, 4);
    l = leftOf(p, m, first);
    r = rightOf(p, m, last);
    storeClamped(record, y, taps3(l, m, r, w20, w21, w22, a));
    a = taps3(l, m, r, w10, w11, w12, b);
    b = taps3(l, m, r, w00, w01, w02, v128.load32_splat(bias));
  }
  m = v128.load(pn, 4);
  l = leftOf(pn, m, first);
  r = rightOf(pn, m, last);
  storeClamped(record, y, taps3(l, m, r, w20, w21, w22, a));
}

/** Output rows AT .. AT + ROWS - 1 of a plane that is wider than one vector or not padded on both sides. */
function columns(record: usize, x: usize, y: usize, weights: usize, bias: usize, at: i32, rows: i32): void {
  const w00 = v128.load32_splat(weights);
  const w01 = v128.load32_splat(weights, 4);
  const w02 = v128.load32_splat(weights, 8);
  const w10 = v128.load32_splat(weights, 12);
  const w11 = v128.load32_splat(weights, 16);
  const w12 = v128.load32_splat(weights, 20);
  const w20 = v128.load32_splat(weights, 24);
  const w21 = v128.load32_splat(weights, 28);
  const w22 = v128.load32_splat(weights, 32);
  const left = <usize>load<u32>(record, DW_LEFT);
  const top = at - load<i32>(record, DW_TOP);
  const p0 = rowAt(record, x, top) - (left << 2);
  const p1 = rowAt(record, x, top + 1) - (left << 2);
  const pn = rowAt(record, x, top + rows + 1) - (left << 2);
  const end = (<usize>load<u32>(record, DW_OUT_W) << 2) - 16;
  const padded = load<i32>(record, DW_OUT_W) + 2 - <i32>left > load<i32>(record, DW_W);
  if (left) {
    column(record, bias, w00, w01, w02, w10, w11, w12, w20, w21, w22, p0, p1, pn, y, rows, true, false);
  }
  const stop = padded ? end : end + 16;
  for (let i = left << 4; i < stop; i += 16) {
    // The last vector ends with the row, whatever it overlaps.
    const j = min(i, end);
    column(record, bias, w00, w01, w02, w10, w11, w12, w20, w21, w22, p0 + j, p1 + j, pn + j, y + j, rows, false, false);
  }
  if (padded) {
    column(record, bias, w00, w01, w02, w10, w11, w12, w20, w21, w22, p0 + end, p1 + end, pn + end, y + end, rows, false, true);
  }
}

/** The same for planes of four columns, padded on both sides. */
function narrow(record: usize, x: usize, y: usize, weights: usize, bias: usize, at: i32, rows: i32): void {
  const w00 = v128.load32_splat(weights);
  const w01 = v128.load32_splat(weights, 4);
  const w02 = v128.load32_splat(weights, 8);
  const w10 = v128.load32_splat(weights, 12);
  const w11 = v128.load32_splat(weights, 16);
  const w12 = v128.load32_splat(weights, 20);
  const w20 = v128.load32_splat(weights, 24);
  const w21 = v128.load32_splat(weights, 28);
  const w22 = v128.load32_splat(weights, 32);
  const top = at - load<i32>(record, DW_TOP);
  const p0 = rowAt(record, x, top) - 4;
  const p1 = rowAt(record, x, top + 1) - 4;
  const pn = rowAt(record, x, top + rows + 1) - 4;
  column(record, bias, w00, w01, w02, w10, w11, w12, w20, w21, w22, p0, p1, pn, y, rows, true, true);
}

/** Output rows AT .. AT + ROw00, w01, w02, w10, w11, w12, w20, w21, w22 - 1 of a plane; y points at the first of them. */
export function rowsStep1(record: usize, x: usize, y: usize, weights: usize, bias: usize, at: i32, rows: i32): void {
  const both = load<u32>(record, DW_LEFT) != 0 && load<u32>(record, DW_OUT_W) == 4 && load<u32>(record, DW_W) == 4;
  if (both) narrow(record, x, y, weights, bias, at, rows);
  else columns(record, x, y, weights, bias, at, rows);
}
