import {
  SPMV_BATCH,
  SPMV_BIAS,
  SPMV_BLOCKS,
  SPMV_BLOCK_ROWS,
  SPMV_COUNTS,
  SPMV_HI,
  SPMV_LO,
  SPMV_OFFSETS,
  SPMV_WEIGHTS,
  SPMV_X,
  SPMV_X_ROW,
  SPMV_Y,
  SPMV_Y_ROW,
} from '../abi/spmv';
import { field, fixed, readable, writable } from '../bounds';
import { clamp1, clamp4, madd, shareEnd, shareStart, sum4 } from '../prelude';
import { countsAddUp, maxOffset } from './spmm';

/** Four elements of x at the byte offsets in o[0..3]. */
// @ts-ignore: decorator
@inline
function gather4(x: usize, o: usize): v128 {
  let v = v128.load32_zero(x + <usize>load<u32>(o));
  v = v128.load32_lane(x + <usize>load<u32>(o, 4), v, 1);
  v = v128.load32_lane(x + <usize>load<u32>(o, 8), v, 2);
  return v128.load32_lane(x + <usize>load<u32>(o, 12), v, 3);
}

// @ts-ignore: decorator
@inline
function splatAt(x: usize, o: usize, index: usize): v128 {
  return v128.load32_splat(x + <usize>load<u32>(o + (index << 2)));
}

function csrVector(record: usize, x: usize, y: usize): void {
  const lo = load<f32>(record, SPMV_LO);
  const hi = load<f32>(record, SPMV_HI);
  let w = load<usize>(record, SPMV_WEIGHTS);
  let o = load<usize>(record, SPMV_OFFSETS);
  let c = load<usize>(record, SPMV_COUNTS);
  let b = load<usize>(record, SPMV_BIAS);
  const end = c + (<usize>load<u32>(record, SPMV_BLOCK_ROWS) << 2);
  while (c < end) {
    const stop = o + (<usize>load<u32>(c) << 2);
    let a0 = f32x4.splat(0);
    let a1 = a0;
    while (o + 28 < stop) {
      a0 = madd(v128.load(w), gather4(x, o), a0);
      a1 = madd(v128.load(w, 16), gather4(x, o + 16), a1);
      o += 32;
      w += 32;
    }
    if (o + 12 < stop) {
      a0 = madd(v128.load(w), gather4(x, o), a0);
      o += 16;
      w += 16;
    }
    let sum = load<f32>(b) + sum4(f32x4.add(a0, a1));
    while (o < stop) {
      sum += load<f32>(w) * load<f32>(x + <usize>load<u32>(o));
      o += 4;
      w += 4;
    }
    store<f32>(y, clamp1(sum, lo, hi));
    b += 4;
    c += 4;
    y += 4;
  }
}

function bsr2Vector(record: usize, x: usize, y: usize): void {
  const lo = v128.load32_splat(record, SPMV_LO);
  const hi = v128.load32_splat(record, SPMV_HI);
  let w = load<usize>(record, SPMV_WEIGHTS);
  let o = load<usize>(record, SPMV_OFFSETS);
  let c = load<usize>(record, SPMV_COUNTS);
  let b = load<usize>(record, SPMV_BIAS);
  const end = c + (<usize>load<u32>(record, SPMV_BLOCK_ROWS) << 2);
  while (c < end) {
    const stop = o + (<usize>load<u32>(c) << 2);
    // Lanes hold (row 0, row 1) of an even block and of an odd block.
    let a0 = v128.load64_zero(b);
    let a1 = f32x4.splat(0);
    while (o + 12 < stop) {
      const v = gather4(x, o);
      a0 = madd(v128.load(w), v128.shuffle<f32>(v, v, 0, 0, 1, 1), a0);
      a1 = madd(v128.load(w, 16), v128.shuffle<f32>(v, v, 2, 2, 3, 3), a1);
      o += 16;
      w += 32;
    }
    while (o < stop) {
      a0 = madd(v128.load64_zero(w), v128.load32_splat(x + <usize>load<u32>(o)), a0);
      o += 4;
      w += 8;
    }
    a0 = f32x4.add(a0, a1);
    a0 = f32x4.add(a0, v128.shuffle<f32>(a0, a0, 2, 3, 0, 1));
    v128.store64_lane(y, clamp4(a0, lo, hi), 0);
    b += 8;
    c += 4;
    y += 8;
  }
}

