import { UNARY_ERF } from '../../assembly/abi/unary.ts';
import { unaryCases, unaryOp, valuesCase } from './common/unary.ts';
import type { Op } from './op.ts';

/** erf x = 2 / sqrt(pi) * e^(-x^2) * sum of 2^k x^(2k+1) / (1 * 3 * … * (2k+1)), all terms of one sign. */
function erfOf(x: number): number {
  if (Number.isNaN(x)) return x;
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let k = 1; Math.abs(term) > 1e-17 * Math.abs(sum); k++) {
    term *= (2 * x * x) / (2 * k + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** `y = erf x`. */
export const erf: Op = unaryOp({
  name: 'Erf',
  element: () => erfOf,
  cost: 2.8,
  kernel: () => ({ kind: UNARY_ERF }),
  cases: [
    ...unaryCases(),
    valuesCase('special values', [Number.NaN, Infinity, -Infinity, 0, -0, 1e4, -1e4, 88, -88, 1e-6, -1e-6, 9, -9]),
  ],
});
