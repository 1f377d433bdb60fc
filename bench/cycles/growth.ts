import { ensure } from '../../src/errors.ts';
import type { Growth, Sample } from './results.ts';

const PARTS = 5;

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1];

/**
 * How much the resident memory has grown from the second fifth of the samples to the last: the first is the warm-up, in which code is
 * compiled and the heap takes its size. Medians, since memory that waits for the garbage collector goes up and down like a saw.
 *
 * @throws ZeroskipError `INVALID_ARGUMENT` for less than ten samples
 */
export function growthOf(samples: readonly Sample[]): Growth {
  ensure(samples.length >= 2 * PARTS, 'INVALID_ARGUMENT', `growth: 10 samples are needed, found ${samples.length}`);
  const fifth = Math.floor(samples.length / PARTS);
  const early = samples.slice(fifth, 2 * fifth);
  const late = samples.slice(-fifth);
  const from = median(early.map(({ rss }) => rss));
  const to = median(late.map(({ rss }) => rss));
  const between = median(late.map(({ cycle }) => cycle)) - median(early.map(({ cycle }) => cycle));
  return { from, to, peak: Math.max(...samples.map(({ rss }) => rss)), perCycle: (to - from) / between };
}
