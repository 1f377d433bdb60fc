import { UNARY_LEAKY } from '../../assembly/abi/unary.ts';
import { keepsZeros, unaryCases, unaryOp, valuesCase } from './common/unary.ts';
import type { Call, Op } from './op.ts';

const alphaOf = (call: Call): number => Math.fround(call.float('alpha', 0.01));

/** `y = x < 0 ? alpha x : x`. */
export const leakyRelu: Op = unaryOp({
  name: 'LeakyRelu',
  check: alphaOf,
  element(call) {
    const alpha = alphaOf(call);
    return (x: number) => (x < 0 ? alpha * x : x);
  },
  kernel: (call) => ({ kind: UNARY_LEAKY, alpha: alphaOf(call) }),
  zeros: keepsZeros,
  cases: [
    ...unaryCases(),
    ...unaryCases({ alpha: 0.25 }).slice(-3),
    valuesCase('special values', [Number.NaN, Infinity, -Infinity, 0, -3, 3], { alpha: 1.5 }),
  ],
});
