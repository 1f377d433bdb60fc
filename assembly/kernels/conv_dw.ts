import {
  DW_AREA,
  DW_AREAS,
  DW_BAND,
  DW_BAND_ROWS,
  DW_BIAS,
  DW_CHANNELS,
  DW_H,
  DW_HI,
  DW_IMAGES,
  DW_LEFT,
  DW_LO,
  DW_OFFSETS,
  DW_OUT_H,
  DW_OUT_W,
  DW_PHASE,
  DW_ROW,
  DW_SCRATCH,
  DW_STEP_X,
  DW_STEP_Y,
  DW_TAPS,
  DW_TOP,
  DW_W,
  DW_WEIGHTS,
  DW_X,
  DW_X_IMAGE,
  DW_X_PLANE,
  DW_X_ROW,
  DW_Y,
  DW_Y_IMAGE,
  DW_Y_PLANE,
  DW_Y_ROW,
} from '../abi/conv_dw';
import { field, fixed, readable, writable } from '../bounds';
import { clamp4, madd, shareEnd, shareStart } from '../prelude';
import { storeLanes } from '../tail';
import { maxOffset } from './spmm';

/** `w` elements from x to `to`. */
// @ts-ignore: decorator
@inline
function copyRow1(x: usize, to: usize, w: i32): void {
  if (w < 4) {
    for (let i = 0; i < w; i++) store<f32>(to + (<usize>i << 2), load<f32>(x + (<usize>i << 2)));
    return;
  }
  // The last vector ends with the row, whatever it overlaps.
  const last = (<usize>w << 2) - 16;
  for (let i: usize = 0; i < last; i += 16) v128.store(to + i, v128.load(x + i));
  v128.store(to + last, v128.load(x + last));
}

/** Elements 0, 2, 4, … of `w` to a, elements 1, 3, 5, … to b. */
// @ts-ignore: decorator
@inline
function copyRow2(x: usize, a: usize, b: usize, w: i32): void {
  const half = <usize>(w >> 3) << 4;
  for (let i: usize = 0; i < half; i += 16) {
    const p = v128.load(x + 2 * i);
    const q = v128.load(x + 2 * i, 16);
    v128.store(a + i, v128.shuffle<f32>(p, q, 0, 2, 4, 6));
    v128.store(b + i, v128.shuffle<f32>(p, q, 1, 3, 5, 7));
  }
  for (let i = half; i < <usize>w << 1; i += 4) {
    store<f32>(a + i, load<f32>(x + 2 * i));
    if (i + 2 < <usize>w << 1) store<f32>(b + i, load<f32>(x + 2 * i, 4));
  }
}

/** Input rows `first`, `first + 1`, … of one plane to scratch; rows outside of the image are zero. */
function copyBand(record: usize, x: usize, scratch: usize, first: i32): void {
  const h = load<i32>(record, DW_H);
  const w = load<i32>(record, DW_W);
  const left = load<i32>(record, DW_LEFT);
  const step = load<i32>(record, DW_STEP_X);
  const phase = <usize>load<u32>(record, DW_PHASE);
  const row = <usize>load<u32>(record, DW_ROW);
  const xRow = <usize>load<u32>(record, DW_X_ROW);
  const end = scratch + <usize>load<u32>(record, DW_BAND_ROWS) * row;
  const even = <usize>(left & 1) * phase + (<usize>(left >> 1) << 2);
  const odd = <usize>((left + 1) & 1) * phase + (<usize>((left + 1) >> 1) << 2);
  let from = x + <usize>first * xRow;
  for (let to = scratch, y = first; to < end; to += row, y++, from += xRow) {
    if (y < 0 || y >= h) {
      for (let i: usize = 0; i < row; i += 4) store<f32>(to + i, 0);
    } else if (step == 1) {
      copyRow1(from, to + (<usize>left << 2), w);
    } else if (step == 2) {
      copyRow2(from, to + even, to + odd, w);
    } else {
      for (let i = 0; i < w; i++) {
        const column = left + i;
        store<f32>(to + <usize>(column % step) * phase + (<usize>(column / step) << 2), load<f32>(from + (<usize>i << 2)));
      }
    }
  }
}

