import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { flushDenormals } from '../../src/passes/flush_denormals.ts';
import { zeroFilters } from '../../src/passes/zero_filters.ts';
import { Tensor } from '../../src/tensor.ts';
import { numbers, opsOf, randomTensor, transform } from '../support/graphs.ts';

/** Random weights `[out, in, …]` with the rows `zero` all zero. */
function weights(dims: number[], zero: number[], seed = 2): Tensor {
  const tensor = randomTensor(dims, seed);
  const row = tensor.size / dims[0];
  for (const o of zero) tensor.data.fill(0 as never, o * row, (o + 1) * row);
  return tensor;
}

type Build = (g: GraphBuilder, x: string) => string;

/** A conv 2 -> 5 with the filters 1 and 3 zero, then `build`; the dims of the first weights and the notes. */
function prune(build: Build, options: { bias?: number[]; relu?: boolean } = {}) {
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', [2, 2, 6, 6]);
  const first = g.conv(x, weights([5, 2, 3, 3], [1, 3]), options.bias ?? numbers(5, 8), {
    kernel_shape: [3, 3],
    name: 'first',
  });
  g.output(build(g, options.relu === false ? first : g.relu(first)));
  const { graph, notes } = transform(g.build(), [zeroFilters]);
  return { graph, notes: notes.join('\n'), dims: weightsOf(graph, 0) };
}

function weightsOf(graph: Graph, position: number): readonly (number | string)[] {
  const node = graph.nodes.filter(({ op }) => ['Conv', 'Gemm', 'MatMul'].includes(op))[position];
  return graph.values.get(node.inputs[1])!.dims!;
}

const conv = (g: GraphBuilder, x: string, channels: number, options = {}): string =>
  g.conv(x, randomTensor([4, channels, 3, 3], 5), numbers(4, 6), { kernel_shape: [3, 3], ...options });
const fc = (g: GraphBuilder, x: string, inputs: number): string => g.gemm(x, randomTensor([3, inputs], 4), numbers(3));
const pads = [1, 1, 1, 1];
const noBias = [0.5, 0, 0.5, 0, 0.5];

