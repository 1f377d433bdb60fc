import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exportOnnx, importOnnx } from '../../../src/compile.ts';
import { GraphBuilder } from '../../../src/graph/builder.ts';
import type { Graph } from '../../../src/graph/ir.ts';
import { applyMask, layersOf, shadowOf, weightsOf, withWeights } from '../../../src/prune/layers.ts';
import { reestimateBatchNorm } from '../../../src/prune/repair/batch_norm.ts';
import { correctBias } from '../../../src/prune/repair/bias_correction.ts';
import { numbersOf, Tensor } from '../../../src/tensor.ts';
import { opsOf, randomTensor } from '../../support/graphs.ts';
import { valuesOf } from '../../support/values.ts';

const SAMPLES = 40;
const data = { x: randomTensor([SAMPLES, 2, 6, 6], 9) };

/** Convolution without and with a bias, batch normalisation, Gemm with beta, MatMul with and without an Add. */
function network(): Graph {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'float32', ['batch', 2, 6, 6]);
  const conv = builder.conv(x, randomTensor([4, 2, 3, 3], 5), undefined, { name: 'conv', kernel_shape: [3, 3] });
  const normal = builder.batchNormalization(conv, [1, 2, 3, 1], [0.1, -0.5, 0, 0], [0, 0, 0.2, 0], [1, 2, 1, 1]);
  const biased = builder.conv(builder.relu(normal), randomTensor([4, 1, 3, 3], 6), [1, 2, 3, 4], {
    name: 'biased',
    kernel_shape: [3, 3],
    group: 4,
  });
  const flat = builder.flatten(builder.relu(biased));
  const w = builder.constant(randomTensor([16, 8], 7), 'w');
  const c = builder.constant(new Tensor('float32', [0.5], [1]), 'c');
  const gemm = builder.node('Gemm', [flat, w, c], { alpha: 0.5, beta: 2 }, undefined, 'gemm');
  const product = builder.matMul(builder.relu(gemm), randomTensor([8, 6], 8), { name: 'added' });
  const sum = builder.add(builder.constant(new Tensor('float32', [1, 2, 3, 4, 5, 6], [6]), 'b'), product);
  builder.output(builder.matMul(builder.relu(sum), randomTensor([6, 3], 9), { name: 'last' }), 'out');
  return builder.build();
}

const withMask = (graph: Graph, keep: (index: number) => boolean): Graph => {
  const layers = layersOf(graph, shadowOf(graph));
  const weights = layers.map((layer): [string, Float32Array] => {
    const w = weightsOf(layer, graph);
    applyMask(w, new Uint8Array(w.length).map((_, i) => (keep(i) ? 1 : 0))); // biome-ignore format: one line
    return [layer.name, w];
  });
  return withWeights(graph, layers, new Map(weights));
};

/** Means of a value by channel, over all samples and positions. */
function meansOf(graph: Graph, value: string): number[] {
  const { data: all, dims } = valuesOf(shadowOf(graph, { x: [SAMPLES, 2, 6, 6] }), data)[value];
  const inner = dims.length === 4 ? dims[2] * dims[3] : 1;
  const means = new Array<number>(dims[1]).fill(0);
  (all as Float32Array).forEach((v, i) => {
    means[Math.floor(i / inner) % dims[1]] += v / (SAMPLES * inner);
  });
  return means;
}

const distance = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((x, i) => Math.abs(x - b[i])));

test('bias correction makes the mean error of every output zero, layer after layer', async () => {
  const dense = network();
  const pruned = withMask(dense, (i) => i % 3 !== 0);
  const layers = layersOf(dense, shadowOf(dense));
  const shares: number[] = [];
  const { graph, changed, left } = await correctBias(pruned, dense, layers, data, { progress: (p) => shares.push(p) });
  assert.equal(changed, ['conv', 'biased', 'gemm', 'added', 'last']);
  assert.equal(left, []);
  assert.is(shares.at(-1), 1);
  assert.equal(opsOf(pruned).filter((op) => op === 'Add').length, 1, 'the graph that was given stays');
  for (const layer of layers) {
    // Behind a MatMul the bias is that of an Add, whose output takes the name of the product where it is new.
    const reader = (g: Graph) => g.nodes.find(({ inputs, op }) => op === 'Add' && inputs.includes(layer.output));
    const value = reader(dense)?.outputs[0] ?? layer.output;
    const wanted = meansOf(dense, value);
    const error = distance(meansOf(graph, value), wanted);
    assert.ok(error < 2e-5, `${layer.name}: ${error}`);
    assert.ok(distance(meansOf(pruned, value), wanted) > 1e-2, `${layer.name} had an error`);
    assert.equal(weightsOf(layer, graph), weightsOf(layer, pruned));
  }
});

