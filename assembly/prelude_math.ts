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

/**
 * ln x = n ln 2 + ln(1 + m) with x = 2^n (1 + m), 1 + m between sqrt(1/2) and sqrt 2, and ln(1 + m) = m - m^2 / 2 + m^3 p(m). Denormals are
 * scaled up first. -inf for 0, NaN below. Relative error below 1.2e-7. (Cephes, logf.)
 */
// @ts-ignore: decorator
@inline
export function log4(x: v128): v128 {
  const one = f32x4.splat(1);
  const zero = f32x4.splat(0);
  const small = f32x4.lt(x, f32x4.splat(1.1754943508222875e-38));
  const scaled = v128.bitselect(f32x4.mul(x, f32x4.splat(8388608)), x, small);
  // The exponent of x / sqrt(1/2): what is subtracted from the bits is the excess of 1 over it.
  const bits = i32x4.add(scaled, i32x4.splat(0x3f800000 - 0x3f3504f3));
  const exponent = i32x4.sub(i32x4.shr_s(bits, 23), i32x4.splat(127));
  const n = f32x4.sub(f32x4.convert_i32x4_s(exponent), v128.and(f32x4.splat(23), small));
  const m = f32x4.sub(i32x4.sub(scaled, i32x4.shl(exponent, 23)), one);
  const mm = f32x4.mul(m, m);
  let p = madd(m, f32x4.splat(0.070376836292), f32x4.splat(-0.11514610310));
  p = madd(p, m, f32x4.splat(0.1167699874));
  p = madd(p, m, f32x4.splat(-0.12420140846));
  p = madd(p, m, f32x4.splat(0.14249322787));
  p = madd(p, m, f32x4.splat(-0.16668057665));
  p = madd(p, m, f32x4.splat(0.20000714765));
  p = madd(p, m, f32x4.splat(-0.24999993993));
  p = madd(p, m, f32x4.splat(0.33333331174));
  let y = f32x4.mul(f32x4.mul(p, m), mm);
  y = madd(n, f32x4.splat(-2.12194440e-4), y);
  y = madd(mm, f32x4.splat(-0.5), y);
  y = madd(n, f32x4.splat(0.693359375), f32x4.add(m, y));
  y = v128.bitselect(y, x, f32x4.lt(x, f32x4.splat(Infinity)));
  y = v128.bitselect(f32x4.splat(-Infinity), y, f32x4.eq(x, zero));
  return v128.bitselect(f32x4.splat(NaN), y, f32x4.lt(x, zero));
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
