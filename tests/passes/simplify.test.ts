import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { simplify } from '../../src/passes/simplify.ts';
import { numbersOf, Tensor } from '../../src/tensor.ts';
import { nodeOf, opsOf, transform } from '../support/graphs.ts';

type Build = (g: GraphBuilder, x: string) => string;

/** Ops that are left of `Tanh(build(Tanh(x)))`, x of dims 2x3x1x4. */
function left(build: Build): string[] {
  const g = new GraphBuilder();
  const x = g.node('Tanh', [g.input('x', 'float32', [2, 3, 1, 4])]);
  g.output(g.node('Tanh', [build(g, x)]), 'y');
  return opsOf(transform(g.build(), [simplify]).graph).slice(1, -1);
}

const float = (g: GraphBuilder, values: number[], dims: number[]) => g.constant(new Tensor('float32', values, dims));
const ints = (g: GraphBuilder, values: number[]) => g.constant(new Tensor('int64', values, [values.length]));

const gone: [string, Build][] = [
  ['Identity', (g, x) => g.node('Identity', [x])],
  ['Dropout', (g, x) => g.node('Dropout', [x])],
  ['Reshape to the same dims', (g, x) => g.reshape(x, [2, 3, 1, -1])],
  ['Transpose that changes no axis', (g, x) => g.node('Transpose', [x], { perm: [0, 1, 2, 3] })],
  ['Pad by nothing', (g, x) => g.node('Pad', [x, ints(g, [0, 0, 0, 0, 0, 0, 0, 0])])],
  ['Concat of one', (g, x) => g.node('Concat', [x], { axis: 1 })],
  ['Mul by 1', (g, x) => g.mul(x, float(g, [1], []))],
  ['Mul of 1', (g, x) => g.mul(float(g, [1, 1, 1], [3, 1, 1]), x)],
  ['Div by 1', (g, x) => g.node('Div', [x, float(g, [1], [1])])],
  ['Add of 0', (g, x) => g.add(x, float(g, [0, 0, 0, 0], [4]))],
  ['Sub of 0', (g, x) => g.node('Sub', [x, float(g, [0], [])])],
  [
    'two Transposes that cancel',
    (g, x) => {
      const once = g.node('Transpose', [x], { perm: [1, 2, 3, 0] });
      return g.node('Transpose', [once], { perm: [3, 0, 1, 2] });
    },
  ],
  ['there and back by Reshape', (g, x) => g.reshape(g.reshape(x, [6, 4]), [2, 3, 1, 4])],
  ['Identity of Identity', (g, x) => g.node('Identity', [g.node('Identity', [x])])],
];

for (const [name, build] of gone) test(`removes ${name}`, () => assert.equal(left(build), []));

const kept: [string, Build, string[]][] = [
  ['an Add of 0 that broadcasts', (g, x) => g.add(x, float(g, [0, 0, 0, 0, 0], [5, 1])), ['Add']],
  ['a Mul by 1 and 2', (g, x) => g.mul(x, float(g, [1, 1, 1, 2], [4])), ['Mul']],
  ['1 / x', (g, x) => g.node('Div', [float(g, [1], []), g.node('Exp', [x])]), ['Exp', 'Div']],
  ['0 - x', (g, x) => g.node('Sub', [float(g, [0], []), x]), ['Sub']],
];

for (const [name, build, ops] of kept) test(`keeps ${name}`, () => assert.equal(left(build), ops));

test('two Transposes become one', () => {
  const g = new GraphBuilder();
  const once = g.node('Transpose', [g.input('x', 'float32', [2, 3, 4])], { perm: [1, 2, 0] });
  g.output(g.node('Transpose', [once], { perm: [0, 2, 1] }), 'y');
  g.output(once, 'z');
  const { graph } = transform(g.build(), [simplify]);
  assert.equal(opsOf(graph), ['Transpose', 'Transpose']);
  assert.equal(graph.nodes[1].inputs, ['x']);
  assert.equal(graph.nodes[1].attrs.perm, [1, 0, 2]);
});

test('chains of reshapes become one', () => {
  const axes = (g: GraphBuilder) => ints(g, [0]);
  assert.equal(
    left((g, x) => g.node('Unsqueeze', [g.flatten(g.reshape(x, [3, 2, 4])), axes(g)])),
    ['Reshape'],
  );
});

test('a Transpose of axes of length 1 is a Reshape', () => {
  const g = new GraphBuilder();
  g.output(g.node('Transpose', [g.input('x', 'float32', [2, 3, 1, 4])], { perm: [0, 2, 1, 3] }), 'y');
  const { graph } = transform(g.build(), [simplify]);
  assert.equal(numbersOf(graph.values.get(nodeOf(graph, 'Reshape').inputs[1])!.constant!), [2, 1, 3, 4]);
});

test('an Identity between an input and an output stays', () => {
  const g = new GraphBuilder();
  g.output(g.node('Identity', [g.input('x', 'float32', [2])]), 'y');
  assert.equal(opsOf(transform(g.build(), [simplify]).graph), ['Identity']);
});

test('one value under two output names keeps a node', () => {
  const g = new GraphBuilder();
  const y = g.node('Tanh', [g.input('x', 'float32', [2])]);
  g.output(y, 'a');
  g.output(y, 'b');
  assert.equal(opsOf(transform(g.build(), [simplify]).graph), ['Tanh', 'Identity']);
});

test('a node with a clamp is no no-op', () => {
  const g = new GraphBuilder();
  g.output(g.mul(g.input('x', 'float32', [2]), float(g, [1], [])));
  const graph = g.build();
  graph.nodes[0].clamp = { lo: 0, hi: 1 };
  assert.equal(opsOf(transform(graph, [simplify]).graph), ['Mul']);
});

test('a Clip by computed bounds is Max and Min', () => {
  const bound = (g: GraphBuilder, x: string) => g.node('ReduceMean', [x], { keepdims: 0 });
  const half = (g: GraphBuilder) => float(g, [0.5], []);
  assert.equal(left((g, x) => g.node('Clip', [x, bound(g, x)])), ['ReduceMean', 'Max']); // biome-ignore format: one line
  assert.equal(left((g, x) => g.node('Clip', [x, '', bound(g, x)])), ['ReduceMean', 'Min']); // biome-ignore format: one line
  assert.equal(left((g, x) => g.node('Clip', [x, bound(g, x), half(g)])), ['ReduceMean', 'Max', 'Min']); // biome-ignore format: one line
  assert.equal(left((g, x) => g.node('Clip', [x, half(g), bound(g, x)])), ['ReduceMean', 'Max', 'Min']); // biome-ignore format: one line
  assert.equal(
    left((g, x) => g.clip(x, 0.1, 0.2)),
    ['Clip'],
  );
});

test.run();
