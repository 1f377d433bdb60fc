import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MASK_CASES, maskTensor } from '../../bench/masks/cases.ts';
import { maskChart } from '../../bench/masks/chart.ts';
import type { MaskPoint, MaskResults } from '../../bench/masks/results.ts';
import { activeIn } from '../support/masked.ts';

test('a mask of the benchmark has the blocks that it is asked for', () => {
  for (const { side } of MASK_CASES) {
    for (const active of [0, 1, 3, Math.ceil(side / 16) ** 2]) {
      const blocks = activeIn(maskTensor(side, 16, active), [side, side], [16, 16]);
      assert.is(blocks.filter(Boolean).length, active);
    }
  }
});

test('the chart has a panel for each region and a line for each size of block', () => {
  const summary = (min: number) => ({ n: 1, min, p10: min, median: min, p90: min });
  const point = (active: number): MaskPoint => ({ active, dense: summary(8), masked: summary(1 + active) });
  const row = (title: string, block: number) => ({ id: title, title, block, blocks: 4, limit: 3, points: [0, 2, 4].map(point) }); // biome-ignore format: one line
  const results = {
    host: { name: 'node', version: '20.1.2' },
    variant: 'simd',
    rows: [row('a < b', 16), row('a < b', 32), row('c', 16)],
  } as unknown as MaskResults;
  const svg = maskChart(results);
  assert.match(svg, /<title>Time of a masked region over its share of active blocks, one thread, Node 20\.1\.2/);
  assert.is(svg.match(/class="ink title"/g)?.length, 2);
  assert.is(svg.match(/blocks of 16 x 16</g)?.length, 2);
  assert.is(svg.match(/<circle/g)?.length, 9);
  assert.match(svg, 'a &lt; b');
});

test.run();
