import {
  COLUMNS_BATCH,
  COLUMNS_BIAS,
  COLUMNS_BLOCKS,
  COLUMNS_COLS,
  COLUMNS_COUNTS,
  COLUMNS_HI,
  COLUMNS_LIST,
  COLUMNS_LIST_ROW,
  COLUMNS_LO,
  COLUMNS_OFFSETS,
  COLUMNS_ROWS,
  COLUMNS_STARTS,
  COLUMNS_WEIGHTS,
  COLUMNS_X,
  COLUMNS_X_ROW,
  COLUMNS_Y,
  COLUMNS_Y_ROW,
} from '../abi/columns';
import { field, fixed, readable, writable } from '../bounds';
import { clamp4, madd, shareEnd, shareStart } from '../prelude';
import { maxOffset } from './spmm';

/** The sum of the vectors at w and u, scaled by v and t. */
// @ts-ignore: decorator
@inline
function pair(w: usize, u: usize, v: v128, t: v128): v128 {
  return madd(v128.load(u), t, f32x4.mul(v128.load(w), v));
}

/** The same of the vectors behind them. */
// @ts-ignore: decorator
@inline
function nextPair(w: usize, u: usize, v: v128, t: v128): v128 {
  return madd(v128.load(u, 16), t, f32x4.mul(v128.load(w, 16), v));
}

/** Element i of x in all lanes. */
// @ts-ignore: decorator
@inline
function splat(x: usize, i: u32): v128 {
  return v128.load32_splat(x + (<usize>i << 2));
}

/**
 * Adds eight columns to the outputs in [y, end); column i lies at w + i * bytes. As many at a time as registers allow: each is a stream of
 * its own, and memory answers several of them sooner than one after the other.
 */
function addEight(
  y: usize,
  end: usize,
  w: usize,
  bytes: usize,
  x: usize,
  i0: u32,
  i1: u32,
  i2: u32,
  i3: u32,
  i4: u32,
  i5: u32,
  i6: u32,
  i7: u32,
): void {
  const v0 = splat(x, i0);
  const v1 = splat(x, i1);
  const v2 = splat(x, i2);
  const v3 = splat(x, i3);
  const v4 = splat(x, i4);
  const v5 = splat(x, i5);
  const v6 = splat(x, i6);
  const v7 = splat(x, i7);
  let w0 = w + <usize>i0 * bytes;
  let w1 = w + <usize>i1 * bytes;
  let w2 = w + <usize>i2 * bytes;
  let w3 = w + <usize>i3 * bytes;
  let w4 = w + <usize>i4 * bytes;
  let w5 = w + <usize>i5 * bytes;
  let w6 = w + <usize>i6 * bytes;
  let w7 = w + <usize>i7 * bytes;
  for (; y + 16 < end; y += 32) {
    const a = f32x4.add(pair(w0, w1, v0, v1), pair(w2, w3, v2, v3));
    const b = f32x4.add(pair(w4, w5, v4, v5), pair(w6, w7, v6, v7));
    v128.store(y, f32x4.add(v128.load(y), f32x4.add(a, b)));
    const c = f32x4.add(nextPair(w0, w1, v0, v1), nextPair(w2, w3, v2, v3));
    const d = f32x4.add(nextPair(w4, w5, v4, v5), nextPair(w6, w7, v6, v7));
    v128.store(y, f32x4.add(v128.load(y, 16), f32x4.add(c, d)), 16);
    w0 += 32;
    w1 += 32;
    w2 += 32;
    w3 += 32;
    w4 += 32;
    w5 += 32;
    w6 += 32;
    w7 += 32;
  }
  if (y < end) {
    const a = f32x4.add(pair(w0, w1, v0, v1), pair(w2, w3, v2, v3));
    const b = f32x4.add(pair(w4, w5, v4, v5), pair(w6, w7, v6, v7));
    v128.store(y, f32x4.add(v128.load(y), f32x4.add(a, b)));
  }
}

