import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ZeroskipError } from '../../src/errors.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { Tensor } from '../../src/tensor.ts';
import { Contract } from '../support/contract.ts';
import { randomTensor } from '../support/graphs.ts';

const contract = await Contract.open('simd');

const inf = Number.POSITIVE_INFINITY;
const SPECIAL = [
  Number.NaN,
  inf,
  -inf,
  -0,
  0,
  1e-45,
  -1e-45,
  1e-39,
  -1e-39,
  1.1754943508222875e-38,
  3.4028234663852886e38,
  -1,
  1,
  6,
  6.5,
];

/** 15 x 15 pairs of special values as dense, planes and columns operands. */
const DIMS = [[225], [15, 15], [1, 3, 5, 15]];
const pair = (dims: number[], pick: (i: number) => number): Tensor => {
  const size = dims.reduce((product, d) => product * d, 1);
  return new Tensor(
    'float32',
    Float32Array.from({ length: size }, (_, i) => SPECIAL[pick(i)]),
    dims,
  );
};

async function clean(name: string, graph: Graph, feeds: Record<string, Tensor>): Promise<void> {
  const before = contract.failures.length;
  await contract.check(name, graph, feeds);
  assert.equal(contract.failures.slice(before, before + 5), []);
}

for (const op of ['Relu', 'Neg', 'Abs', 'Sqrt', 'Clip']) {
  test(`${op} of NaN, infinities, zeros and denormals`, async () => {
    for (const dims of DIMS) {
      const g = new GraphBuilder(op);
      const x = g.input('x', 'float32', dims);
      g.output(op === 'Clip' ? g.clip(x, -1, 6) : g.node(op, [x]));
      await clean(`${op} ${dims}`, g.build(), { x: pair(dims, (i) => i % 15) });
    }
  });
}

for (const op of ['Add', 'Sub', 'Mul', 'Div']) {
  test(`${op} of every pair of NaN, infinities, zeros and denormals`, async () => {
    for (const dims of DIMS) {
      const g = new GraphBuilder(op);
      const [a, b] = ['a', 'b'].map((name) => g.input(name, 'float32', dims));
      g.output(g.node(op, [a, b]));
      const feeds = { a: pair(dims, (i) => i % 15), b: pair(dims, (i) => Math.floor(i / 15) % 15) };
      await clean(`${op} ${dims}`, g.build(), feeds);
    }
  });
}

for (const op of ['Sigmoid', 'Tanh', 'HardSigmoid', 'HardSwish', 'LeakyRelu', 'Exp', 'Erf', 'Log']) {
  test(`${op} keeps NaN and has its limits`, async () => {
    for (const x of [Number.NaN, inf, -inf, -0, 1e-45, -1e-39, 1e38, -1e38]) {
      const g = new GraphBuilder(op);
      g.output(g.node(op, [g.input('x', 'float32', [1])]));
      await clean(`${op} of ${x}`, g.build(), { x: new Tensor('float32', [x]) });
    }
  });
}

test('PRelu of every pair of NaN, infinities, zeros and denormals', async () => {
  for (const dims of DIMS) {
    const g = new GraphBuilder('PRelu');
    const [x, slope] = ['x', 'slope'].map((name) => g.input(name, 'float32', dims));
    g.output(g.node('PRelu', [x, slope]));
    const feeds = { x: pair(dims, (i) => i % 15), slope: pair(dims, (i) => Math.floor(i / 15) % 15) };
    await clean(`PRelu ${dims}`, g.build(), feeds);
  }
});

test('LayerNormalization: a special value takes its own row and no other', async () => {
  for (const rows of [1, 5, 21]) {
    for (const value of SPECIAL.filter((x) => !(Math.abs(x) > 1e30 && Number.isFinite(x)))) {
      const g = new GraphBuilder('norm');
      const scale = g.constant(randomTensor([9], 2));
      g.output(
        g.node('LayerNormalization', [g.input('x', 'float32', [rows, 9]), scale, g.constant(randomTensor([9]))]),
      );
      const x = randomTensor([rows, 9], 3);
      x.data[4] = value;
      await clean(`${rows} rows, ${value}`, g.build(), { x });
    }
  }
});

test('NaN passes through the clamp that a linear layer has fused', async () => {
  for (const rows of [1, 6]) {
    const g = new GraphBuilder('nan');
    const weights = randomTensor([5, 7]);
    g.output(g.relu(g.gemm(g.input('x', 'float32', [rows, 7]), weights, [1, 2, 3, 4, 5])));
    const x = randomTensor([rows, 7], 3);
    x.data[3] = Number.NaN;
    await clean(`gemm ${rows}`, g.build(), { x });
  }
  const g = new GraphBuilder('nan');
  const y = g.conv(g.input('x', 'float32', [1, 3, 5, 5]), randomTensor([4, 3, 3, 3]), undefined, {
    kernel_shape: [3, 3],
    pads: [1, 1, 1, 1],
  });
  g.output(g.clip(y, 0, 6));
  const x = randomTensor([1, 3, 5, 5], 3);
  x.data[31] = Number.NaN;
  await clean('conv', g.build(), { x });
});

