import {
  POOL_BOTTOM,
  POOL_C,
  POOL_DX,
  POOL_DY,
  POOL_H,
  POOL_KH,
  POOL_KIND,
  POOL_KW,
  POOL_LEFT,
  POOL_MAX,
  POOL_MEAN_PADDED,
  POOL_N,
  POOL_OH,
  POOL_OW,
  POOL_RIGHT,
  POOL_SX,
  POOL_SY,
  POOL_TOP,
  POOL_W,
  POOL_X,
  POOL_X_IMAGE,
  POOL_X_PITCH,
  POOL_X_PLANE,
  POOL_Y,
  POOL_Y_IMAGE,
  POOL_Y_PITCH,
  POOL_Y_PLANE,
} from '../abi/pool';
import { field, readable, writable } from '../bounds';
import { shareEnd, shareStart, sum4 } from '../prelude';

// `kind` is a constant where these are inlined.

// @ts-ignore: decorator
@inline
function combine4(kind: i32, y: v128, x: v128): v128 {
  return kind == POOL_MAX ? f32x4.pmax(y, x) : f32x4.add(y, x);
}

// @ts-ignore: decorator
@inline
function combine1(kind: i32, y: f32, x: f32): f32 {
  return kind == POOL_MAX ? (y < x ? x : y) : y + x;
}

// @ts-ignore: decorator
@inline
function initial(kind: i32): f32 {
  return kind == POOL_MAX ? -Infinity : 0;
}

// @ts-ignore: decorator
@inline
function ceilDiv(n: i32, divisor: i32): i32 {
  return divisor == 1 ? n : (n + divisor - 1) / divisor;
}

/** First tap, of a window that starts at `at`, which is not before position 0. */
// @ts-ignore: decorator
@inline
function firstTap(at: i32, dilation: i32): i32 {
  return at >= 0 ? 0 : ceilDiv(-at, dilation);
}

/** Number of the `taps` of a window that starts at `at` which are before `end`. */
// @ts-ignore: decorator
@inline
function tapsBefore(at: i32, taps: i32, dilation: i32, end: i32): i32 {
  return at >= end ? 0 : min(taps, ceilDiv(end - at, dilation));
}

/** 1 / n, or 0 for an empty window. */
// @ts-ignore: decorator
@inline
function reciprocal(n: i32): f32 {
  return n > 0 ? <f32>1 / <f32>n : 0;
}

/** All `rows * columns` taps of one window; `dy`, `dx` in bytes. */
// @ts-ignore: decorator
@inline
function window1(kind: i32, x: usize, rows: i32, columns: i32, dy: usize, dx: usize): f32 {
  let y = initial(kind);
  if (dx == 4 && columns >= 4) {
    let lanes = f32x4.splat(y);
    for (let ky = 0; ky < rows; ky++, x += dy) {
      let at = x;
      let kx = columns;
      for (; kx >= 4; kx -= 4, at += 16) lanes = combine4(kind, lanes, v128.load(at));
      for (; kx > 0; kx--, at += 4) y = combine1(kind, y, load<f32>(at));
    }
    if (kind == POOL_MAX) {
      lanes = f32x4.pmax(lanes, v128.shuffle<f32>(lanes, lanes, 2, 3, 0, 1));
      y = combine1(kind, y, f32x4.extract_lane(lanes, 0));
      return combine1(kind, y, f32x4.extract_lane(lanes, 1));
    }
    return y + sum4(lanes);
  }
  for (let ky = 0; ky < rows; ky++, x += dy) {
    let at = x;
    for (let kx = columns; kx > 0; kx--, at += dx) y = combine1(kind, y, load<f32>(at));
  }
  return y;
}

/** Windows of four neighbouring outputs, `step` 1 or 2 elements apart, all inside of the row. */
// @ts-ignore: decorator
@inline
function wide4(kind: i32, step: i32, x: usize, rows: i32, columns: i32, dy: usize, dx: usize): v128 {
  let y = f32x4.splat(initial(kind));
  for (let ky = 0; ky < rows; ky++, x += dy) {
    let at = x;
    for (let kx = columns; kx > 0; kx--, at += dx) {
      const v = step == 1 ? v128.load(at) : v128.shuffle<f32>(v128.load(at), v128.load(at, 16), 0, 2, 4, 6);
      y = combine4(kind, y, v);
    }
  }
  return y;
}