function addTwo(y: usize, end: usize, w: usize, bytes: usize, x: usize, i0: u32, i1: u32): void {
  const v0 = splat(x, i0);
  const v1 = splat(x, i1);
  let w0 = w + <usize>i0 * bytes;
  let w1 = w + <usize>i1 * bytes;
  for (; y < end; y += 16, w0 += 16, w1 += 16) v128.store(y, f32x4.add(v128.load(y), pair(w0, w1, v0, v1)));
}

function addOne(y: usize, end: usize, w: usize, bytes: usize, x: usize, i: u32): void {
  const v = splat(x, i);
  w += <usize>i * bytes;
  for (; y < end; y += 16, w += 16) v128.store(y, madd(v128.load(w), v, v128.load(y)));
}

/**
 * Adds the columns of the list [list, stop) that lie in [least, cols) to the outputs in [y, end). Each entry is loaded once: what was checked
 * is what is used.
 */
function addColumns(y: usize, end: usize, w: usize, bytes: usize, x: usize, list: usize, stop: usize, least: u32, cols: u32): void {
  for (; list + 28 < stop; list += 32) {
    const i0 = load<u32>(list);
    const i1 = load<u32>(list, 4);
    const i2 = load<u32>(list, 8);
    const i3 = load<u32>(list, 12);
    const i4 = load<u32>(list, 16);
    const i5 = load<u32>(list, 20);
    const i6 = load<u32>(list, 24);
    const i7 = load<u32>(list, 28);
    if (i0 < least || i1 <= i0 || i2 <= i1 || i3 <= i2 || i4 <= i3 || i5 <= i4 || i6 <= i5 || i7 <= i6 || i7 >= cols) return;
    addEight(y, end, w, bytes, x, i0, i1, i2, i3, i4, i5, i6, i7);
    least = i7 + 1;
  }
  for (; list + 4 < stop; list += 8) {
    const i0 = load<u32>(list);
    const i1 = load<u32>(list, 4);
    if (i0 < least || i1 <= i0 || i1 >= cols) return;
    addTwo(y, end, w, bytes, x, i0, i1);
    least = i1 + 1;
  }
  if (list < stop) {
    const i = load<u32>(list);
    if (i >= least && i < cols) addOne(y, end, w, bytes, x, i);
  }
}

function clampAll(y: usize, end: usize, lo: v128, hi: v128): void {
  for (; y < end; y += 16) v128.store(y, clamp4(v128.load(y), lo, hi));
}

/** The first entry of the ascending list [list, stop) that is at least `least`. */
function lowerBound(list: usize, stop: usize, least: u32): usize {
  let count = (stop - list) >> 2;
  while (count > 0) {
    const half = count >> 1;
    const middle = list + (half << 2);
    if (load<u32>(middle) < least) {
      list = middle + 4;
      count -= half + 1;
    } else count = half;
  }
  return list;
}

/** Bytes of columns that stay in the second-level cache while all vectors of a batch walk theirs. */
const CHUNK: usize = 512 << 10;

/** Threads share the outputs. Chunk by chunk of the columns for all vectors, so that their weights come from memory once. */
export function dense(record: usize, thread: i32, threads: i32): void {
  const vectors = <i32>(load<u32>(record, COLUMNS_ROWS) >> 2);
  const cols = load<u32>(record, COLUMNS_COLS);
  const first = <usize>shareStart(vectors, thread, threads) << 4;
  const bytes = (<usize>shareEnd(vectors, thread, threads) << 4) - first;
  if (bytes == 0) return;
  const column = <usize>vectors << 4;
  const batch = load<i32>(record, COLUMNS_BATCH);
  const chunk = batch > 1 ? max<u32>(8, <u32>(CHUNK / column)) : cols;
  const lo = v128.load32_splat(record, COLUMNS_LO);
  const hi = v128.load32_splat(record, COLUMNS_HI);
  const w = load<usize>(record, COLUMNS_WEIGHTS) + first;
  let from: u32 = 0;
  do {
    const to = cols - from <= chunk ? cols : from + chunk;
    for (let n = 0; n < batch; n++) {
      const y = load<usize>(record, COLUMNS_Y) + <usize>n * load<u32>(record, COLUMNS_Y_ROW) + first;
      const x = load<usize>(record, COLUMNS_X) + <usize>n * load<u32>(record, COLUMNS_X_ROW);
      const list = load<usize>(record, COLUMNS_LIST) + <usize>n * load<u32>(record, COLUMNS_LIST_ROW);
      const stop = list + (<usize>min(load<u32>(load<usize>(record, COLUMNS_COUNTS) + (<usize>n << 2)), cols) << 2);
      if (from == 0) memory.copy(y, load<usize>(record, COLUMNS_BIAS) + first, bytes);
      const start = from == 0 ? list : lowerBound(list, stop, from);
      addColumns(y, y + bytes, w, column, x, start, to == cols ? stop : lowerBound(list, stop, to), from, to);
      if (to == cols) clampAll(y, y + bytes, lo, hi);
    }
    from = to;
  } while (from < cols);
}

