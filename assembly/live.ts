// Columns of a few rows that hold an element above a threshold in magnitude, as runs.

import { GEMM_GAP } from './abi/gemm';

/** Bytes that a count and the runs of `columns` columns may take. */
export function liveBytes(columns: f64): f64 {
  return 4 + 8 * (Math.floor(columns / (GEMM_GAP + 2)) + 1);
}

// What the list holds: the address behind it, and the columns up to the end of its last run.
let last: usize = 0;
let covered: i32 = 0;

/** Appends the run `[from, to)`, or lets the last one grow over a small gap. */
function append(first: usize, from: i32, to: i32): void {
  if (last != first && from - covered <= GEMM_GAP) {
    store<i32>(last - 4, load<i32>(last - 4) + to - covered);
  } else {
    store<i32>(last, from - covered);
    store<i32>(last, to - from, 4);
    last += 8;
  }
  covered = to;
}

/**
 * Writes the runs of live columns of `rows` (1 to 4) rows of `columns` contiguous floats behind the count at `list`, to which their lengths
 * are added, and returns the address behind the runs. NaN is live. Reads up to three elements behind a row.
 */
export function liveRuns(list: usize, a: usize, aRow: usize, rows: i32, columns: i32, threshold: f32): usize {
  const a1: usize = rows > 1 ? aRow : 0;
  const a2: usize = rows > 2 ? 2 * aRow : 0;
  const a3: usize = rows > 3 ? 3 * aRow : 0;
  const limit = f32x4.splat(threshold);
  const first = list + 4;
  last = first;
  covered = 0;
  // Start of the run that is still open.
  let open = -1;
  for (let k = 0; k < columns; k += 4, a += 16) {
    let mask: i32;
    if (threshold == 0) {
      const bits = v128.or(v128.or(v128.load(a), v128.load(a + a1)), v128.or(v128.load(a + a2), v128.load(a + a3)));
      mask = i32x4.bitmask(f32x4.ne(f32x4.abs(bits), f32x4.splat(0)));
    } else {
      const low = v128.and(
        v128.and(f32x4.le(f32x4.abs(v128.load(a)), limit), f32x4.le(f32x4.abs(v128.load(a + a1)), limit)),
        v128.and(f32x4.le(f32x4.abs(v128.load(a + a2)), limit), f32x4.le(f32x4.abs(v128.load(a + a3)), limit)),
      );
      mask = i32x4.bitmask(v128.not(low));
    }
    if (k + 4 > columns) mask &= (1 << (columns - k)) - 1;
    if (mask == 15) {
      if (open < 0) open = k;
    } else if (mask == 0) {
      if (open >= 0) append(first, open, k);
      open = -1;
    } else {
      for (let lane = 0; lane < 4; lane++) {
        const isLive = ((mask >> lane) & 1) != 0;
        if (isLive && open < 0) open = k + lane;
        if (!isLive && open >= 0) {
          append(first, open, k + lane);
          open = -1;
        }
      }
    }
  }
  if (open >= 0) append(first, open, columns);
  let sum: u32 = 0;
  for (let run = first; run < last; run += 8) sum += load<u32>(run, 4);
  store<u32>(list, load<u32>(list) + sum);
  return last;
}
