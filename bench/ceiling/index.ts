// What 128-bit SIMD can do on this machine at most: arithmetic from registers, and loads from one level of memory.
// One accumulator more or less decides whether they all stay in registers, so they are locals, unrolled.

/** Multiply-adds of four lanes each that one turn of {@link arithmetic} does. */
export const STEPS: i32 = 12;

// @ts-ignore: decorator
@inline
function madd(a: v128, x: v128): v128 {
  if (RELAXED) return f32x4.relaxed_madd(a, x, a);
  return f32x4.add(f32x4.mul(a, x), a);
}

/**
 * `turns` times `a[i] = a[i] * x + a[i]` for twelve independent accumulators; returns their sum. No product is the same as another or as
 * in the turn before, so that none can be left out.
 */
export function arithmetic(turns: i32, x0: f32): f32 {
  const x = f32x4.splat(x0);
  let a0 = f32x4.add(x, f32x4.splat(1));
  let a1 = f32x4.add(x, f32x4.splat(2));
  let a2 = f32x4.add(x, f32x4.splat(3));
  let a3 = f32x4.add(x, f32x4.splat(4));
  let a4 = f32x4.add(x, f32x4.splat(5));
  let a5 = f32x4.add(x, f32x4.splat(6));
  let a6 = f32x4.add(x, f32x4.splat(7));
  let a7 = f32x4.add(x, f32x4.splat(8));
  let a8 = f32x4.add(x, f32x4.splat(9));
  let a9 = f32x4.add(x, f32x4.splat(10));
  let a10 = f32x4.add(x, f32x4.splat(11));
  let a11 = f32x4.add(x, f32x4.splat(12));
  for (let i = 0; i < turns; i++) {
    a0 = madd(a0, x);
    a1 = madd(a1, x);
    a2 = madd(a2, x);
    a3 = madd(a3, x);
    a4 = madd(a4, x);
    a5 = madd(a5, x);
    a6 = madd(a6, x);
    a7 = madd(a7, x);
    a8 = madd(a8, x);
    a9 = madd(a9, x);
    a10 = madd(a10, x);
    a11 = madd(a11, x);
  }
  const left = f32x4.add(f32x4.add(f32x4.add(a0, a1), f32x4.add(a2, a3)), f32x4.add(a4, a5));
  const right = f32x4.add(f32x4.add(f32x4.add(a6, a7), f32x4.add(a8, a9)), f32x4.add(a10, a11));
  return f32x4.extract_lane(f32x4.add(left, right), 0);
}

/** Reads `bytes` bytes from `start`, a multiple of 128, `turns` times over. */
export function loads(start: usize, bytes: usize, turns: i32): i32 {
  let a0 = i32x4.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  const end = start + bytes;
  for (let turn = 0; turn < turns; turn++) {
    for (let at = start; at < end; at += 128) {
      a0 = v128.or(a0, v128.load(at));
      a1 = v128.or(a1, v128.load(at, 16));
      a2 = v128.or(a2, v128.load(at, 32));
      a3 = v128.or(a3, v128.load(at, 48));
      a0 = v128.or(a0, v128.load(at, 64));
      a1 = v128.or(a1, v128.load(at, 80));
      a2 = v128.or(a2, v128.load(at, 96));
      a3 = v128.or(a3, v128.load(at, 112));
    }
  }
  return i32x4.extract_lane(v128.or(v128.or(a0, a1), v128.or(a2, a3)), 0);
}
