import {
  SPMV_BATCH,
  SPMV_BIAS,
  SPMV_BLOCKS,
  SPMV_BLOCK_ROWS,
  SPMV_HI,
  SPMV_LO,
  SPMV_WEIGHTS,
  SPMV_X,
  SPMV_X_ROW,
  SPMV_Y,
  SPMV_Y_ROW,
} from '../abi/spmv';
import { clamp4, madd, shareEnd, shareStart } from '../prelude';
import { madd2 } from './spmv_rows';

/** Two panels of four rows of dense weights, at w and u: f32[columns][4] each. Every panel is summed alike. */
// @ts-ignore: decorator
@inline
function panelPair(record: usize, x: usize, w: usize, u: usize, y: usize, z: usize, b: usize, d: usize): void {
  let a0 = v128.load(b);
  let a1 = f32x4.splat(0);
  let c0 = v128.load(d);
  let c1 = a1;
  const end = x + (<usize>load<u32>(record, SPMV_BLOCKS) << 2);
  while (x + 12 < end) {
    const v = v128.load(x);
    const v0 = v128.shuffle<f32>(v, v, 0, 0, 0, 0);
    const v1 = v128.shuffle<f32>(v, v, 1, 1, 1, 1);
    a0 = madd2(w, 16, v0, v1, a0);
    c0 = madd2(u, 16, v0, v1, c0);
    const v2 = v128.shuffle<f32>(v, v, 2, 2, 2, 2);
    const v3 = v128.shuffle<f32>(v, v, 3, 3, 3, 3);
    a1 = madd2(w + 32, 16, v2, v3, a1);
    c1 = madd2(u + 32, 16, v2, v3, c1);
    x += 16;
    w += 64;
    u += 64;
  }
  while (x < end) {
    const v = v128.load32_splat(x);
    a0 = madd(v128.load(w), v, a0);
    c0 = madd(v128.load(u), v, c0);
    x += 4;
    w += 16;
    u += 16;
  }
  const lo = v128.load32_splat(record, SPMV_LO);
  const hi = v128.load32_splat(record, SPMV_HI);
  v128.store(y, clamp4(f32x4.add(a0, a1), lo, hi));
  v128.store(z, clamp4(f32x4.add(c0, c1), lo, hi));
}

/** One panel, summed as in a pair. */
// @ts-ignore: decorator
@inline
function panelAlone(record: usize, x: usize, w: usize, y: usize, b: usize): void {
  let a0 = v128.load(b);
  let a1 = f32x4.splat(0);
  const end = x + (<usize>load<u32>(record, SPMV_BLOCKS) << 2);
  while (x + 12 < end) {
    const v = v128.load(x);
    a0 = madd2(w, 16, v128.shuffle<f32>(v, v, 0, 0, 0, 0), v128.shuffle<f32>(v, v, 1, 1, 1, 1), a0);
    a1 = madd2(w + 32, 16, v128.shuffle<f32>(v, v, 2, 2, 2, 2), v128.shuffle<f32>(v, v, 3, 3, 3, 3), a1);
    x += 16;
    w += 64;
  }
  while (x < end) {
    a0 = madd(v128.load(w), v128.load32_splat(x), a0);
    x += 4;
    w += 16;
  }
  const lo = v128.load32_splat(record, SPMV_LO);
  const hi = v128.load32_splat(record, SPMV_HI);
  v128.store(y, clamp4(f32x4.add(a0, a1), lo, hi));
}

/** Bytes of weights from which on they come from memory, which likes one stream better than two. */
const STREAMED: usize = 2 << 20;

/** Threads share the panels; the last of an odd number goes alone. */
export function gemv(record: usize, thread: i32, threads: i32): void {
  const batch = load<i32>(record, SPMV_BATCH);
  const blockRows = load<i32>(record, SPMV_BLOCK_ROWS);
  if (batch == 0) return;
  const panel = <usize>load<u32>(record, SPMV_BLOCKS) << 4;
  const last = shareEnd(blockRows, thread, threads);
  const step = panel * blockRows < STREAMED ? 2 : 1;
  for (let r = shareStart(blockRows, thread, threads); r < last; r += step) {
    const pair = step == 2 && r + 1 < last;
    const w = load<usize>(record, SPMV_WEIGHTS) + <usize>r * panel;
    const b = load<usize>(record, SPMV_BIAS) + (<usize>r << 4);
    let x = load<usize>(record, SPMV_X);
    let y = load<usize>(record, SPMV_Y) + (<usize>r << 4);
    for (let n = batch; n > 0; n--) {
      if (pair) panelPair(record, x, w, w + panel, y, y + 16, b, b + 16);
      else panelAlone(record, x, w, y, b);
      x += load<u32>(record, SPMV_X_ROW);
      y += load<u32>(record, SPMV_Y_ROW);
    }
  }
}