const removed: [string, Build, { bias?: number[]; relu?: boolean }?][] = [
  ['into a Conv without padding', (g, x) => conv(g, x, 5)],
  ['into a Conv without bias', (g, x) => g.conv(x, randomTensor([4, 5, 1, 1]))],
  ['into a padded Conv if it is zero', (g, x) => conv(g, x, 5, { pads }), { bias: noBias }],
  ['into a padded Conv if Relu makes it zero', (g, x) => conv(g, x, 5, { pads }), { bias: [1, -1, 1, -2, 1] }],
  ['through Flatten into Gemm', (g, x) => fc(g, g.flatten(x), 80)],
  ['through Reshape into MatMul', (g, x) => g.matMul(g.reshape(x, [2, -1]), randomTensor([80, 3]))],
  ['through a Reshape with 0', (g, x) => fc(g, g.reshape(x, [0, 80]), 80)],
  ['through MaxPool', (g, x) => conv(g, g.maxPool(x, [2, 2], { pads: [1, 1, 0, 0] }), 5)],
  ['through AveragePool', (g, x) => conv(g, g.averagePool(x, [2, 2], { pads: [1, 1, 0, 0] }), 5)],
  ['through GlobalAveragePool', (g, x) => fc(g, g.flatten(g.globalAveragePool(x)), 5)],
  [
    'through ReduceMean',
    (g, x) => {
      const axes = g.constant(new Tensor('int64', [2, 3], [2]));
      return fc(g, g.node('ReduceMean', [x, axes], { keepdims: 0 }), 5);
    },
  ],
  [
    'through Squeeze',
    (g, x) => {
      const axes = g.constant(new Tensor('int64', [2, 3], [2]));
      return fc(g, g.node('Squeeze', [g.globalAveragePool(x), axes]), 5);
    },
  ],
  [
    'through activations',
    (g, x) => conv(g, g.node('Sigmoid', [g.node('LeakyRelu', [g.clip(x, -1, 0.3)], { alpha: 0.3 })]), 5),
  ],
  [
    'through per-channel arithmetic',
    (g, x) => {
      const scaled = g.mul(x, g.constant(randomTensor([5, 1, 1], 11)));
      return conv(g, g.node('Sub', [g.constant(new Tensor('float32', [0.25], [])), scaled]), 5);
    },
  ],
  [
    'through a depthwise Conv',
    (g, x) => {
      const d = g.conv(x, randomTensor([5, 1, 3, 3]), numbers(5, 3), { kernel_shape: [3, 3], group: 5 });
      return g.conv(d, randomTensor([4, 5, 1, 1]));
    },
  ],
  [
    'through a padded depthwise Conv if it is zero',
    (g, x) => {
      const d = g.conv(x, randomTensor([5, 1, 3, 3]), numbers(5, 3), { kernel_shape: [3, 3], group: 5, pads });
      return g.conv(d, randomTensor([4, 5, 1, 1]));
    },
    { bias: noBias },
  ],
  ['through a Transpose', (g, x) => g.matMul(g.node('Transpose', [x], { perm: [0, 2, 3, 1] }), randomTensor([5, 3]))],
  ['through x * HardSigmoid(x)', (g, x) => conv(g, g.mul(x, g.node('HardSigmoid', [x], { alpha: 1 / 6 })), 5)],
  ['through Sigmoid(x) * x', (g, x) => conv(g, g.mul(g.node('Sigmoid', [x]), x), 5)],
  ['through x * x', (g, x) => conv(g, g.mul(x, x), 5)],
  [
    'through a gate of pooled channels',
    (g, x) => conv(g, g.maxPool(g.mul(x, g.node('Sigmoid', [g.globalAveragePool(x)])), [2, 2]), 5),
  ],
  [
    'through a chain of joins',
    (g, x) => {
      const swish = g.mul(x, g.node('Sigmoid', [x]));
      return conv(g, g.node('Sub', [g.node('Tanh', [swish]), g.add(x, swish)]), 5);
    },
  ],
  ['through a Concat', (g, x) => conv(g, g.node('Concat', [x, x], { axis: 1 }), 10)],
  [
    'through a Concat with an input',
    (g, x) => conv(g, g.node('Concat', [g.input('r', 'float32', [2, 3, 4, 4]), x], { axis: 1 }), 8),
  ],
  [
    'through a residual Add of branches with the same zero filters',
    (g, x) => conv(g, g.relu(g.add(x, g.conv(x, weights([5, 5, 1, 1], [1, 3]), numbers(5)))), 5),
  ],
  [
    'through a Split',
    (g, x) => {
      g.node('Split', [x, g.constant(new Tensor('int64', [2, 3], [2]))], { axis: 1 }, ['s', 't']);
      return g.add(g.conv('s', randomTensor([4, 2, 1, 1])), g.conv('t', randomTensor([4, 3, 1, 1])));
    },
  ],
  ['into two readers', (g, x) => g.add(conv(g, x, 5), conv(g, g.relu(x), 5))],
];

for (const [name, build, options] of removed) {
  test(`zero filters go ${name}`, () => {
    const { dims, notes } = prune(build, options);
    assert.equal(dims, [3, 2, 3, 3]);
    assert.match(notes, /Conv 'first': 2 outputs removed \(2 zero filters, 0 never read\)/);
    assert.not.match(notes, /kept/);
  });
}

const kept: [string, Build, RegExp, { bias?: number[]; relu?: boolean }?][] = [
  [
    'before a padded border',
    (g, x) => conv(g, x, 5, { pads, name: 'second' }),
    /padded border of Conv 'second'/,
    { bias: [1, 1, 1, 1, 1] },
  ],
  [
    'before a padded depthwise border',
    (g, x) => {
      const options = { kernel_shape: [3, 3], group: 5, pads, name: 'dw' };
      return g.conv(g.conv(x, randomTensor([5, 1, 3, 3]), undefined, options), randomTensor([4, 5, 1, 1]));
    },
    /padded border of Conv 'dw'/,
    { bias: [1, 1, 1, 1, 1] },
  ],
  [
    'before counted pads',
    (g, x) => conv(g, g.averagePool(x, [2, 2], { pads, count_include_pad: 1 }), 5),
    /padded border of AveragePool/,
    { bias: [1, 1, 1, 1, 1] },
  ],
  ['at a graph output', (_g, x) => x, /graph output/],
  [
    'at a residual Add',
    (g, x) => conv(g, g.add(x, g.conv(x, randomTensor([5, 5, 1, 1]))), 5),
    /Add 'Add' joins two branches/,
  ],
  [
    'at an Add of an input',
    (g, x) => conv(g, g.add(g.input('r', 'float32', [5, 4, 4]), x), 5),
    /Add 'Add' joins two branches/,
  ],
  [
    'where channels meet others',
    (g, x) => {
      const pooled = g.globalAveragePool(x);
      return g.conv(g.mul(pooled, g.node('Transpose', [pooled], { perm: [0, 2, 1, 3] })), randomTensor([4, 5, 1, 1]));
    },
    /Mul 'Mul' joins branches that have them at different places/,
  ],
  [
    'at an Add of a branch with zeros elsewhere',
    (g, x) => conv(g, g.add(x, g.conv(x, weights([5, 5, 1, 1], [0, 2]), numbers(5))), 5),
    /Add 'Add' joins two branches/,
  ],
  ['at a Softmax', (g, x) => conv(g, g.softmax(x, 1), 5), /Softmax.*does not keep channels apart/],
];

