import { clamp4, madd } from '../prelude';

// One block row each: y[0..R) = clamp(b[0..R) + sum over the blocks with offsets o..stop), values from w on.

/** a + w[0] * v0 + w[step] * v1: one addition to the accumulator for two blocks, since its latency bounds the loop. */
// @ts-ignore: decorator
@inline
export function madd2(w: usize, step: usize, v0: v128, v1: v128, a: v128): v128 {
  return f32x4.add(a, madd(v128.load(w + step), v1, f32x4.mul(v128.load(w), v0)));
}

/** The element of x at the byte offset o[index] in all lanes. */
// @ts-ignore: decorator
@inline
function splatAt(x: usize, o: usize, index: usize): v128 {
  return v128.load32_splat(x + <usize>load<u32>(o + (index << 2)));
}

/** The elements of x at the byte offsets o[0] in lanes 0 and 2, o[1] in lanes 1 and 3: blending splats is cheaper than inserting lanes. */
// @ts-ignore: decorator
@inline
function evenOdd(x: usize, o: usize): v128 {
  const offsets = load<u64>(o);
  return v128.shuffle<f32>(v128.load32_splat(x + <usize>offsets), v128.load32_splat(x + <usize>(offsets >> 32)), 0, 5, 2, 7);
}

/** The same with o[0] in lanes 0 and 1, o[1] in lanes 2 and 3. */
// @ts-ignore: decorator
@inline
function halves(x: usize, o: usize): v128 {
  const offsets = load<u64>(o);
  return v128.shuffle<f32>(v128.load32_splat(x + <usize>offsets), v128.load32_splat(x + <usize>(offsets >> 32)), 0, 1, 6, 7);
}

/** Four elements of x at the byte offsets o[0..4). */
// @ts-ignore: decorator
@inline
function gather4(x: usize, o: usize): v128 {
  return v128.shuffle<f32>(evenOdd(x, o), evenOdd(x, o + 8), 0, 1, 6, 7);
}

