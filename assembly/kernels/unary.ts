import {
  UNARY_ABS,
  UNARY_ALPHA,
  UNARY_BETA,
  UNARY_CLAMP,
  UNARY_COLS,
  UNARY_CUBE,
  UNARY_ERF,
  UNARY_EXP,
  UNARY_HARD_SIGMOID,
  UNARY_HARD_SWISH,
  UNARY_HI,
  UNARY_IMAGES,
  UNARY_KIND,
  UNARY_KINDS,
  UNARY_LEAKY,
  UNARY_LO,
  UNARY_LOG,
  UNARY_NEG,
  UNARY_POWER,
  UNARY_ROOT,
  UNARY_ROWS,
  UNARY_SIGMOID,
  UNARY_SQUARE,
  UNARY_SQRT,
  UNARY_TANH,
  UNARY_X,
  UNARY_X_IMAGE,
  UNARY_X_ROW,
  UNARY_Y,
  UNARY_Y_IMAGE,
  UNARY_Y_ROW,
} from '../abi/unary';
import { arenaBytes, field, readable, writable } from '../bounds';
import { clamp4, madd, shareEnd, shareStart } from '../prelude';
import { erf4, exp4, log4, sigmoid4, tanh4 } from '../prelude_math';
import { storeLanes } from '../tail';

/** x^0.5: other than the square root it is 0 for -0 and inf for -inf. */
// @ts-ignore: decorator
@inline
function root4(x: v128): v128 {
  const infinity = f32x4.splat(Infinity);
  const root = f32x4.sqrt(f32x4.add(x, f32x4.splat(0)));
  return v128.bitselect(infinity, root, f32x4.eq(x, f32x4.neg(infinity)));
}

/** C's pow: other than JavaScript's it gives 1 for 1 to any power, and for -1 to an infinite one. */
function power1(x: f32, exponent: f32): f32 {
  return x == 1 || (x == -1 && abs(exponent) == Infinity) ? 1 : Mathf.pow(x, exponent);
}

function power4(x: v128, exponent: f32): v128 {
  return f32x4(
    power1(f32x4.extract_lane(x, 0), exponent),
    power1(f32x4.extract_lane(x, 1), exponent),
    power1(f32x4.extract_lane(x, 2), exponent),
    power1(f32x4.extract_lane(x, 3), exponent),
  );
}

// @ts-ignore: decorator
@inline
function apply(kind: i32, x: v128, alpha: v128, beta: v128): v128 {
  if (kind == UNARY_NEG) return f32x4.neg(x);
  if (kind == UNARY_ABS) return f32x4.abs(x);
  if (kind == UNARY_SQRT) return f32x4.sqrt(x);
  if (kind == UNARY_LEAKY) return v128.bitselect(f32x4.mul(x, alpha), x, f32x4.lt(x, f32x4.splat(0)));
  if (kind == UNARY_HARD_SIGMOID) return clamp4(madd(x, alpha, beta), f32x4.splat(0), f32x4.splat(1));
  if (kind == UNARY_HARD_SWISH) return f32x4.mul(x, clamp4(madd(x, alpha, beta), f32x4.splat(0), f32x4.splat(1)));
  if (kind == UNARY_EXP) return exp4(x);
  if (kind == UNARY_SIGMOID) return sigmoid4(x);
  if (kind == UNARY_TANH) return tanh4(x);
  if (kind == UNARY_ERF) return erf4(x);
  if (kind == UNARY_SQUARE) return f32x4.mul(x, x);
  if (kind == UNARY_CUBE) return f32x4.mul(f32x4.mul(x, x), x);
  if (kind == UNARY_ROOT) return root4(x);
  if (kind == UNARY_LOG) return log4(x);
  if (kind == UNARY_POWER) return power4(x, f32x4.extract_lane(alpha, 0));
  return x;
}

/** One row of `count` elements; inlined once per kind. */
// @ts-ignore: decorator
@inline
function map(kind: i32, record: usize, x: usize, y: usize, count: i32): void {
  const alpha = v128.load32_splat(record, UNARY_ALPHA);
  const beta = v128.load32_splat(record, UNARY_BETA);
  const lo = v128.load32_splat(record, UNARY_LO);
  const hi = v128.load32_splat(record, UNARY_HI);
  if (kind < UNARY_EXP) {
    for (; count >= 16; count -= 16, x += 64, y += 64) {
      const a = clamp4(apply(kind, v128.load(x), alpha, beta), lo, hi);
      const b = clamp4(apply(kind, v128.load(x, 16), alpha, beta), lo, hi);
      const c = clamp4(apply(kind, v128.load(x, 32), alpha, beta), lo, hi);
      const d = clamp4(apply(kind, v128.load(x, 48), alpha, beta), lo, hi);
      v128.store(y, a);
      v128.store(y, b, 16);
      v128.store(y, c, 32);
      v128.store(y, d, 48);
    }
  }
  // Two vectors at a time share their constants; unrolling the short loops here spares them the engine's own, slower unrolling.
  if (kind >= UNARY_EXP) {
    for (; count >= 8; count -= 8, x += 32, y += 32) {
      const a = clamp4(apply(kind, v128.load(x), alpha, beta), lo, hi);
      const b = clamp4(apply(kind, v128.load(x, 16), alpha, beta), lo, hi);
      v128.store(y, a);
      v128.store(y, b, 16);
    }
  }
  for (; count > 0; count -= 4, x += 16, y += 16) {
    storeLanes(y, clamp4(apply(kind, v128.load(x), alpha, beta), lo, hi), count);
  }
}