/** Graphs with an empty dimension; each has to give the reference's answer or to be refused by a clear error. */
const EMPTY: [string, number[], (g: GraphBuilder, x: string) => string][] = [
  ['relu of planes without rows', [1, 2, 0, 3], (g, x) => g.relu(x)],
  ['conv of no images', [0, 3, 4, 4], (g, x) => g.conv(x, randomTensor([2, 3, 1, 1]))],
  [
    'padded conv of no images',
    [0, 3, 4, 4],
    (g, x) => g.conv(x, randomTensor([2, 3, 3, 3]), undefined, { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
  ],
  ['conv of no rows', [1, 3, 0, 4], (g, x) => g.conv(x, randomTensor([2, 3, 1, 1]))],
  ['conv of no filters', [1, 3, 4, 4], (g, x) => g.conv(x, randomTensor([0, 3, 1, 1]))],
  ['conv of no channels', [2, 0, 4, 4], (g, x) => g.conv(x, randomTensor([3, 0, 1, 1]), [1, 2, 3])],
  ['gemm of no rows', [0, 5], (g, x) => g.gemm(x, randomTensor([4, 5]))],
  ['gemm of no outputs', [3, 5], (g, x) => g.gemm(x, randomTensor([0, 5]))],
  ['gemm of no inputs', [3, 0], (g, x) => g.gemm(x, randomTensor([4, 0]), [1, 2, 3, 4])],
  ['matmul without columns', [3, 5], (g, x) => g.matMul(x, g.input('y', 'float32', [5, 0]))],
  ['add with a stretched empty dim', [3, 0], (g, x) => g.add(x, g.input('y', 'float32', [3, 1]))],
  ['softmax of nothing', [3, 0], (g, x) => g.softmax(x)],
  ['norm of no rows', [0, 3], (g, x) => g.node('LayerNormalization', [x, g.constant(randomTensor([3]))])],
  ['norm of nothing', [3, 0], (g, x) => g.node('LayerNormalization', [x, g.constant(randomTensor([0]))])],
  ['slopes of no images', [0, 3, 4, 4], (g, x) => g.node('PRelu', [x, g.constant(randomTensor([3, 1, 1]))])],
  ['pool of no images', [0, 2, 4, 4], (g, x) => g.maxPool(x, [2, 2])],
  ['pool of no rows', [1, 2, 0, 4], (g, x) => g.maxPool(x, [1, 2])],
  ['average over no images', [0, 3, 4, 4], (g, x) => g.globalAveragePool(x)],
  ['average over no pixels', [1, 3, 0, 4], (g, x) => g.globalAveragePool(x)],
  ['concat with an empty part', [0, 4], (g, x) => g.node('Concat', [x, g.input('y', 'float32', [2, 4])], { axis: 0 })],
  ['transpose of nothing', [3, 0, 2], (g, x) => g.node('Transpose', [x], { perm: [2, 0, 1] })],
  ['reshape of nothing', [3, 0], (g, x) => g.reshape(x, [0, 7])],
];

test('an empty dimension is run or refused', async () => {
  let ran = 0;
  for (const [name, dims, make] of EMPTY) {
    const g = new GraphBuilder(name);
    g.output(make(g, g.input('x', 'float32', dims)));
    const graph = g.build();
    const feeds = Object.fromEntries(
      graph.inputs.map((input) => [input, randomTensor(graph.values.get(input)!.dims as number[])]),
    );
    const before = contract.failures.length;
    await contract.check(
      name,
      graph,
      feeds,
      true,
      (error) => error instanceof ZeroskipError && error.code !== 'INTERNAL',
    );
    assert.equal(contract.failures.slice(before), []);
    ran++;
  }
  assert.is(ran, EMPTY.length);
});

test('outputs of a Split of several parts', async () => {
  for (const [dims, axis] of [
    [[9], 0],
    [[2, 9, 3, 5], 1],
    [[2, 3, 4, 9], 3],
  ] as [number[], number][]) {
    const g = new GraphBuilder('split');
    const lengths = g.constant(new Tensor('int64', [4, 0, 2, 3], [4]));
    g.node('Split', [g.input('x', 'float32', dims), lengths], { axis }, ['a', 'b', 'c', 'd']);
    for (const name of ['a', 'b', 'c', 'd']) g.output(name);
    await clean(`split of ${dims} along ${axis}`, g.build(), { x: randomTensor(dims) });
  }
});

test.run();
