import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chart } from '../../bench/report/chart.ts';
import { collect } from '../../bench/report/collect.ts';
import { logarithmic, logTicks, spread } from '../../bench/report/scale.ts';
import { LINES } from '../../bench/report/style.ts';
import { linear } from '../../src/report/scale.ts';
import { element, escapeXml, path, text } from '../../src/report/svg.ts';
import { fakeResults, fakeRow, sampleRows } from '../support/bench_results.ts';
import { elementsOf } from '../support/xml.ts';

const svg = chart(collect([fakeResults(sampleRows())])[0]);

test('the chart is well-formed and knows dark schemes', () => {
  assert.ok(elementsOf(svg).length > 80);
  for (const wrong of ['<a><b></a>', '<a x=1></a>', '<a>&</a>', '<a>']) assert.throws(() => elementsOf(wrong));
  assert.match(svg, /@media \(prefers-color-scheme:dark\)/);
  assert.match(svg, /<title>Latency of one inference over sparsity, one thread, Node 20\.1\.2/);
  assert.match(svg, /<desc>MobileNetV1 1\.0, 224: zeroskip 3 ms at 95 %/);
});

test('a panel for each network, a line and a label for each of its runtimes', () => {
  const panels = svg.split('class="ink title"').slice(1);
  assert.is(panels.length, 2);
  const drawn = (panel: string) => [...panel.matchAll(/data-runtime="([\w-]+)"/g)].map(([, name]) => name).sort();
  assert.equal(drawn(panels[0]), ['litert', 'litert-sparse', 'ort-web', 'zeroskip']);
  assert.equal(drawn(panels[1]), ['litert', 'ort-web', 'zeroskip']);
  for (const name of ['zeroskip', 'ort-web', 'litert', 'litert-sparse'] as const) {
    assert.ok(panels[0].includes(`>${LINES[name].label}</text>`), `${name} is labelled`);
  }
  assert.ok(panels[0].includes('>zeros in the weights, %</text>') && panels[0].includes('>one inference, ms</text>'));
});

test('a line goes through its points, left to right, the faster the lower', () => {
  const line = /data-runtime="zeroskip"><path d="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)"/.exec(svg)!;
  const [x0, y0, x1, y1, x2, y2] = line.slice(1).map(Number);
  assert.ok(x0 < x1 && x1 < x2 && y0 < y1 && y1 < y2, line[0]);
});

test('block patterns and single points do not break the chart', () => {
  const rows = [fakeRow('mlp', 90, { zeroskip: 1, litert: 1 }), fakeRow('mlp', 90, { zeroskip: 9 }, 3, '4x1')];
  const single = chart(collect([fakeResults(rows)])[0]);
  elementsOf(single);
  assert.not.match(single, /NaN|Infinity/);
  assert.not.match(svg, /NaN|Infinity/);
});

test('colours differ from each other and between the schemes', () => {
  const [light, dark] = svg.split('@media');
  const colour = (style: string, name: string) => new RegExp(`\\.${name}\\{fill:(#\\w+)`).exec(style)![1];
  const names = ['zeroskip', 'ort-web', 'tfjs-wasm', 'litert'];
  assert.is(new Set(names.map((name) => colour(light, name))).size, 4);
  assert.is(new Set(names.map((name) => colour(dark, name))).size, 4);
  for (const name of names) assert.is.not(colour(light, name), colour(dark, name));
});

test('scales and ticks', () => {
  assert.is(linear([0, 10], [100, 200])(5), 150);
  assert.ok(Math.abs(logarithmic([1, 100], [0, 2])(10) - 1) < 1e-12);
  assert.equal(logTicks(0.3, 40), [0.2, 0.5, 1, 2, 5, 10, 20, 50]);
  assert.equal(logTicks(1, 1), [1]);
  assert.equal(logTicks(3, 3), [2, 5]);
});

test('labels move apart as little as possible', () => {
  assert.equal(spread([10, 50], 14, 0, 100), [10, 50]);
  assert.equal(spread([52, 50], 14, 0, 100), [58, 44]);
  assert.equal(spread([1, 2], 14, 0, 100), [0, 14]);
  assert.equal(spread([99, 98], 14, 0, 100), [100, 86]);
  const many = spread([50, 50, 50, 60, 20], 10, 0, 100);
  const sorted = many.toSorted((a, b) => a - b);
  for (let i = 1; i < sorted.length; i++) assert.ok(sorted[i] - sorted[i - 1] >= 10 - 1e-9, `${many}`);
});

test('svg escapes words and attributes', () => {
  assert.is(element('a', { b: 'x"<', c: undefined, d: 1.234 }), '<a b="x&quot;&lt;" d="1.2"/>');
  assert.is(text(1, 2, 'a & b'), '<text x="1" y="2">a &amp; b</text>');
  assert.is(
    path([
      [0, 1],
      [2, 3.05],
    ]),
    'M0 1L2 3.1',
  );
  assert.is(escapeXml('<>&"'), '&lt;&gt;&amp;&quot;');
});

test.run();
