import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { apozChart } from '../../src/report/apoz.ts';
import { countTicks } from '../../src/report/scale.ts';
import { histogram, summarize } from '../../src/report/summary.ts';
import { elementsOf } from '../support/xml.ts';

const layers = [
  { node: '/conv1 <&> "x"', apoz: [0, 0.02, 0.5, 0.9, 0.95, 1] },
  { node: 'a.very.long.name.of.a.layer.that.does.not.fit.above.its.panel/conv', apoz: [0.3] },
];
const svg = apozChart(layers, 100);

test('the chart is well-formed, knows dark schemes and says its units', () => {
  assert.ok(elementsOf(svg).length > 30);
  assert.match(svg, /@media \(prefers-color-scheme:dark\)/);
  assert.match(svg, /over 100 samples/);
  assert.match(svg, /<desc>\/conv1 &lt;&amp;&gt; &quot;x&quot;: 6 channels, mean 56\.2 %, 2 above 90 %\./);
  assert.is(svg.split('>APoZ, %</text>').length, 3);
  assert.is(svg.split('>channels</text>').length, 3);
  assert.match(svg, />…[^<]*\/conv<\/text>/);
  assert.not.match(svg, /NaN|Infinity|undefined/);
});

test('a bar for each part that has channels, as high as there are many; those above 90 % stand out', () => {
  const bars = [
    ...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" [^>]*height="([\d.]+)" class="(\w+)"[^>]*data-count="(\d+)"/g),
  ];
  const drawn = bars.map(([, x, y, height, kind, n]) => ({ x: +x, y: +y, height: +height, kind, n: +n }));
  assert.equal(
    drawn.map(({ kind, n }) => `${kind} ${n}`),
    ['bar 2', 'bar 1', 'high 1', 'high 2', 'bar 1'],
  );
  const [two, one] = drawn;
  assert.ok(Math.abs(two.height - 2 * one.height) < 0.2);
  for (const { y, height } of drawn) assert.ok(Math.abs(y + height - (one.y + one.height)) < 0.2);
});

test('an empty layer does not break the chart', () => {
  const empty = apozChart([{ node: 'none', apoz: [] }], 1);
  elementsOf(empty);
  assert.not.match(empty, /NaN|Infinity/);
});

test('histogram: every share counts once, 1 in the last part', () => {
  assert.equal(
    histogram([0, 0.049, 0.05, 0.5, 0.999, 1], 20),
    [2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2],
  );
  assert.equal(histogram([], 2), [0, 0]);
});

test('summary', () => {
  const ten = [0.95, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
  const { mean, ...rest } = summarize(ten);
  assert.ok(Math.abs(mean - 0.545) < 1e-12);
  assert.equal(rest, { channels: 10, min: 0.1, p10: 0.1, median: 0.5, p90: 0.9, max: 0.95, high: 1 });
  assert.equal(summarize([]), { channels: 0, mean: 0, min: 0, p10: 0, median: 0, p90: 0, max: 0, high: 0 });
});

test('ticks of counts are whole and few', () => {
  assert.equal(countTicks(1, 5), [0, 1]);
  assert.equal(countTicks(5, 5), [0, 1, 2, 3, 4, 5]);
  assert.equal(countTicks(6, 5), [0, 2, 4, 6]);
  assert.equal(countTicks(101, 5), [0, 50, 100, 150]);
  assert.equal(countTicks(0, 5), [0, 1]);
});

test.run();