function bsr4Vector(record: usize, x: usize, y: usize): void {
  const lo = v128.load32_splat(record, SPMV_LO);
  const hi = v128.load32_splat(record, SPMV_HI);
  let w = load<usize>(record, SPMV_WEIGHTS);
  let o = load<usize>(record, SPMV_OFFSETS);
  let c = load<usize>(record, SPMV_COUNTS);
  let b = load<usize>(record, SPMV_BIAS);
  const end = c + (<usize>load<u32>(record, SPMV_BLOCK_ROWS) << 2);
  while (c < end) {
    const stop = o + (<usize>load<u32>(c) << 2);
    let a0 = v128.load(b);
    let a1 = f32x4.splat(0);
    let a2 = a1;
    let a3 = a1;
    while (o + 12 < stop) {
      a0 = madd(v128.load(w), splatAt(x, o, 0), a0);
      a1 = madd(v128.load(w, 16), splatAt(x, o, 1), a1);
      a2 = madd(v128.load(w, 32), splatAt(x, o, 2), a2);
      a3 = madd(v128.load(w, 48), splatAt(x, o, 3), a3);
      o += 16;
      w += 64;
    }
    while (o < stop) {
      a0 = madd(v128.load(w), splatAt(x, o, 0), a0);
      o += 4;
      w += 16;
    }
    v128.store(y, clamp4(f32x4.add(f32x4.add(a0, a1), f32x4.add(a2, a3)), lo, hi));
    b += 16;
    c += 4;
    y += 16;
  }
}

/** Four rows of dense weights: w points at f32[columns][4]. */
// @ts-ignore: decorator
@inline
function denseBlock(w: usize, x: usize, columns: usize, bias: v128): v128 {
  let a0 = bias;
  let a1 = f32x4.splat(0);
  let a2 = a1;
  let a3 = a1;
  const end = x + (columns << 2);
  while (x + 12 < end) {
    a0 = madd(v128.load(w), v128.load32_splat(x), a0);
    a1 = madd(v128.load(w, 16), v128.load32_splat(x, 4), a1);
    a2 = madd(v128.load(w, 32), v128.load32_splat(x, 8), a2);
    a3 = madd(v128.load(w, 48), v128.load32_splat(x, 12), a3);
    x += 16;
    w += 64;
  }
  while (x < end) {
    a0 = madd(v128.load(w), v128.load32_splat(x), a0);
    x += 4;
    w += 16;
  }
  return f32x4.add(f32x4.add(a0, a1), f32x4.add(a2, a3));
}

export function denseSpmv(record: usize, thread: i32, threads: i32): void {
  const lo = v128.load32_splat(record, SPMV_LO);
  const hi = v128.load32_splat(record, SPMV_HI);
  const columns = <usize>load<u32>(record, SPMV_BLOCKS);
  const blockRows = load<i32>(record, SPMV_BLOCK_ROWS);
  if (load<i32>(record, SPMV_BATCH) == 0) return;
  const first = shareStart(blockRows, thread, threads);
  const last = shareEnd(blockRows, thread, threads);
  for (let r = first; r < last; r++) {
    const w = load<usize>(record, SPMV_WEIGHTS) + <usize>r * columns * 16;
    const bias = v128.load(load<usize>(record, SPMV_BIAS) + <usize>r * 16);
    let x = load<usize>(record, SPMV_X);
    let y = load<usize>(record, SPMV_Y) + <usize>r * 16;
    for (let n = load<i32>(record, SPMV_BATCH); n > 0; n--) {
      v128.store(y, clamp4(denseBlock(w, x, columns, bias), lo, hi));
      x += load<u32>(record, SPMV_X_ROW);
      y += load<u32>(record, SPMV_Y_ROW);
    }
  }
}

