import {
  BINARY_A,
  BINARY_A_STEP,
  BINARY_A0,
  BINARY_ADD,
  BINARY_B,
  BINARY_B_STEP,
  BINARY_B0,
  BINARY_COLS,
  BINARY_DIV,
  BINARY_HI,
  BINARY_KIND,
  BINARY_KINDS,
  BINARY_LO,
  BINARY_MAX,
  BINARY_MIN,
  BINARY_MUL,
  BINARY_N0,
  BINARY_OUTER,
  BINARY_SUB,
  BINARY_Y,
  BINARY_Y0,
} from '../abi/binary';
import { arenaBytes, field, readable, writable } from '../bounds';
import { clamp4, shareEnd, shareStart } from '../prelude';
import { storeLanes } from '../tail';

// @ts-ignore: decorator
@inline
function apply(kind: i32, a: v128, b: v128): v128 {
  if (kind == BINARY_ADD) return f32x4.add(a, b);
  if (kind == BINARY_SUB) return f32x4.sub(a, b);
  if (kind == BINARY_MUL) return f32x4.mul(a, b);
  if (kind == BINARY_MAX) return f32x4.max(a, b);
  if (kind == BINARY_MIN) return f32x4.min(a, b);
  return f32x4.div(a, b);
}

// @ts-ignore: decorator
@inline
function operand(wide: bool, address: usize, splat: v128, offset: usize): v128 {
  return wide ? v128.load(address + offset) : splat;
}

/** One row; inlined once per kind and per kind of operand: `wide` operands advance, the others serve the row with one element. */
// @ts-ignore: decorator
@inline
function map(kind: i32, wideA: bool, wideB: bool, a: usize, b: usize, y: usize, count: i32, lo: v128, hi: v128): void {
  const sa = v128.load32_splat(a);
  const sb = v128.load32_splat(b);
  for (; count >= 16; count -= 16, a += 64, b += 64, y += 64) {
    const r0 = clamp4(apply(kind, operand(wideA, a, sa, 0), operand(wideB, b, sb, 0)), lo, hi);
    const r1 = clamp4(apply(kind, operand(wideA, a, sa, 16), operand(wideB, b, sb, 16)), lo, hi);
    const r2 = clamp4(apply(kind, operand(wideA, a, sa, 32), operand(wideB, b, sb, 32)), lo, hi);
    const r3 = clamp4(apply(kind, operand(wideA, a, sa, 48), operand(wideB, b, sb, 48)), lo, hi);
    v128.store(y, r0);
    v128.store(y, r1, 16);
    v128.store(y, r2, 32);
    v128.store(y, r3, 48);
  }
  for (; count > 0; count -= 4, a += 16, b += 16, y += 16) {
    storeLanes(y, clamp4(apply(kind, operand(wideA, a, sa, 0), operand(wideB, b, sb, 0)), lo, hi), count);
  }
}

// @ts-ignore: decorator
@inline
function mapKind(kind: i32, wide: i32, a: usize, b: usize, y: usize, count: i32, lo: v128, hi: v128): void {
  if (wide == 3) map(kind, true, true, a, b, y, count, lo, hi);
  else if (wide == 1) map(kind, true, false, a, b, y, count, lo, hi);
  else if (wide == 2) map(kind, false, true, a, b, y, count, lo, hi);
  else map(kind, false, false, a, b, y, count, lo, hi);
}

function row(record: usize, a: usize, b: usize, y: usize, count: i32): void {
  const lo = v128.load32_splat(record, BINARY_LO);
  const hi = v128.load32_splat(record, BINARY_HI);
  const wide = (load<i32>(record, BINARY_A_STEP) >> 2) | (load<i32>(record, BINARY_B_STEP) >> 1);
  switch (load<i32>(record, BINARY_KIND)) {
    case BINARY_ADD:
      mapKind(BINARY_ADD, wide, a, b, y, count, lo, hi);
      break;
    case BINARY_SUB:
      mapKind(BINARY_SUB, wide, a, b, y, count, lo, hi);
      break;
    case BINARY_MUL:
      mapKind(BINARY_MUL, wide, a, b, y, count, lo, hi);
      break;
    case BINARY_MAX:
      mapKind(BINARY_MAX, wide, a, b, y, count, lo, hi);
      break;
    case BINARY_MIN:
      mapKind(BINARY_MIN, wide, a, b, y, count, lo, hi);
      break;
    default:
      mapKind(BINARY_DIV, wide, a, b, y, count, lo, hi);
  }
}

/** One row of `y = a < 0 ? b a : a`: slopes that advance, or one. */
// @ts-ignore: decorator
@inline
function slopeRow(wide: bool, x: usize, slope: usize, y: usize, count: i32, lo: v128, hi: v128): void {
  const one = v128.load32_splat(slope);
  const zero = f32x4.splat(0);
  for (; count >= 8; count -= 8, x += 32, slope += 32, y += 32) {
    const x0 = v128.load(x);
    const x1 = v128.load(x, 16);
    const y0 = v128.bitselect(f32x4.mul(x0, operand(wide, slope, one, 0)), x0, f32x4.lt(x0, zero));
    const y1 = v128.bitselect(f32x4.mul(x1, operand(wide, slope, one, 16)), x1, f32x4.lt(x1, zero));
    v128.store(y, clamp4(y0, lo, hi));
    v128.store(y, clamp4(y1, lo, hi), 16);
  }
  for (; count > 0; count -= 4, x += 16, slope += 16, y += 16) {
    const x0 = v128.load(x);
    const y0 = v128.bitselect(f32x4.mul(x0, operand(wide, slope, one, 0)), x0, f32x4.lt(x0, zero));
    storeLanes(y, clamp4(y0, lo, hi), count);
  }
}

