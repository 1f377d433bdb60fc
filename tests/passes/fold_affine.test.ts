import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { foldAffine } from '../../src/passes/fold_affine.ts';
import { Tensor } from '../../src/tensor.ts';
import { numbers, opsOf, randomTensor, transform } from '../support/graphs.ts';

const batchNorm = (g: GraphBuilder, x: string, channels: number, mean?: number[], beta?: number[]): string =>
  g.batchNormalization(
    x,
    numbers(channels, 3).map((s) => s + 1.5),
    beta ?? numbers(channels, 4),
    mean ?? numbers(channels, 5),
    numbers(channels, 6).map((v) => Math.abs(v) + 0.1),
  );

const constant = (g: GraphBuilder, dims: number[], seed = 9): string => g.constant(randomTensor(dims, seed));

/** x of dims 2x4x5x5, seen by `build`; the ops that are left. */
function left(build: (g: GraphBuilder, x: string) => string, dims = [2, 4, 5, 5]): string[] {
  const g = new GraphBuilder();
  g.output(build(g, g.input('x', 'float32', dims)));
  return opsOf(transform(g.build(), [foldAffine]).graph);
}

const conv = (g: GraphBuilder, x: string, options = {}, bias = true): string =>
  g.conv(x, randomTensor([6, 4, 3, 3]), bias ? numbers(6) : undefined, { kernel_shape: [3, 3], ...options });
const pads = [1, 1, 1, 1];
const grouped = (g: GraphBuilder, x: string, group: number, out = 8): string =>
  g.conv(x, randomTensor([out, 4 / group, 3, 3]), numbers(out), { kernel_shape: [3, 3], group, pads });
const zeros = [0, 0, 0, 0];

test('BatchNormalization behind Conv, padded or not, with and without bias', () => {
  assert.equal(
    left((g, x) => batchNorm(g, conv(g, x, { pads }), 6)),
    ['Conv'],
  );
  assert.equal(
    left((g, x) => batchNorm(g, conv(g, x, {}, false), 6)),
    ['Conv'],
  );
});

test('behind grouped and depthwise Conv', () => {
  assert.equal(
    left((g, x) => batchNorm(g, grouped(g, x, 2), 8)),
    ['Conv'],
  );
  assert.equal(
    left((g, x) => batchNorm(g, grouped(g, x, 4), 8)),
    ['Conv'],
  );
});

test('behind Gemm and MatMul', () => {
  assert.equal(
    left((g, x) => batchNorm(g, g.gemm(x, randomTensor([5, 7]), numbers(5)), 5), [3, 7]),
    ['Gemm'],
  );
  assert.equal(
    left((g, x) => batchNorm(g, g.matMul(x, randomTensor([7, 5])), 5), [3, 7]),
    ['MatMul'],
  );
});

test('in front of Conv without padding, of Gemm and of MatMul', () => {
  assert.equal(
    left((g, x) => conv(g, batchNorm(g, x, 4))),
    ['Conv'],
  );
  assert.equal(
    left((g, x) => conv(g, batchNorm(g, x, 4), { auto_pad: 'VALID' })),
    ['Conv'],
  );
  assert.equal(
    left((g, x) => g.gemm(batchNorm(g, x, 7), randomTensor([5, 7])), [3, 7]),
    ['Gemm'],
  );
  assert.equal(
    left((g, x) => g.matMul(batchNorm(g, x, 7), randomTensor([7, 5])), [3, 7]),
    ['MatMul'],
  );
});

test('never across a padded border, unless its shift is zero', () => {
  assert.equal(
    left((g, x) => conv(g, batchNorm(g, x, 4), { pads })),
    ['Mul', 'Add', 'Conv'],
  );
  assert.equal(
    left((g, x) => conv(g, batchNorm(g, x, 4), { auto_pad: 'SAME_UPPER' })),
    ['Mul', 'Add', 'Conv'],
  );
  assert.equal(
    left((g, x) => conv(g, batchNorm(g, x, 4, zeros, zeros), { pads })),
    ['Conv'],
  );
  assert.equal(
    left((g, x) => grouped(g, batchNorm(g, x, 4, zeros, zeros), 2)),
    ['Conv'],
  );
});

test('a BatchNormalization that stands alone is Mul and Add, at every rank', () => {
  assert.equal(
    left((g, x) => batchNorm(g, g.relu(x), 4)),
    ['Relu', 'Mul', 'Add'],
  );
  assert.equal(
    left((g, x) => batchNorm(g, x, 4), [2, 4]),
    ['Mul', 'Add'],
  );
  assert.equal(
    left((g, x) => batchNorm(g, x, 4), [2, 4, 3]),
    ['Mul', 'Add'],
  );
});

