import { ensure } from '../../src/errors.ts';
import type { First } from './largest.ts';
import type { StartName } from './scripts.ts';

/** Largest relative difference of values that agree. */
const TOLERANCE = 1e-3;

/** @throws ZeroskipError `INTERNAL` where a first result is not that of zeroskip; an empty script has none */
export function expectAgreement(name: StartName, found: readonly First[], expected: First): void {
  if (name === 'empty') return;
  for (const { best, value } of found) {
    const agrees = best === expected.best && Math.abs(value / expected.value - 1) < TOLERANCE;
    ensure(
      agrees,
      'INTERNAL',
      () =>
        `the first result of ${name} is output ${best} of ${value}, that of zeroskip ${expected.best} of ${expected.value}`,
    );
  }
}
