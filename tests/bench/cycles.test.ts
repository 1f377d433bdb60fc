import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { growthOf } from '../../bench/cycles/growth.ts';
import type { CycleResults, Sample } from '../../bench/cycles/results.ts';
import { cycleLines } from '../../bench/cycles/table.ts';
import { raises } from '../support/raises.ts';
import { runNode } from '../support/scripts.ts';

const samples = (rss: (cycle: number) => number): Sample[] =>
  Array.from({ length: 50 }, (_, i) => {
    const cycle = 20 * (i + 1);
    return { cycle, rss: rss(cycle), heapUsed: 0, arrayBuffers: 0 };
  });

test('growth is measured behind the warm-up, from medians', () => {
  const leak = growthOf(samples((cycle) => 1e6 + 300 * cycle));
  assert.equal(leak, { from: 1e6 + 300 * 320, to: 1e6 + 300 * 920, peak: 1e6 + 300 * 1000, perCycle: 300 });
  assert.is(growthOf(samples((cycle) => (cycle <= 200 ? 1e6 : 5e6))).perCycle, 0);
  assert.is(growthOf(samples((cycle) => (cycle === 960 ? 9e6 : 5e6))).perCycle, 0);
  assert.ok(growthOf(samples((cycle) => 5e6 - cycle)).perCycle < 0);
  raises(() => growthOf(samples(() => 1).slice(0, 9)), 'INVALID_ARGUMENT', /10 samples/);
});

test('the table says what grows', () => {
  const curve = { way: 'dispose', collect: false, samples: samples((cycle) => 1e6 + 300 * cycle) } as const;
  const row = { ...curve, network: 'net', packageBytes: 10, memoryBytes: 262144, growth: growthOf(curve.samples) };
  const lines = cycleLines({
    cycles: 1000,
    host: { name: 'node', version: '20' },
    rows: [row],
  } as unknown as CycleResults);
  assert.match(lines.at(-1)!, /^net +load, run, dispose +as it comes +262 KB .* 300 B$/);
});

test('the command line', () => {
  const { status, stderr } = runNode('bench/cycles.ts', '--cycles', '70');
  assert.is(status, 2);
  assert.match(stderr, /multiple of 50, found 70/);
});

test.run();