function preluRow(record: usize, x: usize, slope: usize, y: usize, count: i32): void {
  const lo = v128.load32_splat(record, BINARY_LO);
  const hi = v128.load32_splat(record, BINARY_HI);
  if (load<i32>(record, BINARY_B_STEP)) slopeRow(true, x, slope, y, count, lo, hi);
  else slopeRow(false, x, slope, y, count, lo, hi);
}

/** y = clamp(a op b). */
export function binary(record: usize, thread: i32, threads: i32): void {
  walk(false, record, thread, threads);
}

/** y = clamp(a < 0 ? b a : a): a record of `binary` whose kind is 0 and whose rows of a advance. */
export function prelu(record: usize, thread: i32, threads: i32): void {
  walk(true, record, thread, threads);
}

// @ts-ignore: decorator
@inline
function rowOf(slopes: bool, record: usize, a: usize, b: usize, y: usize, count: i32): void {
  if (slopes) preluRow(record, a, b, y, count);
  else row(record, a, b, y, count);
}

/** All rows. Threads share them, or the vectors of a single row. */
// @ts-ignore: decorator
@inline
function walk(slopes: bool, record: usize, thread: i32, threads: i32): void {
  const cols = load<i32>(record, BINARY_COLS);
  const a = load<usize>(record, BINARY_A);
  const b = load<usize>(record, BINARY_B);
  const y = load<usize>(record, BINARY_Y);
  let rows = 1;
  for (let i = 0; i < BINARY_OUTER; i++) rows *= load<i32>(record + (i << 2), BINARY_N0);
  if (rows == 1) {
    const vectors = (cols + 3) >> 2;
    const first: usize = shareStart(vectors, thread, threads) << 2;
    const last = min(cols, shareEnd(vectors, thread, threads) << 2);
    rowOf(
      slopes,
      record,
      a + first * load<usize>(record, BINARY_A_STEP),
      b + first * load<usize>(record, BINARY_B_STEP),
      y + (first << 2),
      last - <i32>first,
    );
    return;
  }
  const last = shareEnd(rows, thread, threads);
  for (let r = shareStart(rows, thread, threads); r < last; r++) {
    let ra = a;
    let rb = b;
    let ry = y;
    let rest = r;
    for (let loop = record + ((BINARY_OUTER - 1) << 2); rest != 0; loop -= 4) {
      const count = load<i32>(loop, BINARY_N0);
      const i: usize = rest % count;
      rest /= count;
      ra += i * load<usize>(loop, BINARY_A0);
      rb += i * load<usize>(loop, BINARY_B0);
      ry += i * load<usize>(loop, BINARY_Y0);
    }
    rowOf(slopes, record, ra, rb, ry, cols);
  }
}

export function checkBinary(record: usize): i32 {
  if (load<u32>(record, BINARY_KIND) >= <u32>BINARY_KINDS) return BINARY_KIND;
  const aStep = field(record, BINARY_A_STEP);
  const bStep = field(record, BINARY_B_STEP);
  if (aStep != 0 && aStep != 4) return BINARY_A_STEP;
  if (bStep != 0 && bStep != 4) return BINARY_B_STEP;
  const cols = field(record, BINARY_COLS);
  if (cols < 1) return BINARY_COLS;
  let total = cols;
  // A vector is read wherever a row starts, and up to three elements behind its end.
  let aBytes = cols * aStep + 16;
  let bBytes = cols * bStep + 16;
  let yBytes = cols * 4;
  for (let loop = 0; loop < BINARY_OUTER << 2; loop += 4) {
    const count = field(record, BINARY_N0 + loop);
    if (count < 1) return BINARY_N0 + loop;
    total *= count;
    aBytes += (count - 1) * field(record, BINARY_A0 + loop);
    bBytes += (count - 1) * field(record, BINARY_B0 + loop);
    yBytes += (count - 1) * field(record, BINARY_Y0 + loop);
  }
  if (4 * total > arenaBytes()) return BINARY_COLS;
  if (!readable(field(record, BINARY_A), aBytes)) return BINARY_A;
  if (!readable(field(record, BINARY_B), bBytes)) return BINARY_B;
  if (!writable(field(record, BINARY_Y), yBytes)) return BINARY_Y;
  return 0;
}

export function checkPrelu(record: usize): i32 {
  if (load<u32>(record, BINARY_KIND) != 0) return BINARY_KIND;
  if (load<u32>(record, BINARY_A_STEP) != 4) return BINARY_A_STEP;
  return checkBinary(record);
}