/** Any window: one output row. */
function rowAny(record: usize, s: usize, y: usize, w: usize, bias: v128): void {
  const lo = v128.load32_splat(record, DW_LO);
  const hi = v128.load32_splat(record, DW_HI);
  const offsets = load<usize>(record, DW_OFFSETS);
  const end = offsets + (<usize>load<u32>(record, DW_TAPS) << 2);
  let cols = load<i32>(record, DW_OUT_W);
  for (; cols >= 16; cols -= 16) {
    let a0 = bias;
    let a1 = bias;
    let a2 = bias;
    let a3 = bias;
    let k = w;
    for (let o = offsets; o < end; o += 4) {
      const p = s + <usize>load<u32>(o);
      const weight = v128.load32_splat(k);
      a0 = madd(v128.load(p), weight, a0);
      a1 = madd(v128.load(p, 16), weight, a1);
      a2 = madd(v128.load(p, 32), weight, a2);
      a3 = madd(v128.load(p, 48), weight, a3);
      k += 4;
    }
    v128.store(y, clamp4(a0, lo, hi));
    v128.store(y, clamp4(a1, lo, hi), 16);
    v128.store(y, clamp4(a2, lo, hi), 32);
    v128.store(y, clamp4(a3, lo, hi), 48);
    s += 64;
    y += 64;
  }
  for (; cols > 0; cols -= 4) {
    let a0 = bias;
    let k = w;
    for (let o = offsets; o < end; o += 4) {
      a0 = madd(v128.load(s + <usize>load<u32>(o)), v128.load32_splat(k), a0);
      k += 4;
    }
    storeLanes(y, clamp4(a0, lo, hi), cols);
    s += 16;
    y += 16;
  }
}

/** 3x3 windows with steps of one: `rows` output rows, two at a time over the input rows that they share. */
function band3x3(record: usize, s: usize, y: usize, w: usize, bias: usize, rows: i32): void {
  const w00 = v128.load32_splat(w);
  const w01 = v128.load32_splat(w, 4);
  const w02 = v128.load32_splat(w, 8);
  const w10 = v128.load32_splat(w, 12);
  const w11 = v128.load32_splat(w, 16);
  const w12 = v128.load32_splat(w, 20);
  const w20 = v128.load32_splat(w, 24);
  const w21 = v128.load32_splat(w, 28);
  const w22 = v128.load32_splat(w, 32);
  const row = <usize>load<u32>(record, DW_ROW);
  const yRow = <usize>load<u32>(record, DW_Y_ROW);
  const last = <usize>load<u32>(record, DW_OUT_W) * 4 - 16;
  for (let r = 0; r < rows; r += 2) {
    // An odd last row is computed together with the one before it.
    if (r + 1 == rows) {
      s -= row;
      y -= yRow;
    }
    let i: usize = 0;
    while (true) {
      let p = s + i;
      let v = v128.load(p);
      let a = madd(v, w00, v128.load32_splat(bias));
      v = v128.load(p, 4);
      a = madd(v, w01, a);
      v = v128.load(p, 8);
      a = madd(v, w02, a);
      p += row;
      v = v128.load(p);
      a = madd(v, w10, a);
      let b = madd(v, w00, v128.load32_splat(bias));
      v = v128.load(p, 4);
      a = madd(v, w11, a);
      b = madd(v, w01, b);
      v = v128.load(p, 8);
      a = madd(v, w12, a);
      b = madd(v, w02, b);
      p += row;
      v = v128.load(p);
      a = madd(v, w20, a);
      b = madd(v, w10, b);
      v = v128.load(p, 4);
      a = madd(v, w21, a);
      b = madd(v, w11, b);
      v = v128.load(p, 8);
      a = madd(v, w22, a);
      b = madd(v, w12, b);
      p += row;
      v = v128.load(p);
      b = madd(v, w20, b);
      v = v128.load(p, 4);
      b = madd(v, w21, b);
      v = v128.load(p, 8);
      b = madd(v, w22, b);
      const lo = v128.load32_splat(record, DW_LO);
      const hi = v128.load32_splat(record, DW_HI);
      v128.store(y + i, clamp4(a, lo, hi));
      v128.store(y + i + yRow, clamp4(b, lo, hi));
      if (i == last) break;
      // The last vector ends with the row, whatever it overlaps.
      i = min(i + 16, last);
    }
    s += 2 * row;
    y += 2 * yRow;
  }
}