/** Windows of two or three neighbouring columns for four outputs, `step` 1 or 2 elements apart: rows first, then columns. */
// @ts-ignore: decorator
@inline
function narrow4(kind: i32, step: i32, width: i32, x: usize, rows: i32, dy: usize): v128 {
  let a = f32x4.splat(initial(kind));
  let b = a;
  let c = a;
  for (let ky = 0; ky < rows; ky++, x += dy) {
    a = combine4(kind, a, v128.load(x));
    b = combine4(kind, b, v128.load(x, 16));
    if (step == 2 && width == 3) c = combine4(kind, c, v128.load32_zero(x, 32));
  }
  if (step == 1) {
    const pair = combine4(kind, a, v128.shuffle<f32>(a, b, 1, 2, 3, 4));
    return width == 2 ? pair : combine4(kind, pair, v128.shuffle<f32>(a, b, 2, 3, 4, 5));
  }
  const even = v128.shuffle<f32>(a, b, 0, 2, 4, 6);
  const pair = combine4(kind, even, v128.shuffle<f32>(a, b, 1, 3, 5, 7));
  return width == 2 ? pair : combine4(kind, pair, v128.shuffle<f32>(even, c, 1, 2, 3, 4));
}

/** Windows of any width for four neighbouring outputs, all inside of the row. */
// @ts-ignore: decorator
@inline
function window4(kind: i32, sx: i32, kw: i32, dx: i32, x: usize, rows: i32, rowStep: usize, columnStep: usize): v128 {
  if (dx == 1) {
    if (kw == 2) return sx == 1 ? narrow4(kind, 1, 2, x, rows, rowStep) : narrow4(kind, 2, 2, x, rows, rowStep);
    if (kw == 3) return sx == 1 ? narrow4(kind, 1, 3, x, rows, rowStep) : narrow4(kind, 2, 3, x, rows, rowStep);
  }
  return sx == 1 ? wide4(kind, 1, x, rows, kw, rowStep, columnStep) : wide4(kind, 2, x, rows, kw, rowStep, columnStep);
}

/** Windows of `size` x `size` columns and rows, 2 apart, for `count` >= 4 neighbouring outputs, all inside of the image. */
// @ts-ignore: decorator
@inline
function squares(kind: i32, size: i32, x: usize, pitch: usize, y: usize, count: i32, scale: v128): void {
  const none = f32x4.splat(initial(kind));
  const end = <usize>(count - 4) << 2;
  for (let i: usize = 0; ; ) {
    const p = x + (i << 1);
    const q = p + pitch;
    const r = q + pitch;
    let a = combine4(kind, combine4(kind, none, v128.load(p)), v128.load(q));
    let b = combine4(kind, combine4(kind, none, v128.load(p, 16)), v128.load(q, 16));
    if (size == 3) {
      a = combine4(kind, a, v128.load(r));
      b = combine4(kind, b, v128.load(r, 16));
    }
    const even = v128.shuffle<f32>(a, b, 0, 2, 4, 6);
    let v = combine4(kind, even, v128.shuffle<f32>(a, b, 1, 3, 5, 7));
    if (size == 3) {
      let c = combine4(kind, combine4(kind, none, v128.load32_zero(p, 32)), v128.load32_zero(q, 32));
      c = combine4(kind, c, v128.load32_zero(r, 32));
      v = combine4(kind, v, v128.shuffle<f32>(even, c, 1, 2, 3, 4));
    }
    v128.store(y + i, kind == POOL_MAX ? v : f32x4.mul(v, scale));
    if (i == end) break;
    // The last four overlap the ones before.
    i = min(i + 16, end);
  }
}

