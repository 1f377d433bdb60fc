import {
  LAYER_NORM_AXIS,
  LAYER_NORM_BIAS,
  LAYER_NORM_EPSILON,
  LAYER_NORM_HI,
  LAYER_NORM_INNER,
  LAYER_NORM_INVERSE,
  LAYER_NORM_LO,
  LAYER_NORM_MEAN,
  LAYER_NORM_OUTER,
  LAYER_NORM_SCALE,
  LAYER_NORM_X,
  LAYER_NORM_X_AXIS,
  LAYER_NORM_X_OUTER,
  LAYER_NORM_Y,
  LAYER_NORM_Y_AXIS,
  LAYER_NORM_Y_OUTER,
} from '../abi/layer_norm';
import { arenaBytes, field, readable, writable } from '../bounds';
import { clamp4, shareEnd, shareStart, sum4 } from '../prelude';
import { laneMask, storeLanes } from '../tail';

// Columns of a tile: a cache line.
const TILE = 16;

// @ts-ignore: decorator
@inline
function square(x: v128, mean: v128, sum: v128): v128 {
  const d = f32x4.sub(x, mean);
  return f32x4.add(sum, f32x4.mul(d, d));
}

/** `(x - mean) inverse scale + bias`, clamped. */
// @ts-ignore: decorator
@inline
function normal(x: v128, mean: v128, inverse: v128, scale: v128, bias: v128, lo: v128, hi: v128): v128 {
  const d = f32x4.mul(f32x4.sub(x, mean), inverse);
  return clamp4(f32x4.add(f32x4.mul(d, scale), bias), lo, hi);
}

/** The last pass over a contiguous row. */
// @ts-ignore: decorator
@inline
function finish(record: usize, biased: bool, x: usize, y: usize, mean: v128, inverse: v128): void {
  const lo = v128.load32_splat(record, LAYER_NORM_LO);
  const hi = v128.load32_splat(record, LAYER_NORM_HI);
  const zero = f32x4.splat(0);
  let scale = load<usize>(record, LAYER_NORM_SCALE);
  let bias = load<usize>(record, LAYER_NORM_BIAS);
  let n = load<i32>(record, LAYER_NORM_AXIS);
  for (; n >= 8; n -= 8, x += 32, y += 32, scale += 32, bias += 32) {
    const b0 = biased ? v128.load(bias) : zero;
    const b1 = biased ? v128.load(bias, 16) : zero;
    const y0 = normal(v128.load(x), mean, inverse, v128.load(scale), b0, lo, hi);
    const y1 = normal(v128.load(x, 16), mean, inverse, v128.load(scale, 16), b1, lo, hi);
    v128.store(y, y0);
    v128.store(y, y1, 16);
  }
  for (; n > 0; n -= 4, x += 16, y += 16, scale += 16, bias += 16) {
    const b = biased ? v128.load(bias) : zero;
    storeLanes(y, normal(v128.load(x), mean, inverse, v128.load(scale), b, lo, hi), n);
  }
}

/** A contiguous row: its mean, then the mean of the squared differences, then y. */
function row(record: usize, x: usize, y: usize, item: usize): void {
  const count = load<i32>(record, LAYER_NORM_AXIS);
  const mask = laneMask(count & 3);
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let p = x;
  let n = count;
  for (; n >= 16; n -= 16, p += 64) {
    s0 = f32x4.add(s0, v128.load(p));
    s1 = f32x4.add(s1, v128.load(p, 16));
    s2 = f32x4.add(s2, v128.load(p, 32));
    s3 = f32x4.add(s3, v128.load(p, 48));
  }
  for (; n >= 4; n -= 4, p += 16) s0 = f32x4.add(s0, v128.load(p));
  if (n > 0) s1 = f32x4.add(s1, v128.and(v128.load(p), mask));
  const average = sum4(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3))) / <f32>count;
  const mean = f32x4.splat(average);

  s0 = f32x4.splat(0);
  s1 = s0;
  s2 = s0;
  s3 = s0;
  for (p = x, n = count; n >= 16; n -= 16, p += 64) {
    s0 = square(v128.load(p), mean, s0);
    s1 = square(v128.load(p, 16), mean, s1);
    s2 = square(v128.load(p, 32), mean, s2);
    s3 = square(v128.load(p, 48), mean, s3);
  }
  for (; n >= 4; n -= 4, p += 16) s0 = square(v128.load(p), mean, s0);
  if (n > 0) s1 = square(v128.bitselect(v128.load(p), mean, mask), mean, s1);
  const variance = sum4(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3))) / <f32>count;
  const factor = <f32>1 / sqrt<f32>(variance + load<f32>(record, LAYER_NORM_EPSILON));

  const means = load<usize>(record, LAYER_NORM_MEAN);
  if (means) store<f32>(means + (item << 2), average);
  const inverses = load<usize>(record, LAYER_NORM_INVERSE);
  if (inverses) store<f32>(inverses + (item << 2), factor);

  if (load<usize>(record, LAYER_NORM_BIAS)) finish(record, true, x, y, mean, f32x4.splat(factor));
  else finish(record, false, x, y, mean, f32x4.splat(factor));
}

