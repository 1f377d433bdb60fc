import {
  REDUCE_COLS,
  REDUCE_DIVISOR,
  REDUCE_HI,
  REDUCE_K0,
  REDUCE_KEEP,
  REDUCE_KX0,
  REDUCE_KY0,
  REDUCE_LO,
  REDUCE_OUTER,
  REDUCE_R0,
  REDUCE_RX0,
  REDUCE_X,
  REDUCE_Y,
} from '../abi/reduce';
import { arenaBytes, field, readable, writable } from '../bounds';
import { clamp1, clamp4, shareEnd, shareStart, sum4 } from '../prelude';
import { laneMask, storeLanes } from '../tail';

// Columns of a tile of kept elements.
const TILE = 16;

// @ts-ignore: decorator
@inline
function at(record: usize, base: i32, loop: i32): usize {
  return load<usize>(record + base + (loop << 2));
}

/** Sum over the reduced loops of rows of `cols` contiguous elements. */
function sumRows(record: usize, x: usize, cols: i32): f32 {
  const n0 = <i32>at(record, REDUCE_R0, 0);
  const n1 = <i32>at(record, REDUCE_R0, 1);
  const n2 = <i32>at(record, REDUCE_R0, 2);
  const step = at(record, REDUCE_RX0, 2);
  const mask = laneMask(cols & 3);
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (let i0 = 0; i0 < n0; i0++) {
    for (let i1 = 0; i1 < n1; i1++) {
      let row = x + <usize>i0 * at(record, REDUCE_RX0, 0) + <usize>i1 * at(record, REDUCE_RX0, 1);
      for (let i2 = 0; i2 < n2; i2++, row += step) {
        let p = row;
        let n = cols;
        for (; n >= 16; n -= 16, p += 64) {
          s0 = f32x4.add(s0, v128.load(p));
          s1 = f32x4.add(s1, v128.load(p, 16));
          s2 = f32x4.add(s2, v128.load(p, 32));
          s3 = f32x4.add(s3, v128.load(p, 48));
        }
        for (; n >= 4; n -= 4, p += 16) s0 = f32x4.add(s0, v128.load(p));
        if (n > 0) s1 = f32x4.add(s1, v128.and(v128.load(p), mask));
      }
    }
  }
  return sum4(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
}

/** Up to four neighbouring kept elements. */
// @ts-ignore: decorator
@inline
function column(record: usize, x: usize): v128 {
  const n0 = <i32>at(record, REDUCE_R0, 0);
  const n1 = <i32>at(record, REDUCE_R0, 1);
  const n2 = <i32>at(record, REDUCE_R0, 2);
  const step = at(record, REDUCE_RX0, 2);
  let s = f32x4.splat(0);
  for (let i0 = 0; i0 < n0; i0++) {
    for (let i1 = 0; i1 < n1; i1++) {
      let p = x + <usize>i0 * at(record, REDUCE_RX0, 0) + <usize>i1 * at(record, REDUCE_RX0, 1);
      for (let i2 = 0; i2 < n2; i2++, p += step) s = f32x4.add(s, v128.load(p));
    }
  }
  return s;
}

/** Sixteen neighbouring kept elements. */
function tile(record: usize, x: usize, y: usize, divisor: v128, lo: v128, hi: v128): void {
  const n0 = <i32>at(record, REDUCE_R0, 0);
  const n1 = <i32>at(record, REDUCE_R0, 1);
  const n2 = <i32>at(record, REDUCE_R0, 2);
  const step = at(record, REDUCE_RX0, 2);
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (let i0 = 0; i0 < n0; i0++) {
    for (let i1 = 0; i1 < n1; i1++) {
      let p = x + <usize>i0 * at(record, REDUCE_RX0, 0) + <usize>i1 * at(record, REDUCE_RX0, 1);
      for (let i2 = 0; i2 < n2; i2++, p += step) {
        s0 = f32x4.add(s0, v128.load(p));
        s1 = f32x4.add(s1, v128.load(p, 16));
        s2 = f32x4.add(s2, v128.load(p, 32));
        s3 = f32x4.add(s3, v128.load(p, 48));
      }
    }
  }
  v128.store(y, clamp4(f32x4.div(s0, divisor), lo, hi));
  v128.store(y, clamp4(f32x4.div(s1, divisor), lo, hi), 16);
  v128.store(y, clamp4(f32x4.div(s2, divisor), lo, hi), 32);
  v128.store(y, clamp4(f32x4.div(s3, divisor), lo, hi), 48);
}

/** y = clamp(sum of x / divisor). Threads share the rows of y, or their tiles. */
export function reduce(record: usize, thread: i32, threads: i32): void {
  const keep = load<i32>(record, REDUCE_KEEP);
  const cols = load<i32>(record, REDUCE_COLS);
  const divisor = load<f32>(record, REDUCE_DIVISOR);
  const lo = load<f32>(record, REDUCE_LO);
  const hi = load<f32>(record, REDUCE_HI);
  const k1 = <i32>at(record, REDUCE_K0, 1);
  const k2 = <i32>at(record, REDUCE_K0, 2);
  const tiles = keep ? (cols + (TILE - 1)) / TILE : 1;
  const items = <i32>at(record, REDUCE_K0, 0) * k1 * k2 * tiles;
  const last = shareEnd(items, thread, threads);
  for (let item = shareStart(items, thread, threads); item < last; item++) {
    let rest = item / tiles;
    const first = (item - rest * tiles) * TILE;
    const i2 = <usize>(rest % k2);
    rest /= k2;
    const i1 = <usize>(rest % k1);
    const i0 = <usize>(rest / k1);
    let x =
      load<usize>(record, REDUCE_X) +
      i0 * at(record, REDUCE_KX0, 0) +
      i1 * at(record, REDUCE_KX0, 1) +
      i2 * at(record, REDUCE_KX0, 2) +
      (<usize>first << 2);
    let y =
      load<usize>(record, REDUCE_Y) +
      i0 * at(record, REDUCE_KY0, 0) +
      i1 * at(record, REDUCE_KY0, 1) +
      i2 * at(record, REDUCE_KY0, 2) +
      (<usize>first << 2);
    if (!keep) {
      store<f32>(y, clamp1(sumRows(record, x, cols) / divisor, lo, hi));
      continue;
    }
    const wide = f32x4.splat(divisor);
    const lo4 = f32x4.splat(lo);
    const hi4 = f32x4.splat(hi);
    let rem = cols - first;
    if (rem >= TILE) {
      tile(record, x, y, wide, lo4, hi4);
    } else {
      for (; rem > 0; rem -= 4, x += 16, y += 16) {
        storeLanes(y, clamp4(f32x4.div(column(record, x), wide), lo4, hi4), rem);
      }
    }
  }
}

/** Up to four lanes: the largest of `count` elements at `x`, or `top`. */
// @ts-ignore: decorator
@inline
function largest(top: v128, x: usize, count: i32): v128 {
  const lanes = v128.load(x);
  return f32x4.max(top, count >= 4 ? lanes : v128.bitselect(lanes, f32x4.splat(-Infinity), laneMask(count)));
}

/** y = clamp(max of x): the record of `reduce`, the divisor unused. Threads share the rows of y. */
export function reduceMax(record: usize, thread: i32, threads: i32): void {
  const keep = load<i32>(record, REDUCE_KEEP);
  const cols = load<i32>(record, REDUCE_COLS);
  const lo = v128.load32_splat(record, REDUCE_LO);
  const hi = v128.load32_splat(record, REDUCE_HI);
  const k1 = <i32>at(record, REDUCE_K0, 1);
  const k2 = <i32>at(record, REDUCE_K0, 2);
  const n0 = <i32>at(record, REDUCE_R0, 0);
  const n1 = <i32>at(record, REDUCE_R0, 1);
  const n2 = <i32>at(record, REDUCE_R0, 2);
  const items = <i32>at(record, REDUCE_K0, 0) * k1 * k2;
  const last = shareEnd(items, thread, threads);
  for (let item = shareStart(items, thread, threads); item < last; item++) {
    const i2 = <usize>(item % k2);
    const rest = item / k2;
    const i1 = <usize>(rest % k1);
    const i0 = <usize>(rest / k1);
    const x =
      load<usize>(record, REDUCE_X) +
      i0 * at(record, REDUCE_KX0, 0) +
      i1 * at(record, REDUCE_KX0, 1) +
      i2 * at(record, REDUCE_KX0, 2);
    const y =
      load<usize>(record, REDUCE_Y) +
      i0 * at(record, REDUCE_KY0, 0) +
      i1 * at(record, REDUCE_KY0, 1) +
      i2 * at(record, REDUCE_KY0, 2);
    // A kept row is done four columns at a time, a reduced one in one go.
    for (let first = 0; first < cols; first += keep ? 4 : cols) {
      let top = f32x4.splat(-Infinity);
      for (let r0 = 0; r0 < n0; r0++) {
        for (let r1 = 0; r1 < n1; r1++) {
          for (let r2 = 0; r2 < n2; r2++) {
            let p =
              x +
              (<usize>first << 2) +
              <usize>r0 * at(record, REDUCE_RX0, 0) +
              <usize>r1 * at(record, REDUCE_RX0, 1) +
              <usize>r2 * at(record, REDUCE_RX0, 2);
            if (keep) top = f32x4.max(top, v128.load(p));
            else for (let n = cols; n > 0; n -= 4, p += 16) top = largest(top, p, n);
          }
        }
      }
      if (keep) storeLanes(y + (<usize>first << 2), clamp4(top, lo, hi), cols - first);
      else {
        top = f32x4.max(top, v128.shuffle<f32>(top, top, 2, 3, 0, 1));
        top = f32x4.max(top, v128.shuffle<f32>(top, top, 1, 0, 3, 2));
        storeLanes(y, clamp4(top, lo, hi), 1);
      }
    }
  }
}

export function checkReduce(record: usize): i32 {
  const keep = field(record, REDUCE_KEEP);
  if (keep > 1) return REDUCE_KEEP;
  const cols = field(record, REDUCE_COLS);
  if (cols < 1) return REDUCE_COLS;
  let kept = keep == 1 ? cols : 1;
  let visits = cols;
  let longest: f64 = 0;
  let xBytes = 4 * cols + 12;
  let yBytes = 4 * kept;
  for (let loop = 0; loop < REDUCE_OUTER << 2; loop += 4) {
    const count = field(record, REDUCE_K0 + loop);
    if (count < 1) return REDUCE_K0 + loop;
    kept *= count;
    xBytes += (count - 1) * field(record, REDUCE_KX0 + loop);
    yBytes += (count - 1) * field(record, REDUCE_KY0 + loop);
    const steps = field(record, REDUCE_R0 + loop);
    longest = max(longest, steps);
    visits *= count * steps;
    xBytes += max(steps - 1, 0) * field(record, REDUCE_RX0 + loop);
  }
  if (4 * kept > arenaBytes()) return REDUCE_K0;
  // No element is read twice; loops around an empty one still step, so that an empty sum has no long ones.
  if (4 * visits > xBytes || (visits == 0 && longest > 1)) return REDUCE_R0;
  if (!readable(field(record, REDUCE_X), xBytes)) return REDUCE_X;
  if (!writable(field(record, REDUCE_Y), yBytes)) return REDUCE_Y;
  return 0;
}