// @ts-ignore: decorator
@inline
function addBlock(y: usize, w: usize, v: v128): void {
  v128.store(y, madd(v128.load(w), v, v128.load(y)));
}

/** Adds the blocks of one input: values w, offsets o to `stop`. */
// @ts-ignore: decorator
@inline
function addBlocks4(y: usize, w: usize, o: usize, stop: usize, v: v128): void {
  while (o + 12 < stop) {
    addBlock(y + <usize>load<u32>(o), w, v);
    addBlock(y + <usize>load<u32>(o, 4), w + 16, v);
    addBlock(y + <usize>load<u32>(o, 8), w + 32, v);
    addBlock(y + <usize>load<u32>(o, 12), w + 48, v);
    o += 16;
    w += 64;
  }
  while (o < stop) {
    addBlock(y + <usize>load<u32>(o), w, v);
    o += 4;
    w += 16;
  }
}

// @ts-ignore: decorator
@inline
function addElements(y: usize, w: usize, o: usize, stop: usize, v: f32): void {
  while (o + 4 < stop) {
    const y0 = y + <usize>load<u32>(o);
    const y1 = y + <usize>load<u32>(o, 4);
    store<f32>(y0, load<f32>(y0) + load<f32>(w) * v);
    store<f32>(y1, load<f32>(y1) + load<f32>(w, 4) * v);
    o += 8;
    w += 8;
  }
  if (o < stop) {
    const y0 = y + <usize>load<u32>(o);
    store<f32>(y0, load<f32>(y0) + load<f32>(w) * v);
  }
}

/** Threads share the vectors of the batch. */
// @ts-ignore: decorator
@inline
function csc(record: usize, thread: i32, threads: i32, height: usize): void {
  const cols = load<u32>(record, COLUMNS_COLS);
  const bytes = <usize>load<u32>(record, COLUMNS_ROWS) << 2;
  if (bytes == 0) return;
  const batch = load<i32>(record, COLUMNS_BATCH);
  const last = shareEnd(batch, thread, threads);
  const weights = load<usize>(record, COLUMNS_WEIGHTS);
  const offsets = load<usize>(record, COLUMNS_OFFSETS);
  const starts = load<usize>(record, COLUMNS_STARTS);
  for (let n = shareStart(batch, thread, threads); n < last; n++) {
    const x = load<usize>(record, COLUMNS_X) + <usize>n * load<u32>(record, COLUMNS_X_ROW);
    const y = load<usize>(record, COLUMNS_Y) + <usize>n * load<u32>(record, COLUMNS_Y_ROW);
    memory.copy(y, load<usize>(record, COLUMNS_BIAS), bytes);
    let list = load<usize>(record, COLUMNS_LIST) + <usize>n * load<u32>(record, COLUMNS_LIST_ROW);
    const end = list + (<usize>min(load<u32>(load<usize>(record, COLUMNS_COUNTS) + (<usize>n << 2)), cols) << 2);
    for (let least: u32 = 0; list < end; list += 4) {
      const i = load<u32>(list);
      if (i < least || i >= cols) break;
      least = i + 1;
      const start = <usize>load<u32>(starts + (<usize>i << 2));
      const stop = offsets + (<usize>load<u32>(starts + (<usize>i << 2), 4) << 2);
      const w = weights + start * height * 4;
      if (height == 4) addBlocks4(y, w, offsets + (start << 2), stop, v128.load32_splat(x + (<usize>i << 2)));
      else addElements(y, w, offsets + (start << 2), stop, load<f32>(x + (<usize>i << 2)));
    }
    clampAll(y, y + bytes, v128.load32_splat(record, COLUMNS_LO), v128.load32_splat(record, COLUMNS_HI));
  }
}