/** x0 + x1 + x2 + x3, pairwise, in lane 0. */
// @ts-ignore: decorator
@inline
function sumLanes(x: v128): v128 {
  x = f32x4.add(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return f32x4.add(x, v128.shuffle<f32>(x, x, 1, 1, 1, 1));
}

// @ts-ignore: decorator
@inline
export function row1x1(x: usize, y: usize, w: usize, o: usize, stop: usize, b: usize, lo: v128, hi: v128): void {
  let a0 = v128.load32_zero(b);
  let a1 = f32x4.splat(0);
  while (o + 28 < stop) {
    a0 = madd(v128.load(w), gather4(x, o), a0);
    a1 = madd(v128.load(w, 16), gather4(x, o + 16), a1);
    o += 32;
    w += 32;
  }
  if (o + 12 < stop) {
    a0 = madd(v128.load(w), gather4(x, o), a0);
    o += 16;
    w += 16;
  }
  while (o < stop) {
    a1 = madd(v128.load32_zero(w), splatAt(x, o, 0), a1);
    o += 4;
    w += 4;
  }
  v128.store32_lane(y, clamp4(sumLanes(f32x4.add(a0, a1)), lo, hi), 0);
}

// @ts-ignore: decorator
@inline
export function row1x4(x: usize, y: usize, w: usize, o: usize, stop: usize, b: usize, lo: v128, hi: v128): void {
  let a0 = v128.load32_zero(b);
  let a1 = f32x4.splat(0);
  let a2 = a1;
  let a3 = a1;
  while (o + 12 < stop) {
    a0 = madd(v128.load(w), v128.load(x + <usize>load<u32>(o)), a0);
    a1 = madd(v128.load(w, 16), v128.load(x + <usize>load<u32>(o, 4)), a1);
    a2 = madd(v128.load(w, 32), v128.load(x + <usize>load<u32>(o, 8)), a2);
    a3 = madd(v128.load(w, 48), v128.load(x + <usize>load<u32>(o, 12)), a3);
    o += 16;
    w += 64;
  }
  while (o < stop) {
    a0 = madd(v128.load(w), v128.load(x + <usize>load<u32>(o)), a0);
    o += 4;
    w += 16;
  }
  a0 = f32x4.add(f32x4.add(a0, a1), f32x4.add(a2, a3));
  v128.store32_lane(y, clamp4(sumLanes(a0), lo, hi), 0);
}

// @ts-ignore: decorator
@inline
export function row2x1(x: usize, y: usize, w: usize, o: usize, stop: usize, b: usize, lo: v128, hi: v128): void {
  // Lanes hold (row 0, row 1) of an even block and of an odd block.
  let a0 = v128.load64_zero(b);
  let a1 = f32x4.splat(0);
  while (o + 12 < stop) {
    a0 = madd(v128.load(w), halves(x, o), a0);
    a1 = madd(v128.load(w, 16), halves(x, o + 8), a1);
    o += 16;
    w += 32;
  }
  while (o < stop) {
    a0 = madd(v128.load64_zero(w), splatAt(x, o, 0), a0);
    o += 4;
    w += 8;
  }
  a0 = f32x4.add(a0, a1);
  a0 = f32x4.add(a0, v128.shuffle<f32>(a0, a0, 2, 3, 0, 1));
  v128.store64_lane(y, clamp4(a0, lo, hi), 0);
}

// @ts-ignore: decorator
@inline
export function row4x1(x: usize, y: usize, w: usize, o: usize, stop: usize, b: usize, lo: v128, hi: v128): void {
  let a0 = v128.load(b);
  let a1 = f32x4.splat(0);
  let a2 = a1;
  let a3 = a1;
  while (o + 12 < stop) {
    a0 = madd(v128.load(w), splatAt(x, o, 0), a0);
    a1 = madd(v128.load(w, 16), splatAt(x, o, 1), a1);
    a2 = madd(v128.load(w, 32), splatAt(x, o, 2), a2);
    a3 = madd(v128.load(w, 48), splatAt(x, o, 3), a3);
    o += 16;
    w += 64;
  }
  while (o < stop) {
    a0 = madd(v128.load(w), splatAt(x, o, 0), a0);
    o += 4;
    w += 16;
  }
  v128.store(y, clamp4(f32x4.add(f32x4.add(a0, a1), f32x4.add(a2, a3)), lo, hi));
}

// @ts-ignore: decorator
@inline
export function row8x1(x: usize, y: usize, w: usize, o: usize, stop: usize, b: usize, lo: v128, hi: v128): void {
  let a0 = v128.load(b);
  let a1 = v128.load(b, 16);
  let b0 = f32x4.splat(0);
  let b1 = b0;
  while (o + 4 < stop) {
    const v0 = splatAt(x, o, 0);
    a0 = madd(v128.load(w), v0, a0);
    a1 = madd(v128.load(w, 16), v0, a1);
    const v1 = splatAt(x, o, 1);
    b0 = madd(v128.load(w, 32), v1, b0);
    b1 = madd(v128.load(w, 48), v1, b1);
    o += 8;
    w += 64;
  }
  if (o < stop) {
    const v = splatAt(x, o, 0);
    a0 = madd(v128.load(w), v, a0);
    a1 = madd(v128.load(w, 16), v, a1);
  }
  v128.store(y, clamp4(f32x4.add(a0, b0), lo, hi));
  v128.store(y, clamp4(f32x4.add(a1, b1), lo, hi), 16);
}

/** 16 rows of blocks that are `step` bytes apart. */
// @ts-ignore: decorator
@inline
export function row16x1(
  x: usize,
  y: usize,
  w: usize,
  o: usize,
  stop: usize,
  b: usize,
  lo: v128,
  hi: v128,
  step: usize,
): void {
  let a0 = v128.load(b);
  let a1 = v128.load(b, 16);
  let a2 = v128.load(b, 32);
  let a3 = v128.load(b, 48);
  while (o + 4 < stop) {
    const v0 = splatAt(x, o, 0);
    const v1 = splatAt(x, o, 1);
    a0 = madd2(w, step, v0, v1, a0);
    a1 = madd2(w + 16, step, v0, v1, a1);
    a2 = madd2(w + 32, step, v0, v1, a2);
    a3 = madd2(w + 48, step, v0, v1, a3);
    o += 8;
    w += 2 * step;
  }
  if (o < stop) {
    const v = splatAt(x, o, 0);
    a0 = madd(v128.load(w), v, a0);
    a1 = madd(v128.load(w, 16), v, a1);
    a2 = madd(v128.load(w, 32), v, a2);
    a3 = madd(v128.load(w, 48), v, a3);
  }
  v128.store(y, clamp4(a0, lo, hi));
  v128.store(y, clamp4(a1, lo, hi), 16);
  v128.store(y, clamp4(a2, lo, hi), 32);
  v128.store(y, clamp4(a3, lo, hi), 48);
}

/** Eight accumulators: for engines that hold them in registers. Sums as two times `row16x1` does. */
// @ts-ignore: decorator
@inline
export function row32x1(x: usize, y: usize, w: usize, o: usize, stop: usize, b: usize, lo: v128, hi: v128): void {
  let a0 = v128.load(b);
  let a1 = v128.load(b, 16);
  let a2 = v128.load(b, 32);
  let a3 = v128.load(b, 48);
  let a4 = v128.load(b, 64);
  let a5 = v128.load(b, 80);
  let a6 = v128.load(b, 96);
  let a7 = v128.load(b, 112);
  while (o + 4 < stop) {
    const v0 = splatAt(x, o, 0);
    const v1 = splatAt(x, o, 1);
    a0 = madd2(w, 128, v0, v1, a0);
    a1 = madd2(w + 16, 128, v0, v1, a1);
    a2 = madd2(w + 32, 128, v0, v1, a2);
    a3 = madd2(w + 48, 128, v0, v1, a3);
    a4 = madd2(w + 64, 128, v0, v1, a4);
    a5 = madd2(w + 80, 128, v0, v1, a5);
    a6 = madd2(w + 96, 128, v0, v1, a6);
    a7 = madd2(w + 112, 128, v0, v1, a7);
    o += 8;
    w += 256;
  }
  if (o < stop) {
    const v = splatAt(x, o, 0);
    a0 = madd(v128.load(w), v, a0);
    a1 = madd(v128.load(w, 16), v, a1);
    a2 = madd(v128.load(w, 32), v, a2);
    a3 = madd(v128.load(w, 48), v, a3);
    a4 = madd(v128.load(w, 64), v, a4);
    a5 = madd(v128.load(w, 80), v, a5);
    a6 = madd(v128.load(w, 96), v, a6);
    a7 = madd(v128.load(w, 112), v, a7);
  }
  v128.store(y, clamp4(a0, lo, hi));
  v128.store(y, clamp4(a1, lo, hi), 16);
  v128.store(y, clamp4(a2, lo, hi), 32);
  v128.store(y, clamp4(a3, lo, hi), 48);
  v128.store(y, clamp4(a4, lo, hi), 64);
  v128.store(y, clamp4(a5, lo, hi), 80);
  v128.store(y, clamp4(a6, lo, hi), 96);
  v128.store(y, clamp4(a7, lo, hi), 112);
}
