// Columns of a few rows that hold an element above a threshold in magnitude, as runs.

import { GEMM_GAP } from './abi/gemm';

/** Bytes that a count and the runs of `columns` columns may take. */
export function liveBytes(columns: f64): f64 {
  return 4 + 8 * (Math.floor(columns / (GEMM_GAP + 2)) + 1);
}

/** With exact zeros, every so many groups of rows are scanned whole even where no gaps have been met. */
const PROBE = 8;

let threshold: f32 = 0;
let groups: i32 = 0;
// Whether the last whole scan has met columns worth skipping between the first and the last live one.
let scattered: bool = false;

// What the list holds: the address of its first run and behind its last one, and the columns up to the end of that.
let first: usize = 0;
let last: usize = 0;
let covered: i32 = 0;

/** Begins a record: its list is empty and its count, at `list`, 0. */
export function openLive(list: usize, limit: f32): void {
  store<u32>(list, 0);
  first = list + 4;
  threshold = limit;
  groups = 0;
  scattered = false;
}

/** Appends the run `[from, to)`, or lets the last one grow over a small gap. */
function append(from: i32, to: i32): void {
  if (last != first && from - covered <= GEMM_GAP) {
    store<i32>(last - 4, load<i32>(last - 4) + to - covered);
  } else {
    store<i32>(last, from - covered);
    store<i32>(last, to - from, 4);
    last += 8;
  }
  covered = to;
}

/** Which of four columns are live: bit i is column i. */
// @ts-ignore: decorator
@inline
function liveMask(a: usize, a1: usize, a2: usize, a3: usize): i32 {
  if (threshold == 0) {
    const bits = v128.or(v128.or(v128.load(a), v128.load(a1)), v128.or(v128.load(a2), v128.load(a3)));
    return i32x4.bitmask(f32x4.ne(f32x4.abs(bits), f32x4.splat(0)));
  }
  const limit = f32x4.splat(threshold);
  const low = v128.and(
    v128.and(f32x4.le(f32x4.abs(v128.load(a)), limit), f32x4.le(f32x4.abs(v128.load(a1)), limit)),
    v128.and(f32x4.le(f32x4.abs(v128.load(a2)), limit), f32x4.le(f32x4.abs(v128.load(a3)), limit)),
  );
  return i32x4.bitmask(v128.not(low));
}

/**
 * Writes the runs of live columns of `rows` (1 to 4) rows of `columns` contiguous floats behind the count, to which their lengths are added,
 * and returns the address behind the runs. NaN is live. Columns that are not live may be part of a run: with exact zeros most groups of
 * rows are looked at from both ends only, unless gaps have been met. Reads up to three elements behind a row.
 */
export function liveRuns(a: usize, aRow: usize, rows: i32, columns: i32): usize {
  const a1: usize = rows > 1 ? a + aRow : a;
  const a2: usize = rows > 2 ? a1 + aRow : a1;
  const a3: usize = rows > 3 ? a2 + aRow : a2;
  last = first;
  covered = 0;

  let begin = 0;
  let mask = 0;
  for (; begin < columns; begin += 4) {
    const at = <usize>begin << 2;
    mask = liveMask(a + at, a1 + at, a2 + at, a3 + at);
    if (begin + 4 > columns) mask &= (1 << (columns - begin)) - 1;
    if (mask != 0) break;
  }
  if (begin >= columns) return last;
  let end = (columns - 1) & ~3;
  for (; end > begin; end -= 4) {
    const at = <usize>end << 2;
    mask = liveMask(a + at, a1 + at, a2 + at, a3 + at);
    if (end + 4 > columns) mask &= (1 << (columns - end)) - 1;
    if (mask != 0) break;
  }
  end = min(end + 4, columns);

  let sum: i32 = 0;
  if (threshold == 0 && !scattered && groups++ % PROBE != 0) {
    append(begin, end);
    sum = end - begin;
  } else {
    scan(a, a1, a2, a3, begin, end);
    for (let run = first; run < last; run += 8) sum += load<i32>(run, 4);
    scattered = sum < (end - begin) - ((end - begin) >> 3);
  }
  store<u32>(first - 4, load<u32>(first - 4) + sum);
  return last;
}

/** Appends the runs of live columns in `[begin, end)`, `begin` a multiple of 4. */
function scan(a: usize, a1: usize, a2: usize, a3: usize, begin: i32, end: i32): void {
  // Start of the run that is still open.
  let open = -1;
  for (let k = begin; k < end; k += 4) {
    const at = <usize>k << 2;
    let mask = liveMask(a + at, a1 + at, a2 + at, a3 + at);
    if (k + 4 > end) mask &= (1 << (end - k)) - 1;
    if (mask == 15) {
      if (open < 0) open = k;
      continue;
    }
    for (let lane = 0; lane < 4; lane++) {
      const isLive = ((mask >> lane) & 1) != 0;
      if (isLive && open < 0) open = k + lane;
      if (!isLive && open >= 0) {
        append(open, k + lane);
        open = -1;
      }
    }
  }
  if (open >= 0) append(open, end);
}