// @ts-ignore: decorator
@inline
function plane(kind: i32, record: usize, x: usize, y: usize): void {
  const h = load<i32>(record, POOL_H);
  const w = load<i32>(record, POOL_W);
  const oh = load<i32>(record, POOL_OH);
  const ow = load<i32>(record, POOL_OW);
  const kh = load<i32>(record, POOL_KH);
  const kw = load<i32>(record, POOL_KW);
  const sy = load<i32>(record, POOL_SY);
  const sx = load<i32>(record, POOL_SX);
  const dy = load<i32>(record, POOL_DY);
  const dx = load<i32>(record, POOL_DX);
  const top = load<i32>(record, POOL_TOP);
  const left = load<i32>(record, POOL_LEFT);
  const padded = load<i32>(record, POOL_KIND) == POOL_MEAN_PADDED;
  const bottom = load<i32>(record, POOL_BOTTOM) + h;
  const right = load<i32>(record, POOL_RIGHT) + w;
  const xPitch = load<usize>(record, POOL_X_PITCH);
  const yPitch = load<usize>(record, POOL_Y_PITCH);
  const rowStep = xPitch * <usize>dy;
  const columnStep = <usize>dx << 2;
  const square = sx == 2 && dx == 1 && dy == 1 && (kw == 2 || kw == 3);

  // Outputs [inner, outer) have all their columns inside of the image.
  const inner = min((left + sx - 1) / sx, ow);
  const room = w - 1 - (kw - 1) * dx + left;
  const outer = max(inner, room < 0 ? 0 : min(room / sx + 1, ow));

  if (square && sy == 2 && kh == kw && top == 0 && inner == 0 && outer == ow && ow >= 4 && (oh - 1) * 2 + kh <= h) {
    const scale4 = f32x4.splat(reciprocal(kh * kw));
    for (let oy = 0; oy < oh; oy++, y += yPitch, x += 2 * xPitch) {
      if (kw == 2) squares(kind, 2, x, xPitch, y, ow, scale4);
      else squares(kind, 3, x, xPitch, y, ow, scale4);
    }
    return;
  }

  for (let oy = 0; oy < oh; oy++, y += yPitch) {
    const y0 = oy * sy - top;
    const firstRow = firstTap(y0, dy);
    const rows = max(tapsBefore(y0, kh, dy, h) - firstRow, 0);
    const counted = padded ? tapsBefore(y0, kh, dy, bottom) : rows;
    const row = x + <usize>(y0 + firstRow * dy) * xPitch;

    for (let ox = 0; ox < ow; ox++) {
      if (ox == inner) ox = outer;
      if (ox == ow) break;
      const x0 = ox * sx - left;
      const firstColumn = firstTap(x0, dx);
      const columns = max(tapsBefore(x0, kw, dx, w) - firstColumn, 0);
      const at = row + (<usize>(x0 + firstColumn * dx) << 2);
      let v = window1(kind, at, rows, columns, rowStep, columnStep);
      if (kind != POOL_MAX) v *= reciprocal(counted * (padded ? tapsBefore(x0, kw, dx, right) : columns));
      store<f32>(y + (<usize>ox << 2), v);
    }

    const scale = reciprocal(counted * kw);
    let ox = inner;
    if (square && rows == kw && outer - inner >= 4) {
      const at = row + (<usize>(inner * 2 - left) << 2);
      const to = y + (<usize>inner << 2);
      if (kw == 2) squares(kind, 2, at, xPitch, to, outer - inner, f32x4.splat(scale));
      else squares(kind, 3, at, xPitch, to, outer - inner, f32x4.splat(scale));
      ox = outer;
    } else if (sx <= 2 && outer - inner >= 4) {
      const scale4 = f32x4.splat(scale);
      while (ox < outer) {
        // The last four overlap the ones before.
        ox = min(ox, outer - 4);
        const at = row + (<usize>(ox * sx - left) << 2);
        let v = window4(kind, sx, kw, dx, at, rows, rowStep, columnStep);
        if (kind != POOL_MAX) v = f32x4.mul(v, scale4);
        v128.store(y + (<usize>ox << 2), v);
        ox += 4;
      }
    }
    for (; ox < outer; ox++) {
      let v = window1(kind, row + (<usize>(ox * sx - left) << 2), rows, kw, rowStep, columnStep);
      if (kind != POOL_MAX) v *= scale;
      store<f32>(y + (<usize>ox << 2), v);
    }
  }
}

function maxPlane(record: usize, x: usize, y: usize): void {
  plane(POOL_MAX, record, x, y);
}

function meanPlane(record: usize, x: usize, y: usize): void {
  plane(POOL_MEAN_PADDED, record, x, y);
}

