import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { evaluate } from '../../src/graph/evaluate.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { OPS } from '../../src/ops/index.ts';
import { composeClamps, fuseActivation } from '../../src/passes/fuse_activation.ts';
import { fuseAdd } from '../../src/passes/fuse_add.ts';
import { fusePad } from '../../src/passes/fuse_pad.ts';
import { runPasses } from '../../src/passes/index.ts';
import { Tensor } from '../../src/tensor.ts';
import { expectClose, nodeOf, numbers, opsOf, randomTensor, transform } from '../support/graphs.ts';

const conv = (g: GraphBuilder, x: string, options = {}): string =>
  g.conv(x, randomTensor([3, 2, 3, 3]), numbers(3), { kernel_shape: [3, 3], ...options });
const image = (g: GraphBuilder): string => g.input('x', 'float32', [1, 2, 6, 6]);

test('Relu and Clip become clamps', () => {
  const clampOf = (build: (g: GraphBuilder, x: string) => string) => {
    const g = new GraphBuilder();
    g.output(build(g, conv(g, image(g))), 'y');
    const { graph } = transform(g.build(), [fuseActivation]);
    return [opsOf(graph), nodeOf(graph, 'Conv').clamp];
  };
  const ops = ['Conv', 'Identity'];
  const inf = Number.POSITIVE_INFINITY;
  const one = (g: GraphBuilder) => g.constant(new Tensor('float32', [1], []));
  assert.equal(
    clampOf((g, x) => g.relu(x)),
    [ops, { lo: 0, hi: inf }],
  );
  assert.equal(
    clampOf((g, x) => g.clip(x, -0.5, 0.25)),
    [ops, { lo: -0.5, hi: 0.25 }],
  );
  assert.equal(
    clampOf((g, x) => g.node('Clip', [x, '', one(g)])),
    [ops, { lo: -inf, hi: 1 }],
  );
  assert.equal(
    clampOf((g, x) => g.node('Clip', [x, one(g)])),
    [ops, { lo: 1, hi: inf }],
  );
  assert.equal(
    clampOf((g, x) => g.clip(g.relu(x), -1, 0.25)),
    [ops, { lo: 0, hi: 0.25 }],
  );
  assert.equal(
    clampOf((g, x) => g.relu(g.clip(x, -2, -1))),
    [ops, { lo: 0, hi: 0 }],
  );
});

test('behind arithmetic and products', () => {
  for (const op of ['Add', 'Sub', 'Mul', 'Div']) {
    const g = new GraphBuilder();
    g.output(g.relu(g.node(op, [g.input('x', 'float32', [3]), g.input('y', 'float32', [3])])));
    assert.equal(opsOf(transform(g.build(), [fuseActivation]).graph), [op]);
  }
  const g = new GraphBuilder();
  const h = g.relu(g.gemm(g.input('x', 'float32', [1, 3]), randomTensor([4, 3])));
  g.output(g.relu(g.matMul(h, randomTensor([4, 2]))));
  assert.equal(opsOf(transform(g.build(), [fuseActivation]).graph), ['Gemm', 'MatMul']);
});

test('composed clamps do what one after the other does', () => {
  const inf = Number.POSITIVE_INFINITY;
  const bounds = [-inf, -2, -1, 0, 1, 2, inf];
  const apply = (c: { lo: number; hi: number }, x: number) => Math.min(Math.max(x, c.lo), c.hi);
  for (const lo of bounds) {
    for (const hi of bounds) {
      for (const lo2 of bounds) {
        for (const hi2 of bounds) {
          const [a, b] = [
            { lo, hi },
            { lo: lo2, hi: hi2 },
          ];
          const both = composeClamps(a, b);
          for (const x of [-3, -1.5, -0.5, 0.5, 1.5, 3]) assert.is(apply(both, x), apply(b, apply(a, x)));
        }
      }
    }
  }
});

