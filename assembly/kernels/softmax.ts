import {
  SOFTMAX_AXIS,
  SOFTMAX_HI,
  SOFTMAX_INNER,
  SOFTMAX_LO,
  SOFTMAX_OUTER,
  SOFTMAX_X,
  SOFTMAX_X_AXIS,
  SOFTMAX_X_OUTER,
  SOFTMAX_Y,
  SOFTMAX_Y_AXIS,
  SOFTMAX_Y_OUTER,
} from '../abi/softmax';
import { arenaBytes, field, readable, writable } from '../bounds';
import { clamp4, shareEnd, shareStart, sum4 } from '../prelude';
import { exp4, max4 } from '../prelude_math';
import { laneMask, storeLanes } from '../tail';

// Columns of a tile: a cache line.
const TILE = 16;

/** A contiguous row. A NaN that the maximum skips comes back through the sum. */
function rowSoftmax(x: usize, y: usize, count: i32, lo: v128, hi: v128): void {
  let top = f32x4.splat(-Infinity);
  let p = x;
  let n = count;
  for (; n >= 4; n -= 4, p += 16) top = f32x4.pmax(top, v128.load(p));
  if (n > 0) top = f32x4.pmax(top, v128.bitselect(v128.load(p), f32x4.splat(-Infinity), laneMask(n)));
  const shift = f32x4.splat(max4(top));

  let sum = f32x4.splat(0);
  let sum1 = sum;
  let q = y;
  for (p = x, n = count; n >= 8; n -= 8, p += 32, q += 32) {
    const e = exp4(f32x4.sub(v128.load(p), shift));
    const e1 = exp4(f32x4.sub(v128.load(p, 16), shift));
    v128.store(q, e);
    v128.store(q, e1, 16);
    sum = f32x4.add(sum, e);
    sum1 = f32x4.add(sum1, e1);
  }
  for (; n > 0; n -= 4, p += 16, q += 16) {
    const e = exp4(f32x4.sub(v128.load(p), shift));
    storeLanes(q, e, n);
    sum = f32x4.add(sum, v128.and(e, laneMask(n)));
  }

  const scale = f32x4.splat(1 / sum4(f32x4.add(sum, sum1)));
  for (q = y, n = count; n >= 4; n -= 4, q += 16) v128.store(q, clamp4(f32x4.mul(v128.load(q), scale), lo, hi));
  if (n > 0) storeLanes(q, clamp4(f32x4.mul(v128.load(q), scale), lo, hi), n);
}

/** Up to four neighbouring columns. */
function columnSoftmax(x: usize, y: usize, axis: i32, xs: usize, ys: usize, lanes: i32, lo: v128, hi: v128): void {
  let top = f32x4.splat(-Infinity);
  let p = x;
  for (let n = axis; n > 0; n--, p += xs) top = f32x4.pmax(top, v128.load(p));

  let sum = f32x4.splat(0);
  let q = y;
  p = x;
  for (let n = axis; n > 0; n--, p += xs, q += ys) {
    const e = exp4(f32x4.sub(v128.load(p), top));
    storeLanes(q, e, lanes);
    sum = f32x4.add(sum, e);
  }

  const scale = f32x4.div(f32x4.splat(1), sum);
  q = y;
  for (let n = axis; n > 0; n--, q += ys) storeLanes(q, clamp4(f32x4.mul(v128.load(q), scale), lo, hi), lanes);
}