/**
 * Pooling of planes, windows clipped at the image. Max starts from -inf and takes what is greater, so that NaN is passed over; an
 * empty window gives -inf, and a mean of 0. Threads share the planes.
 */
export function pool(record: usize, thread: i32, threads: i32): void {
  const channels = load<i32>(record, POOL_C);
  const empty = load<i32>(record, POOL_OH) == 0 || load<i32>(record, POOL_OW) == 0;
  const planes = empty ? 0 : load<i32>(record, POOL_N) * channels;
  const max = load<i32>(record, POOL_KIND) == POOL_MAX;
  if (load<i32>(record, POOL_OH) == 0 || load<i32>(record, POOL_OW) == 0) return;
  const last = shareEnd(planes, thread, threads);
  for (let i = shareStart(planes, thread, threads); i < last; i++) {
    const n = <usize>(i / channels);
    const c = <usize>(i % channels);
    const x = load<usize>(record, POOL_X) + n * load<usize>(record, POOL_X_IMAGE) + c * load<usize>(record, POOL_X_PLANE);
    const y = load<usize>(record, POOL_Y) + n * load<usize>(record, POOL_Y_IMAGE) + c * load<usize>(record, POOL_Y_PLANE);
    if (max) maxPlane(record, x, y);
    else meanPlane(record, x, y);
  }
}

/** Bytes from the first to the last element of `rows` rows of `columns` elements in all planes. */
function reach(record: usize, image: i32, plane: i32, pitch: i32, rows: f64, columns: f64): f64 {
  return (
    (field(record, POOL_N) - 1) * field(record, image) +
    (field(record, POOL_C) - 1) * field(record, plane) +
    (rows - 1) * field(record, pitch) +
    columns * 4
  );
}

export function checkPool(record: usize): i32 {
  if (load<u32>(record, POOL_KIND) > <u32>POOL_MEAN_PADDED) return POOL_KIND;
  for (let at = POOL_KH; at <= POOL_DX; at += 4) {
    if (load<u32>(record + at) == 0) return at;
  }
  const h = field(record, POOL_H);
  const w = field(record, POOL_W);
  const oh = field(record, POOL_OH);
  const ow = field(record, POOL_OW);
  if (field(record, POOL_N) * field(record, POOL_C) >= 2147483648.0) return POOL_C;
  if (field(record, POOL_N) * field(record, POOL_C) * oh * ow == 0) return 0;
  if (h == 0 || w == 0) return POOL_H;

  // Positions and tap counts are computed in i32.
  const kh = field(record, POOL_KH);
  const kw = field(record, POOL_KW);
  const dy = field(record, POOL_DY);
  const dx = field(record, POOL_DX);
  const limit = 1073741824.0;
  if (kh * kw >= limit || dy >= limit || dx >= limit) return POOL_KH;
  if (oh * field(record, POOL_SY) + kh * dy + field(record, POOL_TOP) >= limit) return POOL_SY;
  if (ow * field(record, POOL_SX) + kw * dx + field(record, POOL_LEFT) >= limit) return POOL_SX;
  if (h + field(record, POOL_BOTTOM) + dy >= limit) return POOL_BOTTOM;
  if (w + field(record, POOL_RIGHT) + dx >= limit) return POOL_RIGHT;

  const plane = (oh - 1) * field(record, POOL_Y_PITCH) + ow * 4;
  const image = (field(record, POOL_C) - 1) * field(record, POOL_Y_PLANE) + plane;
  if (oh > 1 && field(record, POOL_Y_PITCH) < ow * 4) return POOL_Y_PITCH;
  if (field(record, POOL_C) > 1 && field(record, POOL_Y_PLANE) < plane) return POOL_Y_PLANE;
  if (field(record, POOL_N) > 1 && field(record, POOL_Y_IMAGE) < image) return POOL_Y_IMAGE;
  if (!readable(field(record, POOL_X), reach(record, POOL_X_IMAGE, POOL_X_PLANE, POOL_X_PITCH, h, w))) return POOL_X;
  if (!writable(field(record, POOL_Y), reach(record, POOL_Y_IMAGE, POOL_Y_PLANE, POOL_Y_PITCH, oh, ow))) return POOL_Y;
  return 0;
}
