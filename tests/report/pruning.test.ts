import { readFileSync } from 'node:fs';
import { gunzipSync, inflateSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { normalised, testDigits } from '../../bench/lib/mnist.ts';
import { importOnnx } from '../../src/compile.ts';
import { cloneGraph } from '../../src/graph/edit.ts';
import type { Graph } from '../../src/graph/ir.ts';
import {
  channelGroups,
  Evaluator,
  layersOf,
  prune,
  removeAllChannels,
  shadowOf,
  weightsOf,
  withWeights,
} from '../../src/prune/index.ts';
import type { ReportData } from '../../src/report/pruning/data.ts';
import { drawReport } from '../../src/report/pruning/draw/index.ts';
import { opacityPng } from '../../src/report/pruning/draw/png.ts';
import { report } from '../../src/report/pruning/gather.ts';
import { patternFound, pictureOf, weightHistogram, zeroLines } from '../../src/report/pruning/weights.ts';
import { Tensor } from '../../src/tensor.ts';
import { fixture } from '../support/cli.ts';
import { elementsOf } from '../support/xml.ts';

const SAMPLES = 16;
const digits = testDigits();
const indices = Array.from({ length: SAMPLES }, (_, i) => i);
const pixels = normalised(digits, indices, { scale: 255, mean: 0.1307, std: 0.3081 });
const data = { input: new Tensor('float32', pixels, [SAMPLES, 1, 28, 28]) };
const labels = digits.labels.subarray(0, SAMPLES);
const open = (name: string) => importOnnx(gunzipSync(readFileSync(fixture(`dense/${name}.dynamic.onnx.gz`))));
const lenet = open('lenet5');
const { graph: pruned, report: measurements } = await prune(lenet, { stages: [{ sparsity: 0.9, all: true }] });
const HOSTILE = '</script><script>alert("1")</script>&\u0000\u202e';

/** The graph with another name for each of its nodes. */
function renamed(graph: Graph, name: (old: string) => string): Graph {
  const copy = cloneGraph(graph);
  return { ...copy, nodes: copy.nodes.map((node) => ({ ...node, name: name(node.name) })) };
}

const whole = await report(lenet, pruned, { data, labels, criteria: ['magnitude-l1'] });

test('facts of the layers are those that counting gives', () => {
  const layers = layersOf(lenet, shadowOf(lenet));
  assert.equal(
    whole.layers.map(({ name }) => name),
    layers.map(({ name }) => name),
  );
  layers.forEach((layer, l) => {
    for (const [side, graph] of [
      ['dense', lenet],
      ['pruned', pruned],
    ] as const) {
      const facts = whole.layers[l][side]!;
      const weights = weightsOf(layer, graph);
      const left = weights.filter((w) => w !== 0).length;
      assert.is(facts.nonZeros, left);
      assert.is(facts.sparsity, (weights.length - left) / weights.length);
      const { counts, zeros, beyond, limit } = facts.histogram;
      assert.is(zeros, weights.length - left);
      assert.is(counts.reduce((sum, n) => sum + n, 0) + beyond, left);
      assert.is(weights.filter((w) => Math.abs(w) > limit).length, beyond);
      const half = counts.slice(counts.length / 2).reduce((sum, n) => sum + n, 0);
      assert.is(half, weights.filter((w) => w > 0 && w <= limit).length);
      assert.ok(Math.abs(facts.macs - (layer.macs * left) / weights.length) < 1e-6 * layer.macs);
      assert.ok(facts.cost && facts.cost.bytes > 0 && facts.cost.ns > 0);
    }
  });
  const { dense, pruned: after } = whole.summary;
  assert.is(dense.weights, 430_500);
  assert.is(
    after!.nonZeros,
    whole.layers.reduce((sum, layer) => sum + layer.pruned!.nonZeros, 0),
  );
  assert.ok(after!.bytes < dense.bytes && after!.ns < dense.ns);
  assert.equal(whole.recipe, { stages: [{ sparsity: 0.9, all: true }] });
  assert.is((whole.measurements as typeof measurements).pruned.bytes, Number(measurements.pruned.bytes.toPrecision(6)));
});

test('the network with one layer pruned alone loses what the report says', async () => {
  const [layer] = layersOf(lenet, shadowOf(lenet));
  const weights = weightsOf(layer, lenet);
  const order = [...weights.keys()].sort((a, b) => Math.abs(weights[a]) - Math.abs(weights[b]));
  for (const i of order.slice(0, weights.length / 2)) weights[i] = 0;
  const alone = withWeights(lenet, [layer], new Map([[layer.name, weights]]));
  const { summary } = await report(lenet, alone, { data, labels, criteria: ['magnitude-l1'] });
  const { sparsities, layers } = whole.sensitivity!;
  assert.is(sparsities[0], 0.5);
  assert.is(layers[0].losses[0], summary.dense.quality!.accuracy! - summary.pruned!.quality!.accuracy!);
});

test('rows, columns and inputs of zeros; pictures; patterns', () => {
  const grouped = { rows: 4, cols: 4, taps: 2, groups: 2 };
  //                         input 0: taps 0, 1; input 1
  const weights = Float32Array.of(1, 0, 0, 0, /* */ 0, 0, 0, 0, /* group 1 */ 2, 0, 0, 0, /* */ 0, 3, 0, 0);
  assert.equal(zeroLines(weights, grouped), { zeroRows: 0.25, zeroCols: 5 / 8, zeroChannels: 0.5 });
  assert.equal(
    pictureOf(weights, 4, 4).densities,
    [...weights].map((w) => Number(w !== 0)),
  );
  const tall = pictureOf(
    Float32Array.from({ length: 200 * 3 }, (_, i) => Number(i < 300)),
    200,
    3,
  );
  assert.equal([tall.rows, tall.cols, tall.binRows, tall.binCols], [67, 3, 3, 1]);
  assert.equal([tall.densities[0], tall.densities[33 * 3], tall.densities[66 * 3]], [1, 0.333, 0]);
  assert.equal(weightHistogram(Float32Array.of(-1, -0.5, 0, 0.2, 1, 3), 1, 4), {
    limit: 1,
    counts: [1, 1, 1, 1],
    zeros: 1,
    beyond: 1,
  });
  // Inputs 0 to 3 at taps 0 and 1: two of four inputs at each tap.
  const conv = { rows: 1, cols: 8, taps: 2, groups: 1 };
  const twoOfFour = Float32Array.of(1, 0, 1, 0, 0, 1, 0, 1);
  assert.is(patternFound(twoOfFour, conv as never), '2:4');
});

test('a page that holds everything and loads nothing', () => {
  const { html, figures } = drawReport(whole);
  assert.equal(
    figures.map(({ name }) => name),
    ['summary', 'tradeoff', 'sensitivity', 'costs', 'weights', 'patterns', 'apoz'],
  );
  for (const { svg } of figures) {
    assert.ok(elementsOf(svg).length > 30);
    assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    assert.match(svg, /<title>[^<]+<\/title><desc>[^<]+<\/desc>/);
    assert.match(svg, /@media \(prefers-color-scheme:dark\)/);
    assert.is(svg.match(/https?:/g)?.length, 1, 'the name space only');
    assert.not.match(svg, /NaN|Infinity|undefined|\[object/);
  }
  const body = html.slice(html.indexOf('<body>'), html.indexOf('</html>'));
  const names = elementsOf(body);
  assert.not(names.some((name) => /^(script|link|iframe|object|embed)$/.test(name)));
  assert.not.match(html, /https?:|\bsrc=|url\(|@import|\son\w+=/);
  assert.equal(
    [...html.matchAll(/\shref="([^"]*)"/g)]
      .map(([, to]) => to.slice(0, 15))
      .filter((to) => !/^(#|data:image\/png)/.test(to)),
    [],
  );
  const ids = [...html.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
  assert.is(new Set(ids).size, ids.length);
  for (const [, id] of html.matchAll(/\s(?:href="#|aria-labelledby=")([^"]*)"/g)) assert.ok(ids.includes(id), id);
  assert.is(
    names.filter((name) => name === 'svg').length,
    html.match(/<svg [^>]*role="img" aria-label="[^"]+"/g)?.length,
  );
  assert.not.match(html, /<th(?![^>]*scope=)[ >]/);
  assert.not.match(html, /NaN|Infinity|undefined|\[object/);
  assert.match(html, />400K → 40\.0K<\/td>/);
  assert.match(html, />0 → 90\.0 %</);
});

test('the same input gives the same text', async () => {
  const again = await report(lenet, pruned, { data, labels, criteria: ['magnitude-l1'] });
  assert.is(JSON.stringify(again), JSON.stringify(whole));
  assert.equal(drawReport(JSON.parse(JSON.stringify(again)) as ReportData), drawReport(whole));
});

test('names of layers are text, whatever they hold', async () => {
  const name = (old: string): string => `${old}${HOSTILE}`;
  const found = await report(renamed(lenet, name), renamed(pruned, name), { names: { model: HOSTILE }, data });
  const { html, figures } = drawReport(found);
  elementsOf(html.slice(html.indexOf('<body>'), html.indexOf('</html>')));
  for (const { svg } of figures) elementsOf(svg);
  for (const text of [html, ...figures.map(({ svg }) => svg)]) {
    assert.not.match(text, /<\/?script/);
    assert.not(['\u0000', '\u202e'].some((character) => text.includes(character)));
  }
  for (const text of [html, figures.find((figure) => figure.name === 'costs')!.svg]) assert.match(text, /script&gt;/);
});

test('a network of many layers is a heat map, each row with its number', () => {
  const layers = Array.from({ length: 60 }, (_, i) => ({ name: `/stage/block.${i}/Conv`, losses: [0.01 * i, 1.5] }));
  const sensitivity = { criterion: 'magnitude-l1', pattern: '2x1', sparsities: [0.5, 0.9], layers };
  const { figures } = drawReport({ ...whole, metric: 'output-mse', sensitivity });
  const { svg } = figures.find(({ name }) => name === 'sensitivity')!;
  elementsOf(svg);
  assert.is(svg.match(/<title>\/stage\/block[^<]* at 50\.0 % zeros<\/title>/g)?.length, 60);
  assert.match(svg, />60 …?[^<]*block\.59</);
});

test('structured removal: smaller layers of the same network, both shapes shown', async () => {
  const [group] = channelGroups(lenet, shadowOf(lenet)).filter(({ blocked }) => !blocked);
  const smaller = removeAllChannels(lenet, [{ group, channels: [0, 1, 2] }]);
  const found = await report(lenet, smaller);
  const [conv] = found.layers;
  assert.is(conv.pruned!.rows, conv.dense.rows - 3);
  assert.is(found.samples, 0);
  assert.is(found.tradeoff, undefined);
  assert.match(drawReport(found).html, /20 × 1 × 5 × 5 → 17 × 1 × 5 × 5/);
});

test('a mask beside the weights, as in exports of PyTorch, counts', async () => {
  const graph = cloneGraph(lenet);
  const at = graph.nodes.findIndex(({ op }) => op === 'Gemm');
  const gemm = graph.nodes[at];
  const { constant } = graph.values.get(gemm.inputs[1])!;
  const mask = new Tensor(
    'float32',
    Float32Array.from({ length: constant!.size }, (_, i) => (i % 4 === 0 ? 1 : 0)),
    constant!.dims,
  );
  graph.values.set('mask', { name: 'mask', type: 'float32', dims: constant!.dims, constant: mask });
  graph.values.set('masked', { name: 'masked', type: 'float32', dims: constant!.dims });
  graph.nodes.splice(
    at,
    1,
    { name: 'mask', op: 'Mul', inputs: [gemm.inputs[1], 'mask'], outputs: ['masked'], attrs: {} },
    { ...gemm, inputs: [gemm.inputs[0], 'masked', ...gemm.inputs.slice(2)] },
  );
  const { layers } = await report(lenet, graph);
  const own = layers.find(({ name }) => name === gemm.name)!;
  assert.is(own.pruned!.sparsity, 0.75);
});

test('a pruned network of PyTorch with a fixed batch runs the samples one by one', async () => {
  const pytorch = (name: string) => importOnnx(gunzipSync(readFileSync(fixture(name))));
  const fixed = await report(lenet, pytorch('lenet5.onnx.gz'), { data, labels, criteria: ['magnitude-l1'] });
  const { quality } = fixed.summary.pruned!;
  const open = await (await Evaluator.of(lenet, data, labels)).of(pytorch('lenet5.dynamic.onnx.gz'));
  assert.ok(quality!.accuracy! > 0.9 && fixed.layers[2].pruned!.sparsity > 0.8);
  assert.is(quality!.accuracy, open.accuracy);
  assert.ok(Math.abs(quality!.mse - open.mse) < 1e-5 * open.mse);
});

test('another network is refused by the first layer that does not fit', async () => {
  const refuse = async (other: Graph, message: RegExp): Promise<void> => {
    await report(lenet, other, { names: { model: 'a.onnx', pruned: 'b.onnx' } }).then(
      () => assert.unreachable(String(message)),
      (e: Error) => assert.match(e.message, message),
    );
  };
  await refuse(open('lenet300'), /^report: b\.onnx is another network than a\.onnx: it has no layer '\/conv1\/Conv'$/);
  await refuse(
    renamed(lenet, (name) => name.replace('fc2', 'fc9')),
    /it has no layer '\/fc2\/Gemm'/,
  );
  const [group] = channelGroups(lenet, shadowOf(lenet)).filter(({ blocked }) => !blocked);
  const smaller = removeAllChannels(lenet, [{ group, channels: [0] }]);
  await report(smaller, lenet).then(
    () => assert.unreachable(),
    (e: Error) =>
      assert.match(
        e.message,
        /layer '\/conv1\/Conv' is Conv of 20 outputs and 1 inputs, kernel 5x5, expected at most Conv of 19/,
      ),
  );
});

test('a PNG of opacities', () => {
  const png = opacityPng([0, 1, 0.5, 0.25, 0, 1], 3, 2, [1, 2, 3]);
  const view = new DataView(png.buffer);
  const parts = new Map<string, Uint8Array>();
  for (let at = 8; at < png.length; at += view.getUint32(at) + 12)
    parts.set(
      new TextDecoder().decode(png.subarray(at + 4, at + 8)),
      png.subarray(at + 8, at + 8 + view.getUint32(at)),
    );
  assert.equal([...parts.keys()], ['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']);
  assert.equal([...inflateSync(parts.get('IDAT')!)], [0, 0, 255, 128, 0, 64, 0, 255]);
  // The check sum of an empty IEND is the same in every PNG.
  assert.equal([...png.subarray(-4)], [0xae, 0x42, 0x60, 0x82]);
});

test.run();