function row(record: usize, x: usize, y: usize, count: i32): void {
  switch (load<i32>(record, UNARY_KIND)) {
    case UNARY_NEG:
      map(UNARY_NEG, record, x, y, count);
      break;
    case UNARY_ABS:
      map(UNARY_ABS, record, x, y, count);
      break;
    case UNARY_SQRT:
      map(UNARY_SQRT, record, x, y, count);
      break;
    case UNARY_LOG:
      map(UNARY_LOG, record, x, y, count);
      break;
    case UNARY_LEAKY:
      map(UNARY_LEAKY, record, x, y, count);
      break;
    case UNARY_HARD_SIGMOID:
      map(UNARY_HARD_SIGMOID, record, x, y, count);
      break;
    case UNARY_HARD_SWISH:
      map(UNARY_HARD_SWISH, record, x, y, count);
      break;
    case UNARY_EXP:
      map(UNARY_EXP, record, x, y, count);
      break;
    case UNARY_SIGMOID:
      map(UNARY_SIGMOID, record, x, y, count);
      break;
    case UNARY_TANH:
      map(UNARY_TANH, record, x, y, count);
      break;
    case UNARY_SQUARE:
      map(UNARY_SQUARE, record, x, y, count);
      break;
    case UNARY_CUBE:
      map(UNARY_CUBE, record, x, y, count);
      break;
    case UNARY_ROOT:
      map(UNARY_ROOT, record, x, y, count);
      break;
    case UNARY_POWER:
      map(UNARY_POWER, record, x, y, count);
      break;
    case UNARY_ERF:
      map(UNARY_ERF, record, x, y, count);
      break;
    default:
      map(UNARY_CLAMP, record, x, y, count);
  }
}

/** y = clamp(f(x)). Threads share the rows, or the vectors of a single row. */
export function unary(record: usize, thread: i32, threads: i32): void {
  const images = load<i32>(record, UNARY_IMAGES);
  const rows = load<i32>(record, UNARY_ROWS);
  const cols = load<i32>(record, UNARY_COLS);
  const x = load<usize>(record, UNARY_X);
  const y = load<usize>(record, UNARY_Y);
  if (images * rows == 1) {
    const vectors = (cols + 3) >> 2;
    const first = shareStart(vectors, thread, threads) << 2;
    const last = min(cols, shareEnd(vectors, thread, threads) << 2);
    row(record, x + (<usize>first << 2), y + (<usize>first << 2), last - first);
    return;
  }
  const last = shareEnd(images * rows, thread, threads);
  for (let i = shareStart(images * rows, thread, threads); i < last; i++) {
    const image: usize = i / rows;
    const r: usize = i % rows;
    row(
      record,
      x + image * load<usize>(record, UNARY_X_IMAGE) + r * load<usize>(record, UNARY_X_ROW),
      y + image * load<usize>(record, UNARY_Y_IMAGE) + r * load<usize>(record, UNARY_Y_ROW),
      cols,
    );
  }
}

export function checkUnary(record: usize): i32 {
  if (load<u32>(record, UNARY_KIND) >= <u32>UNARY_KINDS) return UNARY_KIND;
  const images = field(record, UNARY_IMAGES);
  const rows = field(record, UNARY_ROWS);
  const cols = field(record, UNARY_COLS);
  if (images < 1) return UNARY_IMAGES;
  if (rows < 1) return UNARY_ROWS;
  if (cols < 1 || 4 * images * rows * cols > arenaBytes()) return UNARY_COLS;
  const row = 4 * cols;
  const xBytes = (images - 1) * field(record, UNARY_X_IMAGE) + (rows - 1) * field(record, UNARY_X_ROW) + row;
  const yBytes = (images - 1) * field(record, UNARY_Y_IMAGE) + (rows - 1) * field(record, UNARY_Y_ROW) + row;
  if (!readable(field(record, UNARY_X), xBytes + 12)) return UNARY_X;
  if (!writable(field(record, UNARY_Y), yBytes)) return UNARY_Y;
  return 0;
}