/** Up to four neighbouring columns. */
function columns(record: usize, x: usize, y: usize, lanes: i32): void {
  const axis = load<i32>(record, LAYER_NORM_AXIS);
  const xs = load<usize>(record, LAYER_NORM_X_AXIS);
  const ys = load<usize>(record, LAYER_NORM_Y_AXIS);
  const length = f32x4.splat(<f32>axis);
  let s = f32x4.splat(0);
  let p = x;
  for (let n = axis; n > 0; n--, p += xs) s = f32x4.add(s, v128.load(p));
  const mean = f32x4.div(s, length);
  s = f32x4.splat(0);
  p = x;
  for (let n = axis; n > 0; n--, p += xs) s = square(v128.load(p), mean, s);
  const inverse = inverseOf(record, f32x4.div(s, length));
  const lo = v128.load32_splat(record, LAYER_NORM_LO);
  const hi = v128.load32_splat(record, LAYER_NORM_HI);
  let scale = load<usize>(record, LAYER_NORM_SCALE);
  let bias = load<usize>(record, LAYER_NORM_BIAS);
  p = x;
  for (let n = axis; n > 0; n--, p += xs, y += ys, scale += 4) {
    const b = bias ? v128.load32_splat(bias) : f32x4.splat(0);
    storeLanes(y, normal(v128.load(p), mean, inverse, v128.load32_splat(scale), b, lo, hi), lanes);
    if (bias) bias += 4;
  }
}

// @ts-ignore: decorator
@inline
function inverseOf(record: usize, variance: v128): v128 {
  return f32x4.div(f32x4.splat(1), f32x4.sqrt(f32x4.add(variance, v128.load32_splat(record, LAYER_NORM_EPSILON))));
}

/** Sixteen neighbouring columns. */
function tile(record: usize, x: usize, y: usize): void {
  const axis = load<i32>(record, LAYER_NORM_AXIS);
  const xs = load<usize>(record, LAYER_NORM_X_AXIS);
  const ys = load<usize>(record, LAYER_NORM_Y_AXIS);
  const length = f32x4.splat(<f32>axis);
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let p = x;
  for (let n = axis; n > 0; n--, p += xs) {
    s0 = f32x4.add(s0, v128.load(p));
    s1 = f32x4.add(s1, v128.load(p, 16));
    s2 = f32x4.add(s2, v128.load(p, 32));
    s3 = f32x4.add(s3, v128.load(p, 48));
  }
  const m0 = f32x4.div(s0, length);
  const m1 = f32x4.div(s1, length);
  const m2 = f32x4.div(s2, length);
  const m3 = f32x4.div(s3, length);
  s0 = f32x4.splat(0);
  s1 = s0;
  s2 = s0;
  s3 = s0;
  p = x;
  for (let n = axis; n > 0; n--, p += xs) {
    s0 = square(v128.load(p), m0, s0);
    s1 = square(v128.load(p, 16), m1, s1);
    s2 = square(v128.load(p, 32), m2, s2);
    s3 = square(v128.load(p, 48), m3, s3);
  }
  s0 = inverseOf(record, f32x4.div(s0, length));
  s1 = inverseOf(record, f32x4.div(s1, length));
  s2 = inverseOf(record, f32x4.div(s2, length));
  s3 = inverseOf(record, f32x4.div(s3, length));
  const lo = v128.load32_splat(record, LAYER_NORM_LO);
  const hi = v128.load32_splat(record, LAYER_NORM_HI);
  let scale = load<usize>(record, LAYER_NORM_SCALE);
  let bias = load<usize>(record, LAYER_NORM_BIAS);
  p = x;
  for (let n = axis; n > 0; n--, p += xs, y += ys, scale += 4) {
    const k = v128.load32_splat(scale);
    const b = bias ? v128.load32_splat(bias) : f32x4.splat(0);
    v128.store(y, normal(v128.load(p), m0, s0, k, b, lo, hi));
    v128.store(y, normal(v128.load(p, 16), m1, s1, k, b, lo, hi), 16);
    v128.store(y, normal(v128.load(p, 32), m2, s2, k, b, lo, hi), 32);
    v128.store(y, normal(v128.load(p, 48), m3, s3, k, b, lo, hi), 48);
    if (bias) bias += 4;
  }
}

