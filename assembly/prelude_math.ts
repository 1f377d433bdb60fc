// Four-lane f32 approximations. NaN passes through all of them; none makes a NaN of another number.

import { clamp4, madd } from './prelude';

// 1.5 * 2^23: adding it to a small number rounds that to an integer in the low bits of the sum.
const ROUND: f32 = 12582912;

/**
 * e^x = 2^n * e^r with n = round(x / ln 2), |r| <= ln 2 / 2 and e^r = 1 + r + r^2 q(r).
 *
 * 2^n is applied as two factors, so that results reach the denormals and infinity. Relative error below 1.2e-7.
 */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  const t = clamp4(x, f32x4.splat(-104), f32x4.splat(89));
  const rounded = madd(t, f32x4.splat(1.4426950408889634), f32x4.splat(ROUND));
  const n = f32x4.sub(rounded, f32x4.splat(ROUND));
  // ln 2 in two parts, the first with few enough bits for n * part to be exact.
  const r = madd(n, f32x4.splat(2.12194440e-4), madd(n, f32x4.splat(-0.693359375), t));
  const rr = f32x4.mul(r, r);
  const q0 = madd(r, f32x4.splat(0.1666652113199234), f32x4.splat(0.4999999403953552));
  const q2 = madd(r, f32x4.splat(0.00836874544620514), f32x4.splat(0.04166838899254799));
  const q = madd(rr, madd(rr, f32x4.splat(0.0013814539415761828), q2), q0);
  const p = f32x4.add(madd(rr, q, r), f32x4.splat(1));
  // The low bits of `rounded` are n; the shift by 23 drops all others of the two halves of n.
  const e = i32x4.sub(rounded, f32x4.splat(ROUND));
  const half = i32x4.shr_s(e, 1);
  const one = f32x4.splat(1);
  const scaled = f32x4.mul(p, i32x4.add(i32x4.shl(half, 23), one));
  return f32x4.mul(scaled, i32x4.add(i32x4.shl(i32x4.sub(e, half), 23), one));
}

/** 1 / (1 + e^-x). */
// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))));
}

/** tanh x = x + x^3 p(x^2) near zero, 1 - 2 / (e^2|x| + 1) with the sign of x elsewhere. */
// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  const t = f32x4.abs(x);
  const xx = f32x4.mul(x, x);
  let p = madd(xx, f32x4.splat(-0.005666977260261774), f32x4.splat(0.020606176927685738));
  p = madd(p, xx, f32x4.splat(-0.05373000726103783));
  p = madd(p, xx, f32x4.splat(0.13331331312656403));
  p = madd(p, xx, f32x4.splat(-0.33333277702331543));
  const small = madd(f32x4.mul(p, xx), x, x);
  const one = f32x4.splat(1);
  const large = f32x4.sub(one, f32x4.div(f32x4.splat(2), f32x4.add(exp4(f32x4.add(t, t)), one)));
  const signed = v128.or(large, v128.and(x, f32x4.splat(-0.0)));
  return v128.bitselect(small, signed, f32x4.lt(t, f32x4.splat(0.625)));
}

/** erf x = x p(x^2) near zero, 1 - e^(-|x| q(|x|)) with the sign of x elsewhere. */
// @ts-ignore: decorator
@inline
export function erf4(x: v128): v128 {
  const t = f32x4.pmin(f32x4.abs(x), f32x4.splat(4));
  const xx = f32x4.mul(t, t);
  let p = madd(xx, f32x4.splat(-0.0005953773506917059), f32x4.splat(0.004985948093235493));
  p = madd(p, xx, f32x4.splat(-0.026761727407574654));
  p = madd(p, xx, f32x4.splat(0.11281682550907135));
  p = madd(p, xx, f32x4.splat(-0.3761247992515564));
  p = madd(p, xx, f32x4.splat(0.12837915122509003));
  const small = madd(p, x, x);
  let q = madd(t, f32x4.splat(1.076316402759403e-5), f32x4.splat(-0.00031805961043573916));
  q = madd(q, t, f32x4.splat(0.003622918389737606));
  q = madd(q, t, f32x4.splat(-0.023720186203718185));
  q = madd(q, t, f32x4.splat(0.1061876118183136));
  q = madd(q, t, f32x4.splat(0.6351814866065979));
  q = madd(q, t, f32x4.splat(1.1286410093307495));
  const large = f32x4.sub(f32x4.splat(1), exp4(f32x4.neg(f32x4.mul(q, t))));
  const signed = v128.or(large, v128.and(x, f32x4.splat(-0.0)));
  return v128.bitselect(small, signed, f32x4.lt(t, f32x4.splat(0.92)));
}

/** The largest of four lanes; NaN is skipped or not. */
// @ts-ignore: decorator
@inline
export function max4(x: v128): f32 {
  const pairs = f32x4.pmax(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return f32x4.extract_lane(f32x4.pmax(pairs, v128.shuffle<f32>(pairs, pairs, 1, 0, 3, 2)), 0);
}