export function csc1x1(record: usize, thread: i32, threads: i32): void {
  csc(record, thread, threads, 1);
}

export function csc4x1(record: usize, thread: i32, threads: i32): void {
  csc(record, thread, threads, 4);
}

function checkOperands(record: usize, weights: f64): i32 {
  const rows = field(record, COLUMNS_ROWS);
  const cols = field(record, COLUMNS_COLS);
  const batch = field(record, COLUMNS_BATCH);
  if (rows > 0x7fffffff || rows % 4 != 0) return COLUMNS_ROWS;
  if (cols > 0x7fffffff) return COLUMNS_COLS;
  if (batch > 0x7fffffff) return COLUMNS_BATCH;
  if (batch == 0 || rows == 0) return 0;
  if (!readable(field(record, COLUMNS_WEIGHTS), weights * 4)) return COLUMNS_WEIGHTS;
  if (!readable(field(record, COLUMNS_BIAS), rows * 4)) return COLUMNS_BIAS;
  if (!readable(field(record, COLUMNS_COUNTS), batch * 4)) return COLUMNS_COUNTS;
  if (!readable(field(record, COLUMNS_X), (batch - 1) * field(record, COLUMNS_X_ROW) + cols * 4)) return COLUMNS_X;
  if (!readable(field(record, COLUMNS_LIST), (batch - 1) * field(record, COLUMNS_LIST_ROW) + cols * 4)) return COLUMNS_LIST;
  // Vectors may not overlap: the work of a record is then bounded by the arena.
  if (batch > 1 && field(record, COLUMNS_Y_ROW) < rows * 4) return COLUMNS_Y_ROW;
  return writable(field(record, COLUMNS_Y), (batch - 1) * field(record, COLUMNS_Y_ROW) + rows * 4) ? 0 : COLUMNS_Y;
}

export function checkDense(record: usize): i32 {
  return checkOperands(record, field(record, COLUMNS_ROWS) * field(record, COLUMNS_COLS));
}

/** True if the `count` numbers rise from 0 to `end`. */
function rise(numbers: usize, count: u32, end: u32): bool {
  let before: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const number = load<u32>(numbers + (<usize>i << 2));
    if (number < before) return false;
    before = number;
  }
  return before == end && load<u32>(numbers) == 0;
}

function checkCsc(record: usize, height: f64): i32 {
  const blocks = field(record, COLUMNS_BLOCKS);
  const wrong = checkOperands(record, blocks * height);
  if (wrong || load<u32>(record, COLUMNS_BATCH) == 0 || load<u32>(record, COLUMNS_ROWS) == 0) return wrong;
  const cols = load<u32>(record, COLUMNS_COLS);
  if (!fixed(field(record, COLUMNS_STARTS), <f64>cols * 4 + 4)) return COLUMNS_STARTS;
  if (!rise(load<usize>(record, COLUMNS_STARTS), cols + 1, load<u32>(record, COLUMNS_BLOCKS))) return COLUMNS_STARTS;
  if (blocks == 0) return 0;
  if (!fixed(field(record, COLUMNS_OFFSETS), blocks * 4)) return COLUMNS_OFFSETS;
  const reach = maxOffset(load<usize>(record, COLUMNS_OFFSETS), load<u32>(record, COLUMNS_BLOCKS)) + height * 4;
  return reach <= field(record, COLUMNS_ROWS) * 4 ? 0 : COLUMNS_OFFSETS;
}

export function checkCsc1x1(record: usize): i32 {
  return checkCsc(record, 1);
}

export function checkCsc4x1(record: usize): i32 {
  return checkCsc(record, 4);
}