/** Normalises along an axis. Threads share the rows, or the tiles of columns. */
export function layerNorm(record: usize, thread: i32, threads: i32): void {
  const inner = load<i32>(record, LAYER_NORM_INNER);
  const contiguous =
    inner == 1 && load<i32>(record, LAYER_NORM_X_AXIS) == 4 && load<i32>(record, LAYER_NORM_Y_AXIS) == 4;
  const tiles = (inner + (TILE - 1)) / TILE;
  const items = load<i32>(record, LAYER_NORM_OUTER) * tiles;
  const last = shareEnd(items, thread, threads);
  for (let item = shareStart(items, thread, threads); item < last; item++) {
    const outer = item / tiles;
    const first = (item - outer * tiles) * TILE;
    let x =
      load<usize>(record, LAYER_NORM_X) + <usize>outer * load<usize>(record, LAYER_NORM_X_OUTER) + (<usize>first << 2);
    let y =
      load<usize>(record, LAYER_NORM_Y) + <usize>outer * load<usize>(record, LAYER_NORM_Y_OUTER) + (<usize>first << 2);
    let cols = inner - first;
    if (contiguous) row(record, x, y, item);
    else if (cols >= TILE) tile(record, x, y);
    else for (; cols > 0; cols -= 4, x += 16, y += 16) columns(record, x, y, cols);
  }
}

export function checkLayerNorm(record: usize): i32 {
  const outer = field(record, LAYER_NORM_OUTER);
  const axis = field(record, LAYER_NORM_AXIS);
  const inner = field(record, LAYER_NORM_INNER);
  if (outer < 1) return LAYER_NORM_OUTER;
  if (axis < 1) return LAYER_NORM_AXIS;
  if (inner < 1 || 4 * outer * axis * inner > arenaBytes()) return LAYER_NORM_INNER;
  const xAxis = field(record, LAYER_NORM_X_AXIS);
  const yAxis = field(record, LAYER_NORM_Y_AXIS);
  const xBytes = (outer - 1) * field(record, LAYER_NORM_X_OUTER) + (axis - 1) * xAxis + 4 * inner;
  const yBytes = (outer - 1) * field(record, LAYER_NORM_Y_OUTER) + (axis - 1) * yAxis + 4 * inner;
  if (!readable(field(record, LAYER_NORM_X), xBytes + 12)) return LAYER_NORM_X;
  if (!readable(field(record, LAYER_NORM_SCALE), 4 * axis + 12)) return LAYER_NORM_SCALE;
  const bias = field(record, LAYER_NORM_BIAS);
  if (bias != 0 && !readable(bias, 4 * axis + 12)) return LAYER_NORM_BIAS;
  if (!writable(field(record, LAYER_NORM_Y), yBytes)) return LAYER_NORM_Y;
  // Only rows write their statistics.
  const rows = inner == 1 && xAxis == 4 && yAxis == 4;
  const mean = field(record, LAYER_NORM_MEAN);
  if (mean != 0 && (!rows || !writable(mean, 4 * outer))) return LAYER_NORM_MEAN;
  const inverse = field(record, LAYER_NORM_INVERSE);
  if (inverse != 0 && (!rows || !writable(inverse, 4 * outer))) return LAYER_NORM_INVERSE;
  return 0;
}
