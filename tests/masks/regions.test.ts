import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compileGraph } from '../../src/compile.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { evaluate } from '../../src/graph/evaluate.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { OPS } from '../../src/ops/index.ts';
import { load } from '../../src/runtime/load.ts';
import { Tensor } from '../../src/tensor.ts';
import { randomTensor } from '../support/graphs.ts';
import { activeIn, blockyMask, checkMasked, inBlocks } from '../support/masked.ts';

const PADDED = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };

const weights = (dims: number[], seed: number): Tensor => randomTensor(dims, seed);

/** 1x1 - 3x3 - 1x1 with ReLU, around it the shortcut. */
function unit(dims: number[], inner: number, options: { bn?: boolean } = {}): Graph {
  const g = new GraphBuilder('unit');
  const c = dims[1];
  const x = g.input('x', 'float32', dims);
  const norm = (y: string, n: number): string => {
    if (!options.bn) return y;
    const list = (f: (i: number) => number) => Array.from({ length: n }, (_, i) => f(i));
    return g.batchNormalization(y, list((i) => 1 + i / n), list((i) => i / 10 - 0.2), list(Math.sin), list((i) => 0.5 + i)); // biome-ignore format: one line
  };
  const a = g.relu(norm(g.conv(x, weights([inner, c, 1, 1], 1), weights([inner], 2), { name: 'a' }), inner));
  const b = g.relu(
    norm(g.conv(a, weights([inner, inner, 3, 3], 3), weights([inner], 4), { ...PADDED, name: 'b' }), inner),
  );
  const d = norm(g.conv(b, weights([c, inner, 1, 1], 5), weights([c], 6), { name: 'd' }), c);
  g.output(g.relu(g.add(d, x)), 'y');
  return g.build();
}

const inner = (graph: Graph): string[] => graph.nodes.filter(({ op }) => op !== 'Identity').map(({ name }) => name);

for (const [h, w, block] of [
  [16, 16, 4],
  [20, 17, [8, 5]],
  [33, 40, 16],
  [9, 9, 64],
] as const) {
  const size = typeof block === 'number' ? [block, block] : block;
  test(`a residual unit of ${h}x${w} in blocks of ${size.join('x')} passes its input through outside of the active blocks`, async () => {
    const x = randomTensor([2, 8, h, w], 7);
    for (const share of [0, 0.3, 1]) {
      const mask = blockyMask([2, 1, h, w], size, share);
      const graph = unit([2, 8, h, w], 4);
      const dense = evaluate(graph, OPS, { x }).y;
      const y = inBlocks(dense, activeIn(mask, [h, w], size), size, x);
      const masks = [{ nodes: inner(graph), mask: { input: 'm' }, block }];
      await checkMasked(graph, { masks }, { x, m: mask }, { y });
    }
  });
}

test('a unit with BatchNormalization, its shortcut added in the region', async () => {
  const graph = unit([1, 8, 19, 19], 6, { bn: true });
  const x = randomTensor([1, 8, 19, 19], 7);
  const m = blockyMask([1, 1, 19, 19], [8, 8], 0.5);
  const y = inBlocks(evaluate(graph, OPS, { x }).y, activeIn(m, [19, 19], [8, 8]), [8, 8], x);
  await checkMasked(graph, { masks: [{ nodes: inner(graph), mask: { input: 'm' }, block: 8 }] }, { x, m }, { y });
});

test('a chain of padded convolutions reads zeros around the image between them, whatever the bias', async () => {
  const g = new GraphBuilder('chain');
  const x = g.input('x', 'float32', [1, 3, 18, 23]);
  const bias = (n: number): Tensor => new Tensor('float32', new Float32Array(n).fill(3), [n]);
  const a = g.relu(g.conv(x, weights([5, 3, 3, 3], 1), bias(5), { ...PADDED, name: 'a' }));
  const b = g.node('Sigmoid', [
    g.conv(a, weights([6, 5, 5, 5], 2), bias(6), { kernel_shape: [5, 5], pads: [2, 2, 2, 2], name: 'b' }),
  ]);
  g.output(
    g.conv(b, weights([4, 6, 3, 3], 3), bias(4), {
      kernel_shape: [3, 3],
      pads: [2, 2, 2, 2],
      dilations: [2, 2],
      name: 'c',
    }),
    'y',
  );
  const graph = g.build();
  const feed = randomTensor([1, 3, 18, 23], 7);
  for (const size of [4, 7, 16]) {
    const m = blockyMask([1, 18, 23], [size, size], 0.5);
    const active = activeIn(m, [18, 23], [size, size]);
    const y = inBlocks(evaluate(graph, OPS, { x: feed }).y, active, [size, size]);
    const fed = new Tensor('float32', m.data, [1, 1, 18, 23]);
    const masks = [{ nodes: inner(graph), mask: { input: 'm' }, block: size }];
    await checkMasked(graph, { masks }, { x: feed, m: fed }, { y });
  }
});