for (const [name, build, reason, options] of kept) {
  test(`zero filters stay ${name}`, () => {
    const { dims, notes } = prune(build, options);
    assert.equal(dims, [5, 2, 3, 3]);
    assert.match(notes, /Conv 'first': 2 zero filters kept/);
    assert.match(notes, reason);
  });
}

test('zero filters stay before a grouped Conv', () => {
  const g = new GraphBuilder();
  const first = g.conv(g.input('x', 'float32', [1, 2, 3, 3]), weights([4, 2, 1, 1], [0]), numbers(4), {
    name: 'first',
  });
  g.output(g.conv(first, randomTensor([4, 2, 1, 1]), undefined, { group: 2 }));
  assert.match(transform(g.build(), [zeroFilters]).notes.join(), /1 zero filters kept: Conv 'Conv' has 2 groups/);
});

test('only the filters whose constant reaches a border stay', () => {
  const { dims, notes } = prune((g, x) => conv(g, x, 5, { pads }), { bias: [1, 0, 1, 2, 1] });
  assert.equal(dims, [4, 2, 3, 3]);
  assert.match(notes, /1 outputs removed/);
  assert.match(notes, /1 zero filters kept: the padded border/);
});

test('a chain of layers is followed in one go, its rows in MatMul and Gemm too', () => {
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', [2, 6]);
  const a = g.relu(g.gemm(x, weights([5, 6], [0, 2]), numbers(5)));
  const sparse = new Tensor('float32', [0, 1, 0, 0, 2, 0, 3, 0, 1, 0, 4, 0, 0, 5, 0], [5, 3]);
  g.output(g.gemm(g.relu(g.matMul(a, sparse)), randomTensor([2, 3])));
  const { graph } = transform(g.build(), [zeroFilters]);
  assert.equal(
    [0, 1, 2].map((i) => weightsOf(graph, i)),
    [
      [3, 6],
      [3, 1],
      [2, 1],
    ],
    'without the rows 0 and 2, columns 0 and 2 of MatMul are zero',
  );
});

test('a new bias has the outputs that stay', () => {
  const g = new GraphBuilder();
  const first = g.relu(g.gemm(g.input('x', 'float32', [2, 3]), weights([4, 3], [1]), numbers(4, 8)));
  const unread = randomTensor([3, 5], 6);
  for (let o = 0; o < 3; o++) unread.data[o * 5 + 2] = 0;
  g.output(g.gemm(g.relu(g.gemm(first, randomTensor([5, 4], 9))), unread));
  const { graph } = transform(g.build(), [zeroFilters]);
  assert.equal(
    [weightsOf(graph, 0), weightsOf(graph, 1)],
    [
      [3, 3],
      [4, 3],
    ],
  );
});

test('whole groups of zero filters go with their inputs', () => {
  const g = new GraphBuilder();
  const first = g.relu(g.conv(g.input('x', 'float32', [1, 2, 4, 4]), weights([6, 2, 1, 1], [2, 3]), numbers(6, 8)));
  const mid = g.conv(first, weights([9, 2, 3, 3], [3, 4, 5]), numbers(9, 3), { kernel_shape: [3, 3], group: 3 });
  g.output(g.conv(mid, randomTensor([2, 9, 1, 1])));
  const { graph } = transform(g.build(), [zeroFilters]);
  assert.equal(
    [0, 1, 2].map((i) => weightsOf(graph, i)),
    [
      [4, 2, 1, 1],
      [6, 2, 3, 3],
      [2, 6, 1, 1],
    ],
  );
  assert.is(graph.nodes.filter(({ op }) => op === 'Conv')[1].attrs.group, 2);
});

test('outputs that nobody reads go', () => {
  const g = new GraphBuilder();
  const h = g.relu(g.gemm(g.input('x', 'float32', [2, 6]), randomTensor([3, 6]), numbers(3)));
  g.output(g.gemm(h, new Tensor('float32', [1, 0, 2, 3, 0, 4], [2, 3])));
  const { graph, notes } = transform(g.build(), [zeroFilters]);
  assert.equal(
    [weightsOf(graph, 0), weightsOf(graph, 1)],
    [
      [2, 6],
      [2, 2],
    ],
  );
  assert.match(notes.join(), /1 outputs removed \(0 zero filters, 1 never read\)/);
});