test('a value that others read keeps its activation apart', () => {
  const g = new GraphBuilder();
  const c = conv(g, image(g));
  g.output(g.relu(c));
  g.output(c);
  assert.equal(opsOf(transform(g.build(), [fuseActivation]).graph), ['Conv', 'Relu']);
  const two = new GraphBuilder();
  const shared = conv(two, image(two));
  two.output(two.relu(shared));
  two.output(two.node('Tanh', [shared]));
  assert.equal(opsOf(transform(two.build(), [fuseActivation]).graph), ['Conv', 'Relu', 'Tanh']);
  const h = new GraphBuilder();
  h.output(h.relu(h.node('Tanh', [image(h)])));
  assert.equal(opsOf(transform(h.build(), [fuseActivation]).graph), ['Tanh', 'Relu']);
});

test('integers have no clamp', () => {
  const g = new GraphBuilder();
  const x = g.input('x', 'int64', [2]);
  const bounds = [0, 1].map((b) => g.constant(new Tensor('int64', [b], [])));
  g.output(g.node('Clip', [g.add(x, x), ...bounds]));
  const graph = g.build();
  runPasses(graph, { ops: OPS });
  assert.equal(opsOf(graph), ['Add', 'Clip']);
});

test('NaN stays NaN', () => {
  const g = new GraphBuilder();
  g.output(g.relu(g.add(g.input('x', 'float32', [2]), g.input('y', 'float32', [2]))), 'r');
  const graph = g.build();
  runPasses(graph, { ops: OPS });
  assert.equal(opsOf(graph), ['Add']);
  const x = new Tensor('float32', [Number.NaN, -1], [2]);
  const zero = new Tensor('float32', [0, 0], [2]);
  expectClose(evaluate(graph, OPS, { x, y: zero }), { r: new Tensor('float32', [Number.NaN, 0], [2]) });
});

interface PadForm {
  pads: number[];
  value?: number;
  mode?: string;
  axes?: number[];
}

/** Pads `x` and hands it to `consume`. */
function padded(form: PadForm, consume: (g: GraphBuilder, x: string) => string): Graph {
  const g = new GraphBuilder();
  const ints = (values: number[]) => g.constant(new Tensor('int64', values, [values.length]));
  const inputs = [image(g), ints(form.pads)];
  if (form.value !== undefined || form.axes)
    inputs.push(form.value === undefined ? '' : g.constant(new Tensor('float32', [form.value], [])));
  if (form.axes) inputs.push(ints(form.axes));
  g.output(consume(g, g.node('Pad', inputs, form.mode ? { mode: form.mode } : {})));
  return g.build();
}

const spatial = [0, 0, 1, 2, 0, 0, 0, 3];
const left = (form: PadForm, consume: (g: GraphBuilder, x: string) => string): Graph =>
  transform(padded(form, consume), [fusePad]).graph;

test('Pad becomes the pads of Conv', () => {
  const graph = left({ pads: spatial }, (g, x) => conv(g, x, { pads: [1, 0, 0, 1] }));
  assert.equal(opsOf(graph), ['Conv']);
  assert.equal(nodeOf(graph, 'Conv').attrs.pads, [2, 2, 0, 4]);
  assert.equal(opsOf(left({ pads: spatial, value: 0 }, (g, x) => conv(g, x))), ['Conv']);
  assert.equal(opsOf(left({ pads: spatial }, (g, x) => conv(g, x, { auto_pad: 'VALID', strides: [2, 2] }))), ['Conv']);
  const axes = left({ pads: [1, 2, 3, 0], axes: [-1, 2] }, (g, x) => conv(g, x));
  assert.equal(nodeOf(axes, 'Conv').attrs.pads, [2, 1, 0, 3]);
});