test('per-channel arithmetic behind', () => {
  const behind = (op: string, dims: number[]) => left((g, x) => g.node(op, [conv(g, x), constant(g, dims)]));
  for (const op of ['Add', 'Sub', 'Mul', 'Div']) {
    assert.equal(behind(op, [6, 1, 1]), ['Conv']);
    assert.equal(behind(op, [1, 6, 1, 1]), ['Conv']);
    assert.equal(behind(op, []), ['Conv']);
    assert.equal(behind(op, [3]), ['Conv', op], 'along the width');
    assert.equal(behind(op, [6, 3, 1]), ['Conv', op], 'along two axes');
  }
  assert.equal(
    left((g, x) => g.node('Sub', [constant(g, [6, 1, 1]), conv(g, x)])),
    ['Conv'],
  );
  assert.equal(
    left((g, x) => g.node('Div', [constant(g, []), conv(g, x)])),
    ['Conv', 'Div'],
  );
  assert.equal(
    left((g, x) => g.add(constant(g, [2, 6, 1, 1]), conv(g, x))),
    ['Conv', 'Add'],
    'by image',
  );
});

test('a bias behind MatMul, of any rank, becomes its third input', () => {
  const g = new GraphBuilder();
  const y = g.matMul(g.input('x', 'float32', [2, 3, 7]), randomTensor([7, 5]));
  g.output(g.add(constant(g, [5]), y));
  const { graph } = transform(g.build(), [foldAffine]);
  assert.equal(opsOf(graph), ['MatMul']);
  assert.is(graph.nodes[0].inputs.length, 3);
});

test('arithmetic in front, and several in a row', () => {
  assert.equal(
    left((g, x) => conv(g, g.add(g.mul(x, constant(g, [4, 1, 1])), constant(g, [4, 1, 1])))),
    ['Conv'],
  );
  assert.equal(
    left((g, x) => conv(g, g.mul(x, constant(g, [4, 1, 1])), { pads })),
    ['Conv'],
  );
  assert.equal(
    left((g, x) => conv(g, g.add(x, constant(g, [4, 1, 1])), { pads })),
    ['Add', 'Conv'],
  );
});

test('a second reader, a graph output or a clamp between keeps the node', () => {
  const g = new GraphBuilder();
  const c = conv(g, g.input('x', 'float32', [1, 4, 5, 5]));
  g.output(g.mul(c, constant(g, [6, 1, 1])));
  g.output(c);
  assert.equal(opsOf(transform(g.build(), [foldAffine]).graph), ['Conv', 'Mul']);

  const graph = clamped();
  assert.equal(opsOf(transform(graph, [foldAffine]).graph), ['Conv', 'Mul']);
});

function clamped(): Graph {
  const g = new GraphBuilder();
  g.output(g.mul(conv(g, g.input('x', 'float32', [1, 4, 5, 5])), constant(g, [6, 1, 1])));
  const graph = g.build();
  graph.nodes[0].clamp = { lo: 0, hi: 1 };
  return graph;
}

test('the clamp of a folded node moves with it', () => {
  const g = new GraphBuilder();
  g.output(g.mul(conv(g, g.input('x', 'float32', [1, 4, 5, 5])), constant(g, [6, 1, 1])));
  const graph = g.build();
  graph.nodes[1].clamp = { lo: 0, hi: 0.5 };
  const { graph: after } = transform(graph, [foldAffine]);
  assert.equal(after.nodes[0].clamp, { lo: 0, hi: 0.5 });
});

test('shared weights are copied', () => {
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', [1, 4, 5, 5]);
  const w = g.constant(randomTensor([4, 4, 1, 1]), 'w');
  const first = g.node('Conv', [x, w]);
  g.output(g.node('Conv', [batchNorm(g, first, 4), w]));
  g.output(g.node('Conv', [x, w]));
  const { graph } = transform(g.build(), [foldAffine]);
  assert.equal(opsOf(graph), ['Conv', 'Conv', 'Conv']);
  assert.equal([...graph.values.get('w')!.constant!.data], [...randomTensor([4, 4, 1, 1]).data]);
});

test('factors that are not finite stay', () =>
  assert.equal(
    left((g, x) => g.node('Div', [conv(g, x), g.constant(new Tensor('float32', [0], []))])),
    ['Conv', 'Div'],
  ));

test.run();