test('weights in blocks of outputs lose whole blocks only', () => {
  const g = new GraphBuilder();
  /** 16 outputs in blocks of 4: block b reads the inputs b and b + 4, block 2 nothing. */
  const data = Float32Array.from({ length: 16 * 8 }, (_, i) => {
    const [block, input] = [Math.floor(i / 32), i % 8];
    return block !== 2 && input % 4 === block ? 1 + i : 0;
  });
  const h = g.relu(g.gemm(g.input('x', 'float32', [1, 8]), { data, dims: [16, 8] }, numbers(16)));
  const readers = randomTensor([3, 16]);
  for (const unread of [0, 1, 2, 3, 12, 13]) for (let o = 0; o < 3; o++) readers.data[o * 16 + unread] = 0;
  g.output(g.gemm(h, readers));
  const { graph, notes } = transform(g.build(), [zeroFilters]);
  assert.equal(weightsOf(graph, 0), [8, 8]);
  assert.match(notes.join(), /8 outputs removed \(4 zero filters, 4 never read\)/);
});

test('dense filters among zero ones are no blocks', () => {
  const g = new GraphBuilder();
  const h = g.relu(g.gemm(g.input('x', 'float32', [1, 8]), weights([64, 8], [5]), numbers(64)));
  g.output(g.gemm(h, randomTensor([3, 64])));
  assert.equal(weightsOf(transform(g.build(), [zeroFilters]).graph, 0), [63, 8]);
});

test('one output stays', () => {
  const g = new GraphBuilder();
  const h = g.conv(g.input('x', 'float32', [1, 2, 3, 3]), weights([4, 2, 1, 1], [0, 1, 2, 3]), numbers(4));
  g.output(g.conv(h, randomTensor([2, 4, 1, 1])));
  const { graph, notes } = transform(g.build(), [zeroFilters]);
  assert.equal(
    [weightsOf(graph, 0), weightsOf(graph, 1)],
    [
      [1, 2, 1, 1],
      [2, 1, 1, 1],
    ],
  );
  assert.match(notes.join(), /1 zero filters kept: one output has to stay/);
});

test('a zero depthwise filter takes its input channel along', () => {
  const g = new GraphBuilder();
  const first = g.relu(g.conv(g.input('x', 'float32', [1, 2, 4, 4]), randomTensor([3, 2, 1, 1]), numbers(3)));
  const d = g.conv(first, weights([3, 1, 3, 3], [1]), numbers(3, 4), { kernel_shape: [3, 3], group: 3, pads });
  g.output(g.conv(d, randomTensor([2, 3, 1, 1])));
  const { graph } = transform(g.build(), [zeroFilters]);
  assert.equal(
    [0, 1, 2].map((i) => weightsOf(graph, i)),
    [
      [2, 2, 1, 1],
      [2, 1, 3, 3],
      [2, 2, 1, 1],
    ],
  );
  assert.is(graph.nodes.filter(({ op }) => op === 'Conv')[1].attrs.group, 2);
});

test('shared weights stay whole for their other users', () => {
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', [1, 3]);
  const w = g.constant(weights([3, 3], [1]), 'w');
  const gemm = (input: string) => g.node('Gemm', [input, w], { transB: 1 });
  g.output(gemm(g.relu(gemm(x))));
  const { graph } = transform(g.build(), [zeroFilters]);
  assert.equal(
    [weightsOf(graph, 0), weightsOf(graph, 1)],
    [
      [2, 3],
      [3, 2],
    ],
  );
});

test('denormal weights become zero', () => {
  const g = new GraphBuilder();
  const w = new Tensor('float32', [1e-39, 1, -1e-40, 2e-38], [2, 2]);
  g.output(g.gemm(g.input('x', 'float32', [1, 2]), w));
  const { graph, notes } = transform(g.build(), [flushDenormals]);
  assert.equal(opsOf(graph), ['Gemm']);
  assert.equal([...graph.values.get(graph.nodes[0].inputs[1])!.constant!.data], [0, 1, 0, Math.fround(2e-38)]);
  assert.match(notes.join(), /Gemm 'Gemm': 2 denormal weights/);
  assert.is(w.data[0], Math.fround(1e-39), 'the tensor of the user is not touched');
});

test.run();
