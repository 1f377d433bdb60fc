import { UNARY_HARD_SIGMOID } from '../../assembly/abi/unary.ts';
import { RELU_ZEROS, unaryCases, unaryOp, valuesCase } from './common/unary.ts';
import type { Call, Op } from './op.ts';

const alphaOf = (call: Call): number => Math.fround(call.float('alpha', 0.2));
const betaOf = (call: Call): number => Math.fround(call.float('beta', 0.5));

/** `y = min(max(alpha x + beta, 0), 1)`. */
export const hardSigmoid: Op = unaryOp({
  name: 'HardSigmoid',
  check(call) {
    alphaOf(call);
    betaOf(call);
  },
  element(call) {
    const alpha = alphaOf(call);
    const beta = betaOf(call);
    return (x: number) => Math.min(Math.max(alpha * x + beta, 0), 1);
  },
  kernel: (call) => ({ kind: UNARY_HARD_SIGMOID, alpha: alphaOf(call), beta: betaOf(call) }),
  zeros: () => RELU_ZEROS / 2,
  cases: [
    ...unaryCases(),
    ...unaryCases({ alpha: 1.5, beta: -0.25 }).slice(-3),
    valuesCase('special values', [Number.NaN, Infinity, -Infinity, 0, -3, 3, -2.5, 2.5]),
  ],
});
