import Benchmark from 'benchmark';
import { ensure } from '../../src/errors.ts';

/** Samples are shorter than a time slice of the system's scheduler, so that some are not disturbed. */
const SAMPLE_SECONDS = 0.002;

/** Least seconds of one call of `run` that Benchmark.js sees within about `seconds`. */
export function leastSeconds(run: () => unknown, seconds: number): number {
  const benchmark = new Benchmark(run, { maxTime: seconds, minTime: SAMPLE_SECONDS, minSamples: 5 });
  benchmark.run({ async: false });
  ensure(!benchmark.error, 'INTERNAL', () => `a kernel cannot be timed: ${benchmark.error}`);
  return Math.min(...benchmark.stats.sample);
}