test('biases come where there was none, names stay, and the graph can be written', async () => {
  const dense = network();
  const pruned = withMask(dense, (i) => i % 3 !== 0);
  const { graph } = await correctBias(pruned, dense, layersOf(dense, shadowOf(dense)), data);
  assert.equal(graph.outputs, ['out']);
  assert.equal(opsOf(graph).sort(), [...opsOf(dense), 'Add'].sort());
  assert.is(graph.values.get('x')!.dims![0], 'batch');
  const conv = graph.nodes.find(({ name }) => name === 'conv')!;
  assert.equal(graph.values.get(conv.inputs[2])!.constant!.dims, [4]);
  assert.equal(numbersOf(dense.values.get('b')!.constant!), [1, 2, 3, 4, 5, 6]);
  assert.equal(opsOf(importOnnx(exportOnnx(graph))), opsOf(graph));
});

test('a bias that is computed is left and named', async () => {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'float32', ['batch', 4]);
  const b = builder.input('b', 'float32', [3]);
  const w = builder.constant(randomTensor([4, 3], 7), 'w');
  builder.output(builder.node('Gemm', [x, w, builder.relu(b)], {}, undefined, 'gemm'));
  const dense = builder.build();
  const feeds = { x: randomTensor([8, 4], 1), b: randomTensor([3], 2) };
  const layers = layersOf(dense, shadowOf(dense));
  const { changed, left } = await correctBias(withMask(dense, (i) => i > 3), dense, layers, feeds); // biome-ignore format: one line
  assert.equal(changed, []);
  assert.equal(left, [{ name: 'gemm', reason: 'its bias is no constant' }]);
});

const normOf = (graph: Graph) => graph.nodes.find(({ op }) => op === 'BatchNormalization')!;
const statistics = (graph: Graph): number[][] =>
  normOf(graph).inputs.slice(3).map((name) => numbersOf(graph.values.get(name)!.constant!)); // biome-ignore format: one line

test('re-estimated batch normalisation makes outputs of mean bias and deviation scale', async () => {
  const pruned = withMask(network(), (i) => i % 3 !== 0);
  const before = statistics(pruned);
  const { graph, changed, left } = await reestimateBatchNorm(pruned, data);
  assert.equal(changed, [normOf(pruned).name]);
  assert.equal(left, []);
  assert.equal(statistics(pruned), before, 'the graph that was given stays');
  const [value] = normOf(graph).outputs;
  assert.ok(distance(meansOf(graph, value), [0.1, -0.5, 0, 0]) < 1e-4);
  const all = valuesOf(shadowOf(graph, { x: [SAMPLES, 2, 6, 6] }), data)[value].data as Float32Array;
  const own = all.filter((_, i) => Math.floor(i / 16) % 4 === 1);
  const deviation = Math.sqrt(own.reduce((sum, v) => sum + (v + 0.5) ** 2, 0) / own.length);
  assert.ok(Math.abs(deviation - 2) < 0.01, `${deviation}`);
});

test('once re-estimated, other data change little, and the same data nothing', async () => {
  const first = (await reestimateBatchNorm(network(), data)).graph;
  const same = (await reestimateBatchNorm(first, data)).graph;
  assert.equal(statistics(same), statistics(first));
  const other = (await reestimateBatchNorm(first, { x: randomTensor([400, 2, 6, 6], 77) })).graph;
  statistics(other).forEach((row, k) => {
    assert.ok(distance(row, statistics(first)[k]) < 0.2, `${row} and ${statistics(first)[k]}`);
  });
  assert.not.equal(statistics(other), statistics(first));
});

test('batch normalisation of too few numbers is left and named', async () => {
  const graph = network();
  const { changed, left } = await reestimateBatchNorm(graph, { x: randomTensor([1, 2, 6, 6], 1) });
  assert.equal(changed, []);
  assert.equal(left, [{ name: normOf(graph).name, reason: 'it has seen 16 numbers for each channel, 32 are needed' }]);
});

test.run();
