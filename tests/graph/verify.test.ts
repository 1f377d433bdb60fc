import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { expectKnownOps, verify } from '../../src/graph/verify.ts';
import { OPS } from '../../src/ops/index.ts';
import { fold } from '../../src/passes/fold.ts';
import { runPasses } from '../../src/passes/index.ts';
import { Tensor } from '../../src/tensor.ts';
import { expectError, randomTensor } from '../support/graphs.ts';

/** x -> MatMul(w) -> h -> Relu -> y, inferred. */
function sound(): Graph {
  const g = new GraphBuilder();
  g.input('x', 'float32', [2, 3]);
  g.constant(randomTensor([3, 4]), 'w');
  g.node('MatMul', ['x', 'w'], {}, ['h'], 'fc');
  g.node('Relu', ['h'], {}, ['y'], 'act');
  g.output('y');
  const graph = g.build();
  runPasses(graph, { ops: OPS, passes: [fold] });
  return graph;
}

const check = (graph: Graph): void => verify(graph, OPS, { pass: 'some-pass', types: true });

test('a sound graph passes', () => check(sound()));

const broken: [string, RegExp, (graph: Graph) => void][] = [
  ['a read of nothing', /'some-pass'.*Relu 'act'.*reads 'nowhere'/, (g) => (g.nodes[1].inputs = ['nowhere'])],
  ['an output of nothing', /MatMul 'fc'.*writes 'nowhere'/, (g) => (g.nodes[0].outputs = ['nowhere'])],
  ['two producers', /Relu 'act'.*another source/, (g) => (g.nodes[1].outputs = ['h'])],
  ['a producer of an input', /another source/, (g) => (g.nodes[1].outputs = ['x'])],
  ['a producer of a constant', /another source/, (g) => (g.nodes[1].outputs = ['w'])],
  ['wrong order', /Relu 'act'.*before it has a source/, (g) => g.nodes.reverse()],
  ['a dangling output', /graph output 'y'.*no source/, (g) => g.nodes.pop()],
  ['an input that is a constant', /graph input 'w'.*second source/, (g) => g.inputs.push('w')],
  ['an input without value', /graph input 'z'.*no such value/, (g) => g.inputs.push('z')],
  ['an unknown op', /Frobnicate 'act'.*no such op/, (g) => (g.nodes[1].op = 'Frobnicate')],
  ['constant dims', /constant 'w'.*declared 4x3 and holds 3x4/, (g) => (g.values.get('w')!.dims = [4, 3])],
  ['constant type', /constant 'w'.*declared int32/, (g) => (g.values.get('w')!.type = 'int32')],
  [
    'recorded dims',
    /MatMul 'fc'.*gives float32 2x4.*recorded as float32 2x5/,
    (g) => (g.values.get('h')!.dims = [2, 5]),
  ],
  ['recorded type', /Relu 'act'.*recorded as int32/, (g) => (g.values.get('y')!.type = 'int32')],
  ['unknown dims', /unknown shape/, (g) => (g.values.get('h')!.dims = undefined)],
  ['a key that is another name', /calls itself/, (g) => (g.values.get('h')!.name = 'i')],
  [
    'weights that do not fit',
    /MatMul 'fc'.*cannot be inferred/,
    (g) => Object.assign(g.values.get('w')!, { dims: [2, 4], constant: randomTensor([2, 4]) }),
  ],
];

for (const [name, message, breakIt] of broken) {
  test(`catches ${name}`, () => {
    const graph = sound();
    breakIt(graph);
    expectError('INTERNAL', message, () => check(graph));
  });
}

test('a broken graph from outside is the fault of the model', () => {
  const graph = sound();
  graph.nodes.reverse();
  expectError('INVALID_MODEL', /before it has a source/, () => runPasses(graph, { ops: OPS }));
});

test('all unknown ops are listed in one error', () => {
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', [1]);
  g.output(g.node('Foo', [g.relu(g.node('Bar', [x], {}, ['b'], 'first'))], {}, ['f'], 'second'));
  const graph = g.build();
  expectError('UNSUPPORTED_OP', /Bar 'first', Foo 'second'/, () => expectKnownOps(graph, OPS));
});

test('types are checked only when asked', () => {
  const graph = sound();
  graph.values.get('h')!.dims = [9, 9];
  verify(graph, OPS);
  assert.throws(() => verify(graph, OPS, { types: true }));
});

test('a tensor of another size as constant is caught', () => {
  const graph = sound();
  graph.values.get('w')!.constant = new Tensor('float32', [1]);
  expectError('INTERNAL', /constant 'w'/, () => verify(graph, OPS));
});

test.run();
