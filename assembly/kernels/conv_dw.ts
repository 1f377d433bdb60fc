import {
  DW_BIAS,
  DW_CHANNELS,
  DW_COLS,
  DW_HI,
  DW_IMAGES,
  DW_KERNEL_H,
  DW_KERNEL_W,
  DW_LO,
  DW_ROWS,
  DW_STEP_X,
  DW_TAP_X,
  DW_TAP_Y,
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
import { field, readable, writable } from '../bounds';
import { clamp4, madd, shareEnd, shareStart } from '../prelude';

/** Elements 0, 2, 4, 6 behind p. */
// @ts-ignore: decorator
@inline
function even4(p: usize): v128 {
  return v128.shuffle<f32>(v128.load(p), v128.load(p, 16), 0, 2, 4, 6);
}

/** Stores the first `count` (1 to 4) lanes. */
// @ts-ignore: decorator
@inline
function storeLanes(y: usize, v: v128, count: i32): void {
  if (count >= 4) {
    v128.store(y, v);
    return;
  }
  if (count & 2) {
    v128.store64_lane(y, v, 0);
    if (count & 1) v128.store32_lane(y, v, 2, 8);
  } else {
    v128.store32_lane(y, v, 0);
  }
}

/** One output row with step 1 along columns. */
function rowStep1(record: usize, x: usize, y: usize, w: usize, bias: v128, cols: i32): void {
  const lo = v128.load32_splat(record, DW_LO);
  const hi = v128.load32_splat(record, DW_HI);
  const tapX = <usize>load<u32>(record, DW_TAP_X);
  const tapY = <usize>load<u32>(record, DW_TAP_Y);
  const wRow = <usize>load<u32>(record, DW_KERNEL_W) << 2;
  const wEnd = w + wRow * load<u32>(record, DW_KERNEL_H);
  for (; cols >= 16; cols -= 16) {
    let a0 = bias;
    let a1 = bias;
    let a2 = bias;
    let a3 = bias;
    let row = x;
    for (let k = w; k < wEnd; row += tapY) {
      let p = row;
      for (const end = k + wRow; k < end; k += 4) {
        const weight = v128.load32_splat(k);
        a0 = madd(v128.load(p), weight, a0);
        a1 = madd(v128.load(p, 16), weight, a1);
        a2 = madd(v128.load(p, 32), weight, a2);
        a3 = madd(v128.load(p, 48), weight, a3);
        p += tapX;
      }
    }
    v128.store(y, clamp4(a0, lo, hi));
    v128.store(y, clamp4(a1, lo, hi), 16);
    v128.store(y, clamp4(a2, lo, hi), 32);
    v128.store(y, clamp4(a3, lo, hi), 48);
    x += 64;
    y += 64;
  }
  for (; cols > 0; cols -= 4) {
    let a0 = bias;
    let row = x;
    for (let k = w; k < wEnd; row += tapY) {
      let p = row;
      for (const end = k + wRow; k < end; k += 4) {
        a0 = madd(v128.load(p), v128.load32_splat(k), a0);
        p += tapX;
      }
    }
    storeLanes(y, clamp4(a0, lo, hi), cols);
    x += 16;
    y += 16;
  }
}

/** One output row with step 2 along columns. */
function rowStep2(record: usize, x: usize, y: usize, w: usize, bias: v128, cols: i32): void {
  const lo = v128.load32_splat(record, DW_LO);
  const hi = v128.load32_splat(record, DW_HI);
  const tapX = <usize>load<u32>(record, DW_TAP_X);
  const tapY = <usize>load<u32>(record, DW_TAP_Y);
  const wRow = <usize>load<u32>(record, DW_KERNEL_W) << 2;
  const wEnd = w + wRow * load<u32>(record, DW_KERNEL_H);
  for (; cols >= 8; cols -= 8) {
    let a0 = bias;
    let a1 = bias;
    let row = x;
    for (let k = w; k < wEnd; row += tapY) {
      let p = row;
      for (const end = k + wRow; k < end; k += 4) {
        const weight = v128.load32_splat(k);
        a0 = madd(even4(p), weight, a0);
        a1 = madd(even4(p + 32), weight, a1);
        p += tapX;
      }
    }
    v128.store(y, clamp4(a0, lo, hi));
    v128.store(y, clamp4(a1, lo, hi), 16);
    x += 64;
    y += 32;
  }
  for (; cols > 0; cols -= 4) {
    let a0 = bias;
    let row = x;
    for (let k = w; k < wEnd; row += tapY) {
      let p = row;
      for (const end = k + wRow; k < end; k += 4) {
        a0 = madd(even4(p), v128.load32_splat(k), a0);
        p += tapX;
      }
    }
    storeLanes(y, clamp4(a0, lo, hi), cols);
    x += 32;
    y += 16;
  }
}

export function convDw(record: usize, thread: i32, threads: i32): void {
  const channels = load<i32>(record, DW_CHANNELS);
  const planes = channels * load<i32>(record, DW_IMAGES);
  const rows = load<i32>(record, DW_ROWS);
  const cols = load<i32>(record, DW_COLS);
  if (rows == 0 || cols == 0) return;
  const taps = <usize>load<u32>(record, DW_KERNEL_H) * load<u32>(record, DW_KERNEL_W);
  const step2 = load<u32>(record, DW_STEP_X) == 2;
  const last = shareEnd(planes, thread, threads);
  for (let plane = shareStart(planes, thread, threads); plane < last; plane++) {
    const c = <usize>(plane % channels);
    const n = <usize>(plane / channels);
    const w = load<usize>(record, DW_WEIGHTS) + c * taps * 4;
    const bias = v128.load32_splat(load<usize>(record, DW_BIAS) + c * 4);
    let x = load<usize>(record, DW_X) + n * load<u32>(record, DW_X_IMAGE) + c * load<u32>(record, DW_X_PLANE);
    let y = load<usize>(record, DW_Y) + n * load<u32>(record, DW_Y_IMAGE) + c * load<u32>(record, DW_Y_PLANE);
    for (let r = 0; r < rows; r++) {
      if (step2) rowStep2(record, x, y, w, bias, cols);
      else rowStep1(record, x, y, w, bias, cols);
      x += load<u32>(record, DW_X_ROW);
      y += load<u32>(record, DW_Y_ROW);
    }
  }
}

export function checkConvDw(record: usize): i32 {
  const channels = field(record, DW_CHANNELS);
  const images = field(record, DW_IMAGES);
  const rows = field(record, DW_ROWS);
  const cols = field(record, DW_COLS);
  const kernelH = field(record, DW_KERNEL_H);
  const kernelW = field(record, DW_KERNEL_W);
  const step = field(record, DW_STEP_X);
  if (channels * images * rows > 0x7fffffff) return DW_IMAGES;
  if (channels * images * rows * cols == 0) return 0;
  if (step != 1 && step != 2) return DW_STEP_X;
  if (cols > 0x7fffffff || cols * images * channels * rows * 4 > 0xffffffff) return DW_COLS;
  if (kernelH * kernelW == 0 || kernelH * kernelW > 0xffffff) return DW_KERNEL_H;
  if (!readable(field(record, DW_WEIGHTS), channels * kernelH * kernelW * 4)) return DW_WEIGHTS;
  if (!readable(field(record, DW_BIAS), channels * 4)) return DW_BIAS;
  const planeIn =
    (rows - 1) * field(record, DW_X_ROW) +
    (kernelH - 1) * field(record, DW_TAP_Y) +
    (kernelW - 1) * field(record, DW_TAP_X) +
    Math.ceil(cols / 4) * 16 * step +
    16;
  const lastIn = (images - 1) * field(record, DW_X_IMAGE) + (channels - 1) * field(record, DW_X_PLANE);
  if (!readable(field(record, DW_X), lastIn + planeIn)) return DW_X;
  // Rows, planes and images may not overlap: the work of a record is then bounded by the arena.
  if (rows > 1 && field(record, DW_Y_ROW) < cols * 4) return DW_Y_ROW;
  const planeOut = (rows - 1) * field(record, DW_Y_ROW) + cols * 4;
  if (channels > 1 && field(record, DW_Y_PLANE) < planeOut) return DW_Y_PLANE;
  const imageOut = (channels - 1) * field(record, DW_Y_PLANE) + planeOut;
  if (images > 1 && field(record, DW_Y_IMAGE) < imageOut) return DW_Y_IMAGE;
  return writable(field(record, DW_Y), (images - 1) * field(record, DW_Y_IMAGE) + imageOut) ? 0 : DW_Y;
}
