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
import { shareEnd, shareStart } from '../prelude';
import { countsAddUp, maxOffset } from './spmm';
import { row16x1, row1x1, row1x4, row2x1, row32x1, row4x1, row8x1 } from './spmv_rows';

/**
 * All block rows of all vectors, blocks of `height` outputs x `width` inputs. Threads share the vectors of the batch: finding the
 * weights of a row in the middle would need a scan. `height`, `width` and `wide` are constants, so one branch remains.
 */
// @ts-ignore: decorator
@inline
function eachRow(record: usize, thread: i32, threads: i32, height: usize, width: usize, wide: bool): void {
  const batch = load<i32>(record, SPMV_BATCH);
  if (load<i32>(record, SPMV_BLOCK_ROWS) == 0) return;
  const lo = v128.load32_splat(record, SPMV_LO);
  const hi = v128.load32_splat(record, SPMV_HI);
  const first = load<usize>(record, SPMV_COUNTS);
  const end = first + (<usize>load<u32>(record, SPMV_BLOCK_ROWS) << 2);
  const last = shareEnd(batch, thread, threads);
  for (let n = shareStart(batch, thread, threads); n < last; n++) {
    const x = load<usize>(record, SPMV_X) + <usize>n * load<u32>(record, SPMV_X_ROW);
    let y = load<usize>(record, SPMV_Y) + <usize>n * load<u32>(record, SPMV_Y_ROW);
    let w = load<usize>(record, SPMV_WEIGHTS);
    let o = load<usize>(record, SPMV_OFFSETS);
    let b = load<usize>(record, SPMV_BIAS);
    for (let c = first; c < end; c += 4) {
      const stop = o + (<usize>load<u32>(c) << 2);
      if (width == 4) row1x4(x, y, w, o, stop, b, lo, hi);
      else if (height == 1) row1x1(x, y, w, o, stop, b, lo, hi);
      else if (height == 2) row2x1(x, y, w, o, stop, b, lo, hi);
      else if (height == 4) row4x1(x, y, w, o, stop, b, lo, hi);
      else if (height == 8) row8x1(x, y, w, o, stop, b, lo, hi);
      else if (height == 16) row16x1(x, y, w, o, stop, b, lo, hi, 64);
      else if (wide) row32x1(x, y, w, o, stop, b, lo, hi);
      else {
        row16x1(x, y, w, o, stop, b, lo, hi, 128);
        row16x1(x, y + 64, w + 64, o, stop, b + 64, lo, hi, 128);
      }
      w += (stop - o) * height * width;
      o = stop;
      b += height << 2;
      y += height << 2;
    }
  }
}

export function csr(record: usize, thread: i32, threads: i32): void {
  eachRow(record, thread, threads, 1, 1, false);
}

export function bsr1x4(record: usize, thread: i32, threads: i32): void {
  eachRow(record, thread, threads, 1, 4, false);
}

export function bsr2x1(record: usize, thread: i32, threads: i32): void {
  eachRow(record, thread, threads, 2, 1, false);
}

export function bsr4x1(record: usize, thread: i32, threads: i32): void {
  eachRow(record, thread, threads, 4, 1, false);
}

export function bsr8x1(record: usize, thread: i32, threads: i32): void {
  eachRow(record, thread, threads, 8, 1, false);
}

export function bsr16x1(record: usize, thread: i32, threads: i32): void {
  eachRow(record, thread, threads, 16, 1, false);
}

export function bsr32x1_narrow(record: usize, thread: i32, threads: i32): void {
  eachRow(record, thread, threads, 32, 1, false);
}

export function bsr32x1_wide(record: usize, thread: i32, threads: i32): void {
  eachRow(record, thread, threads, 32, 1, true);
}

/** Checks what sparse and dense records share; x is read up to `reach` bytes behind a vector's start. */
function checkOperands(record: usize, height: f64, weights: f64, reach: f64): i32 {
  const blockRows = field(record, SPMV_BLOCK_ROWS);
  const batch = field(record, SPMV_BATCH);
  if (!readable(field(record, SPMV_BIAS), blockRows * height * 4)) return SPMV_BIAS;
  if (!readable(field(record, SPMV_WEIGHTS), weights * 4)) return SPMV_WEIGHTS;
  if (!readable(field(record, SPMV_X), (batch - 1) * field(record, SPMV_X_ROW) + reach)) return SPMV_X;
  // Vectors may not overlap: the work of a record is then bounded by the arena.
  if (batch > 1 && field(record, SPMV_Y_ROW) < blockRows * height * 4) return SPMV_Y_ROW;
  const written = (batch - 1) * field(record, SPMV_Y_ROW) + blockRows * height * 4;
  return writable(field(record, SPMV_Y), written) ? 0 : SPMV_Y;
}

/** Loop counters are i32. */
function checkCounts(record: usize): i32 {
  if (field(record, SPMV_BATCH) > 0x7fffffff) return SPMV_BATCH;
  return field(record, SPMV_BLOCK_ROWS) > 0x7fffffff ? SPMV_BLOCK_ROWS : 0;
}

function isEmpty(record: usize): bool {
  return load<u32>(record, SPMV_BATCH) == 0 || load<u32>(record, SPMV_BLOCK_ROWS) == 0;
}

function checkSparse(record: usize, height: f64, width: f64): i32 {
  const wrong = checkCounts(record);
  if (wrong || isEmpty(record)) return wrong;
  const blocks = field(record, SPMV_BLOCKS);
  if (!fixed(field(record, SPMV_OFFSETS), blocks * 4)) return SPMV_OFFSETS;
  if (!fixed(field(record, SPMV_COUNTS), field(record, SPMV_BLOCK_ROWS) * 4)) return SPMV_COUNTS;
  if (!countsAddUp(load<usize>(record, SPMV_COUNTS), load<u32>(record, SPMV_BLOCK_ROWS), blocks)) return SPMV_COUNTS;
  const far = blocks == 0 ? 0 : maxOffset(load<usize>(record, SPMV_OFFSETS), load<u32>(record, SPMV_BLOCKS)) + width * 4;
  return checkOperands(record, height, blocks * height * width, far);
}

export function checkCsr(record: usize): i32 {
  return checkSparse(record, 1, 1);
}

export function checkBsr1x4(record: usize): i32 {
  return checkSparse(record, 1, 4);
}

export function checkBsr2x1(record: usize): i32 {
  return checkSparse(record, 2, 1);
}

export function checkBsr4x1(record: usize): i32 {
  return checkSparse(record, 4, 1);
}

export function checkBsr8x1(record: usize): i32 {
  return checkSparse(record, 8, 1);
}

export function checkBsr16x1(record: usize): i32 {
  return checkSparse(record, 16, 1);
}

export function checkBsr32x1(record: usize): i32 {
  return checkSparse(record, 32, 1);
}

export function checkDense(record: usize): i32 {
  const wrong = checkCounts(record);
  if (wrong || isEmpty(record)) return wrong;
  const columns = field(record, SPMV_BLOCKS);
  return checkOperands(record, 4, columns * 4 * field(record, SPMV_BLOCK_ROWS), columns * 4);
}