/** Sixteen neighbouring columns. */
function tileSoftmax(x: usize, y: usize, axis: i32, xs: usize, ys: usize, lo: v128, hi: v128): void {
  let t0 = f32x4.splat(-Infinity);
  let t1 = t0;
  let t2 = t0;
  let t3 = t0;
  let p = x;
  for (let n = axis; n > 0; n--, p += xs) {
    t0 = f32x4.pmax(t0, v128.load(p));
    t1 = f32x4.pmax(t1, v128.load(p, 16));
    t2 = f32x4.pmax(t2, v128.load(p, 32));
    t3 = f32x4.pmax(t3, v128.load(p, 48));
  }

  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let q = y;
  p = x;
  for (let n = axis; n > 0; n--, p += xs, q += ys) {
    const e0 = exp4(f32x4.sub(v128.load(p), t0));
    const e1 = exp4(f32x4.sub(v128.load(p, 16), t1));
    const e2 = exp4(f32x4.sub(v128.load(p, 32), t2));
    const e3 = exp4(f32x4.sub(v128.load(p, 48), t3));
    v128.store(q, e0);
    v128.store(q, e1, 16);
    v128.store(q, e2, 32);
    v128.store(q, e3, 48);
    s0 = f32x4.add(s0, e0);
    s1 = f32x4.add(s1, e1);
    s2 = f32x4.add(s2, e2);
    s3 = f32x4.add(s3, e3);
  }

  const one = f32x4.splat(1);
  s0 = f32x4.div(one, s0);
  s1 = f32x4.div(one, s1);
  s2 = f32x4.div(one, s2);
  s3 = f32x4.div(one, s3);
  q = y;
  for (let n = axis; n > 0; n--, q += ys) {
    v128.store(q, clamp4(f32x4.mul(v128.load(q), s0), lo, hi));
    v128.store(q, clamp4(f32x4.mul(v128.load(q, 16), s1), lo, hi), 16);
    v128.store(q, clamp4(f32x4.mul(v128.load(q, 32), s2), lo, hi), 32);
    v128.store(q, clamp4(f32x4.mul(v128.load(q, 48), s3), lo, hi), 48);
  }
}

/** Softmax along an axis. Threads share the rows, or the tiles of columns. */
export function softmax(record: usize, thread: i32, threads: i32): void {
  const axis = load<i32>(record, SOFTMAX_AXIS);
  const inner = load<i32>(record, SOFTMAX_INNER);
  const xs = load<usize>(record, SOFTMAX_X_AXIS);
  const ys = load<usize>(record, SOFTMAX_Y_AXIS);
  const lo = v128.load32_splat(record, SOFTMAX_LO);
  const hi = v128.load32_splat(record, SOFTMAX_HI);
  const contiguous = inner == 1 && xs == 4 && ys == 4;
  const tiles = (inner + (TILE - 1)) / TILE;
  const items = load<i32>(record, SOFTMAX_OUTER) * tiles;
  const last = shareEnd(items, thread, threads);
  for (let item = shareStart(items, thread, threads); item < last; item++) {
    const outer = item / tiles;
    const first = (item - outer * tiles) * TILE;
    let x = load<usize>(record, SOFTMAX_X) + <usize>outer * load<usize>(record, SOFTMAX_X_OUTER) + (<usize>first << 2);
    let y = load<usize>(record, SOFTMAX_Y) + <usize>outer * load<usize>(record, SOFTMAX_Y_OUTER) + (<usize>first << 2);
    let cols = inner - first;
    if (contiguous) rowSoftmax(x, y, axis, lo, hi);
    else if (cols >= TILE) tileSoftmax(x, y, axis, xs, ys, lo, hi);
    else for (; cols > 0; cols -= 4, x += 16, y += 16) columnSoftmax(x, y, axis, xs, ys, cols, lo, hi);
  }
}

export function checkSoftmax(record: usize): i32 {
  const outer = field(record, SOFTMAX_OUTER);
  const axis = field(record, SOFTMAX_AXIS);
  const inner = field(record, SOFTMAX_INNER);
  if (outer < 1) return SOFTMAX_OUTER;
  if (axis < 1) return SOFTMAX_AXIS;
  if (inner < 1 || 4 * outer * axis * inner > arenaBytes()) return SOFTMAX_INNER;
  const xAxis = field(record, SOFTMAX_X_AXIS);
  const yAxis = field(record, SOFTMAX_Y_AXIS);
  const xBytes = (outer - 1) * field(record, SOFTMAX_X_OUTER) + (axis - 1) * xAxis + 4 * inner;
  const yBytes = (outer - 1) * field(record, SOFTMAX_Y_OUTER) + (axis - 1) * yAxis + 4 * inner;
  if (!readable(field(record, SOFTMAX_X), xBytes + 12)) return SOFTMAX_X;
  if (!writable(field(record, SOFTMAX_Y), yBytes)) return SOFTMAX_Y;
  return 0;
}