/** 3x3 windows of any step, row by row; c1 and c2 are the bytes to the second and third column of a window, `down` those to its next row. */
function rows3x3(record: usize, s: usize, y: usize, w: usize, bias: usize, rows: i32): void {
  const w00 = v128.load32_splat(w);
  const w01 = v128.load32_splat(w, 4);
  const w02 = v128.load32_splat(w, 8);
  const w10 = v128.load32_splat(w, 12);
  const w11 = v128.load32_splat(w, 16);
  const w12 = v128.load32_splat(w, 20);
  const w20 = v128.load32_splat(w, 24);
  const w21 = v128.load32_splat(w, 28);
  const w22 = v128.load32_splat(w, 32);
  const offsets = load<usize>(record, DW_OFFSETS);
  const c1 = <usize>load<u32>(offsets, 4);
  const c2 = <usize>load<u32>(offsets, 8);
  const down = <usize>load<u32>(offsets, 12);
  const step = <usize>load<u32>(record, DW_STEP_Y) * load<u32>(record, DW_ROW);
  const yRow = <usize>load<u32>(record, DW_Y_ROW);
  const last = <usize>load<u32>(record, DW_OUT_W) * 4 - 16;
  for (let r = 0; r < rows; r++) {
    let i: usize = 0;
    while (true) {
      let p = s + i;
      let a = madd(v128.load(p), w00, v128.load32_splat(bias));
      a = madd(v128.load(p + c1), w01, a);
      a = madd(v128.load(p + c2), w02, a);
      p += down;
      a = madd(v128.load(p), w10, a);
      a = madd(v128.load(p + c1), w11, a);
      a = madd(v128.load(p + c2), w12, a);
      p += down;
      a = madd(v128.load(p), w20, a);
      a = madd(v128.load(p + c1), w21, a);
      a = madd(v128.load(p + c2), w22, a);
      v128.store(y + i, clamp4(a, v128.load32_splat(record, DW_LO), v128.load32_splat(record, DW_HI)));
      if (i == last) break;
      i = min(i + 16, last);
    }
    s += step;
    y += yRow;
  }
}

const ANY = 0;
const GRID = 1;
const GRID_STEP1 = 2;

/** Which of the row functions fits: 3x3 grids have functions of their own, which need a whole vector in a row. */
function shapeOf(record: usize): i32 {
  if (load<u32>(record, DW_TAPS) != 9 || load<u32>(record, DW_OUT_W) < 4) return ANY;
  const o = load<usize>(record, DW_OFFSETS);
  const c1 = load<u32>(o, 4);
  const c2 = load<u32>(o, 8);
  const down = load<u32>(o, 12);
  if (load<u32>(o) != 0) return ANY;
  for (let ky: u32 = 0; ky < 3; ky++) {
    const row = o + <usize>ky * 12;
    if (load<u32>(row) != ky * down || load<u32>(row, 4) != ky * down + c1 || load<u32>(row, 8) != ky * down + c2) return ANY;
  }
  const contiguous = c1 == 4 && c2 == 8 && down == load<u32>(record, DW_ROW);
  return contiguous && load<u32>(record, DW_STEP_Y) == 1 ? GRID_STEP1 : GRID;
}

export function convDw(record: usize, thread: i32, threads: i32): void {
  const takePart = min(threads, load<i32>(record, DW_AREAS));
  if (thread >= takePart) return;
  const area = <usize>load<u32>(record, DW_AREA);
  const scratch = load<usize>(record, DW_SCRATCH) + <usize>thread * area;
  const channels = load<i32>(record, DW_CHANNELS);
  const planes = channels * load<i32>(record, DW_IMAGES);
  const outH = load<i32>(record, DW_OUT_H);
  const stepY = load<i32>(record, DW_STEP_Y);
  const band = load<i32>(record, DW_BAND);
  const step = <usize>stepY * load<u32>(record, DW_ROW);
  const yRow = <usize>load<u32>(record, DW_Y_ROW);
  const taps = <usize>load<u32>(record, DW_TAPS);
  const shape = shapeOf(record);
  const last = shareEnd(planes, thread, takePart);
  // Pads to the left and right stay zero: rows are copied between them.
  memory.fill(scratch, 0, area);
  for (let plane = shareStart(planes, thread, takePart); plane < last; plane++) {
    const c = <usize>(plane % channels);
    const n = <usize>(plane / channels);
    const w = load<usize>(record, DW_WEIGHTS) + c * taps * 4;
    const bias = load<usize>(record, DW_BIAS) + c * 4;
    const x = load<usize>(record, DW_X) + n * load<u32>(record, DW_X_IMAGE) + c * load<u32>(record, DW_X_PLANE);
    let y = load<usize>(record, DW_Y) + n * load<u32>(record, DW_Y_IMAGE) + c * load<u32>(record, DW_Y_PLANE);
    for (let r = 0; r < outH; r += band) {
      const rows = min(band, outH - r);
      copyBand(record, x, scratch, r * stepY - load<i32>(record, DW_TOP));
      if (shape == GRID_STEP1 && rows > 1) {
        band3x3(record, scratch, y, w, bias, rows);
      } else if (shape != ANY) {
        rows3x3(record, scratch, y, w, bias, rows);
      } else {
        for (let i = 0; i < rows; i++) rowAny(record, scratch + <usize>i * step, y + <usize>i * yRow, w, v128.load32_splat(bias));
      }
      y += <usize>rows * yRow;
    }
  }
}