type Vector = (record: usize, x: usize, y: usize) => void;

/** Threads share the vectors of the batch: finding the weights of a row in the middle would need a scan. */
// @ts-ignore: decorator
@inline
function eachVector(record: usize, thread: i32, threads: i32, vector: Vector): void {
  const batch = load<i32>(record, SPMV_BATCH);
  if (load<i32>(record, SPMV_BLOCK_ROWS) == 0) return;
  const last = shareEnd(batch, thread, threads);
  for (let n = shareStart(batch, thread, threads); n < last; n++) {
    const x = load<usize>(record, SPMV_X) + <usize>n * load<u32>(record, SPMV_X_ROW);
    const y = load<usize>(record, SPMV_Y) + <usize>n * load<u32>(record, SPMV_Y_ROW);
    vector(record, x, y);
  }
}

export function csrSpmv(record: usize, thread: i32, threads: i32): void {
  eachVector(record, thread, threads, csrVector);
}

export function bsr2x1Spmv(record: usize, thread: i32, threads: i32): void {
  eachVector(record, thread, threads, bsr2Vector);
}

export function bsr4x1Spmv(record: usize, thread: i32, threads: i32): void {
  eachVector(record, thread, threads, bsr4Vector);
}

function checkOperands(record: usize, rows: f64, dense: bool): i32 {
  const blockRows = field(record, SPMV_BLOCK_ROWS);
  const blocks = field(record, SPMV_BLOCKS);
  const batch = field(record, SPMV_BATCH);
  if (batch > 0x7fffffff) return SPMV_BATCH;
  if (blockRows > 0x7fffffff) return SPMV_BLOCK_ROWS;
  if (batch == 0 || blockRows == 0) return 0;
  if (!readable(field(record, SPMV_BIAS), blockRows * rows * 4)) return SPMV_BIAS;
  if (!readable(field(record, SPMV_WEIGHTS), blocks * rows * 4 * (dense ? blockRows : 1))) return SPMV_WEIGHTS;
  let reach: f64 = blocks * 4;
  if (!dense) {
    if (!fixed(field(record, SPMV_OFFSETS), blocks * 4)) return SPMV_OFFSETS;
    if (!fixed(field(record, SPMV_COUNTS), blockRows * 4)) return SPMV_COUNTS;
    if (!countsAddUp(load<usize>(record, SPMV_COUNTS), load<u32>(record, SPMV_BLOCK_ROWS), blocks)) return SPMV_COUNTS;
    reach = blocks == 0 ? 0 : maxOffset(load<usize>(record, SPMV_OFFSETS), load<u32>(record, SPMV_BLOCKS)) + 4;
  }
  if (!readable(field(record, SPMV_X), (batch - 1) * field(record, SPMV_X_ROW) + reach)) return SPMV_X;
  // Vectors may not overlap: the work of a record is then bounded by the arena.
  if (batch > 1 && field(record, SPMV_Y_ROW) < blockRows * rows * 4) return SPMV_Y_ROW;
  const written = (batch - 1) * field(record, SPMV_Y_ROW) + blockRows * rows * 4;
  return writable(field(record, SPMV_Y), written) ? 0 : SPMV_Y;
}

export function checkCsrSpmv(record: usize): i32 {
  return checkOperands(record, 1, false);
}

export function checkBsr2x1Spmv(record: usize): i32 {
  return checkOperands(record, 2, false);
}

export function checkBsr4x1Spmv(record: usize): i32 {
  return checkOperands(record, 4, false);
}

export function checkDenseSpmv(record: usize): i32 {
  return checkOperands(record, 4, true);
}