test('strides, a projected shortcut and a value with two readers', async () => {
  const g = new GraphBuilder('projected');
  const x = g.input('x', 'float32', [2, 4, 21, 18]);
  const a = g.relu(g.conv(x, weights([6, 4, 3, 3], 1), weights([6], 2), { ...PADDED, strides: [2, 2], name: 'a' }));
  const b = g.conv(a, weights([6, 6, 3, 3], 3), weights([6], 4), { ...PADDED, name: 'b' });
  const c = g.add(b, a);
  const shortcut = g.conv(x, weights([6, 4, 1, 1], 5), weights([6], 6), { strides: [2, 2], name: 's' });
  g.output(g.relu(g.add(c, shortcut)), 'y');
  const graph = g.build();
  const feed = randomTensor([2, 4, 21, 18], 7);
  const m = blockyMask([2, 1, 11, 9], [4, 4], 0.5);
  const y = inBlocks(evaluate(graph, OPS, { x: feed }).y, activeIn(m, [11, 9], [4, 4]), [4, 4]);
  await checkMasked(graph, { masks: [{ nodes: inner(graph), mask: { input: 'm' }, block: 4 }] }, { x: feed, m }, { y });
});

test('depthwise and grouped convolutions, constants per channel', async () => {
  const g = new GraphBuilder('grouped');
  const x = g.input('x', 'float32', [1, 8, 20, 20]);
  const a = g.clip(g.conv(x, weights([8, 1, 3, 3], 1), weights([8], 2), { ...PADDED, group: 8, name: 'a' }), 0, 6);
  const b = g.mul(
    g.conv(a, weights([8, 4, 3, 3], 3), weights([8], 4), { ...PADDED, group: 2, name: 'b' }),
    g.constant(weights([8, 1, 1], 5)),
  );
  g.output(g.relu(b), 'y');
  const graph = g.build();
  const feed = randomTensor([1, 8, 20, 20], 7);
  const m = blockyMask([1, 1, 20, 20], [8, 8], 0.4);
  const y = inBlocks(evaluate(graph, OPS, { x: feed }).y, activeIn(m, [20, 20], [8, 8]), [8, 8]);
  await checkMasked(graph, { masks: [{ nodes: inner(graph), mask: { input: 'm' }, block: 8 }] }, { x: feed, m }, { y });
});

test('the mask of a head of the network, two regions that share it, and layers around them', async () => {
  const g = new GraphBuilder('attended');
  const x = g.input('x', 'float32', [1, 3, 24, 24]);
  const stem = g.relu(g.conv(x, weights([8, 3, 3, 3], 1), weights([8], 2), { ...PADDED, name: 'stem' }));
  const head = g.node('Sigmoid', [g.conv(stem, weights([1, 8, 3, 3], 3), undefined, { ...PADDED, name: 'head' })], {}, [
    'attention',
  ]);
  const first = g.relu(g.conv(stem, weights([8, 8, 3, 3], 4), weights([8], 5), { ...PADDED, name: 'first' }));
  const second = g.relu(
    g.add(g.conv(first, weights([8, 8, 3, 3], 6), weights([8], 7), { ...PADDED, name: 'second' }), first),
  );
  g.output(g.conv(second, weights([4, 8, 3, 3], 8), weights([4], 9), { ...PADDED, name: 'last' }), 'y');
  g.output(head);
  g.output(stem);
  const graph = g.build();
  const feeds = { x: randomTensor([1, 3, 24, 24], 7) };
  const masks = [
    { nodes: ['first', 'Relu.1'], mask: 'attention', block: 8, threshold: 0.6, pool: 'average' as const },
    { nodes: ['second', 'Add', 'Relu.2'], mask: 'attention', block: [6, 12] as const, threshold: 0.4 },
  ];
  await checkMasked(graph, { masks }, feeds);
});

test('the profile says how many blocks were active, and adds up the rounds of the loop', async () => {
  const graph = unit([1, 8, 16, 16], 4);
  const masks = [{ nodes: inner(graph), mask: { input: 'm' }, block: 4, limit: 0.5 }];
  const model = await load(compileGraph(graph, { masks }).bytes, { target: 'simd' });
  for (const share of [0, 0.2, 1]) {
    const m = blockyMask([1, 1, 16, 16], [4, 4], share);
    const active = activeIn(m, [16, 16], [4, 4]).filter(Boolean).length;
    const entries = model.profile({ x: randomTensor([1, 8, 16, 16], 7), m });
    const counted = entries.filter(({ dynamic }) => dynamic?.unit === 'blocks');
    assert.equal(
      counted.map(({ live, dynamic }) => [live, dynamic!.total, dynamic!.limit]),
      [[active, 16, 8]],
    );
  }
});

test('several plans share the weights of a masked region', async () => {
  const graph = unit([1, 8, 16, 16], 4);
  graph.values.get('x')!.dims = ['n', 8, 'h', 'w'];
  const masks = [{ nodes: inner(graph), mask: { input: 'm' }, block: 8 }];
  const shapes = [{ x: [1, 8, 16, 16] }, { x: [2, 8, 20, 24] }];
  const { bytes, manifest } = compileGraph(graph, { masks, shapes });
  assert.equal(manifest.inputs.find(({ name }) => name === 'm')?.dims, ['m_dim0', 1, 'm_dim2', 'm_dim3']);
  const model = await load(bytes, { target: 'simd' });
  for (const { x: dims } of shapes) {
    const x = randomTensor(dims, 7);
    const mask = [dims[0], 1, dims[2], dims[3]];
    const nothing = model.runSync({ x, m: new Tensor('float32', new Float32Array(dims[0] * dims[2] * dims[3]), mask) });
    assert.equal(Array.from(nothing.y.data as Float32Array), Array.from(x.data as Float32Array));
  }
});

test.run();