test('Pad becomes the counted pads of AveragePool', () => {
  const graph = left({ pads: spatial }, (g, x) => g.averagePool(x, [3, 3]));
  assert.equal(opsOf(graph), ['AveragePool']);
  assert.is(nodeOf(graph, 'AveragePool').attrs.count_include_pad, 1);
  const pool = (options: object) => (g: GraphBuilder, x: string) => g.averagePool(x, [3, 3], options);
  assert.equal(opsOf(left({ pads: spatial }, pool({ pads: [1, 1, 1, 1], count_include_pad: 1 }))), ['AveragePool']);
  assert.equal(opsOf(left({ pads: spatial }, pool({ pads: [1, 1, 1, 1] }))), ['Pad', 'AveragePool']);
});

test('Pad stays where it means something else', () => {
  const kept = (form: PadForm, consume: (g: GraphBuilder, x: string) => string) =>
    assert.is(opsOf(left(form, consume))[0], 'Pad');
  kept({ pads: spatial, value: 1 }, (g, x) => conv(g, x));
  kept({ pads: spatial, mode: 'reflect' }, (g, x) => conv(g, x));
  kept({ pads: [0, 0, -1, 0, 0, 0, 0, 0] }, (g, x) => conv(g, x));
  kept({ pads: [1, 0, 1, 1, 0, 0, 1, 1] }, (g, x) => conv(g, x));
  kept({ pads: spatial }, (g, x) => conv(g, x, { auto_pad: 'SAME_UPPER' }));
  kept({ pads: spatial }, (g, x) => g.maxPool(x, [3, 3]));
});

test('a Pad with two readers serves the other one', () => {
  const graph = left({ pads: spatial }, (g, x) => g.add(conv(g, x), g.node('ReduceMean', [x])));
  assert.equal(opsOf(graph).includes('Pad'), true);
  assert.equal(nodeOf(graph, 'Conv').attrs.pads, [1, 2, 0, 3]);
});

/** A residual unit: `finish` makes the output of the two values that meet. */
function residual(finish: (g: GraphBuilder, main: string, skip: string, x: string) => string): Graph {
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', [1, 4, 6, 6]);
  const main = g.conv(x, randomTensor([4, 4, 3, 3]), numbers(4), {
    kernel_shape: [3, 3],
    pads: [1, 1, 1, 1],
    name: 'main',
  });
  g.output(finish(g, main, g.relu(x), x), 'y');
  return g.build();
}

test('a residual Add goes into the convolution, with its clamp', () => {
  const before = residual((g, main, skip) => g.relu(g.add(main, skip)));
  const { graph } = transform(before, [fuseActivation, fuseAdd]);
  assert.equal(opsOf(graph), ['Relu', 'FusedConv', 'Identity']);
  assert.equal(nodeOf(graph, 'FusedConv').clamp, { lo: 0, hi: Number.POSITIVE_INFINITY });
});

test('of two convolutions the later one takes the sum', () => {
  const { graph } = transform(
    residual((g, main, _skip, x) => g.add(g.conv(x, randomTensor([4, 4, 1, 1]), numbers(4), { name: 'skip' }), main)),
    [fuseAdd],
  );
  assert.is(nodeOf(graph, 'FusedConv').name, 'skip');
  assert.is(nodeOf(graph, 'Conv').name, 'main');
});

test('an Add stays where a convolution has another reader, a clamp of its own, or another shape', () => {
  for (const finish of [
    (g: GraphBuilder, main: string, skip: string) => g.mul(g.add(main, skip), main),
    (g: GraphBuilder, main: string, skip: string) => g.add(g.relu(main), skip),
    (g: GraphBuilder, main: string) => g.add(main, g.constant(randomTensor([1, 4, 1, 1]))),
    (g: GraphBuilder, main: string) => g.add(main, main),
    (g: GraphBuilder, main: string) => g.add(main, g.input('late', 'float32', [1, 1, 6, 6])),
  ]) {
    const { graph } = transform(residual(finish), [fuseActivation, fuseAdd]);
    assert.not.ok(opsOf(graph).includes('FusedConv'));
  }
});

test.run();