/** Counts and steps that the copies into scratch follow. */
function checkWindow(record: usize): i32 {
  const w = field(record, DW_W);
  const left = field(record, DW_LEFT);
  const stepX = field(record, DW_STEP_X);
  const stepY = field(record, DW_STEP_Y);
  const band = field(record, DW_BAND);
  const bandRows = field(record, DW_BAND_ROWS);
  const phase = field(record, DW_PHASE);
  const limit: f64 = 0xffffff;
  if (stepX < 1 || stepX > limit) return DW_STEP_X;
  if (stepY < 1 || stepY > 1024) return DW_STEP_Y;
  if (band < 1 || band > limit) return DW_BAND;
  if (bandRows > band * stepY + 1024) return DW_BAND_ROWS;
  if (left > limit) return DW_LEFT;
  if (field(record, DW_TOP) > limit) return DW_TOP;
  if (w > 0x7ffffff || field(record, DW_H) > 0x7ffffff) return DW_W;
  if (field(record, DW_OUT_H) * stepY > 0x3fffffff) return DW_OUT_H;
  if (w > 0 && Math.floor((left + w - 1) / stepX) * 4 + 4 > phase) return DW_PHASE;
  if (field(record, DW_ROW) != phase * stepX) return DW_ROW;
  if (bandRows * field(record, DW_ROW) > field(record, DW_AREA)) return DW_AREA;
  return 0;
}

export function checkConvDw(record: usize): i32 {
  const channels = field(record, DW_CHANNELS);
  const images = field(record, DW_IMAGES);
  const h = field(record, DW_H);
  const w = field(record, DW_W);
  const rows = field(record, DW_OUT_H);
  const cols = field(record, DW_OUT_W);
  const taps = field(record, DW_TAPS);
  // With nothing to write the loops over planes would have no bound.
  if (channels * images * rows * cols == 0) return DW_CHANNELS;
  if (channels * images > 0x7fffffff) return DW_IMAGES;
  if (cols > 0x7ffffff) return DW_OUT_W;
  const areas = field(record, DW_AREAS);
  if (areas < 1 || areas > 1024) return DW_AREAS;
  if (!writable(field(record, DW_SCRATCH), areas * field(record, DW_AREA))) return DW_SCRATCH;
  if (taps < 1 || taps > 0xffff || !fixed(field(record, DW_OFFSETS), taps * 4)) return DW_TAPS;
  const wrong = checkWindow(record);
  if (wrong != 0) return wrong;
  const step = field(record, DW_STEP_Y) * field(record, DW_ROW);
  const reach =
    (min(field(record, DW_BAND), rows) - 1) * step +
    maxOffset(load<usize>(record, DW_OFFSETS), load<u32>(record, DW_TAPS)) +
    Math.ceil(cols / 4) * 16;
  if (reach > field(record, DW_AREA)) return DW_OFFSETS;
  if (!readable(field(record, DW_WEIGHTS), channels * taps * 4)) return DW_WEIGHTS;
  if (!readable(field(record, DW_BIAS), channels * 4)) return DW_BIAS;
  const lastIn = (images - 1) * field(record, DW_X_IMAGE) + (channels - 1) * field(record, DW_X_PLANE);
  const planeIn = h * w == 0 ? 0 : (h - 1) * field(record, DW_X_ROW) + w * 4 + 32;
  if (planeIn > 0 && !readable(field(record, DW_X), lastIn + planeIn)) return DW_X;
  // Rows, planes and images may not overlap: the work of a record is then bounded by the arena.
  if (rows > 1 && field(record, DW_Y_ROW) < cols * 4) return DW_Y_ROW;
  const planeOut = (rows - 1) * field(record, DW_Y_ROW) + cols * 4;
  if (channels > 1 && field(record, DW_Y_PLANE) < planeOut) return DW_Y_PLANE;
  const imageOut = (channels - 1) * field(record, DW_Y_PLANE) + planeOut;
  if (images > 1 && field(record, DW_Y_IMAGE) < imageOut) return DW_Y_IMAGE;
  return writable(field(record, DW_Y), (images - 1) * field(record, DW_Y_IMAGE) + imageOut) ? 0 : DW_Y;
}
