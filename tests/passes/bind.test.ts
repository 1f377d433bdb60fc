import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type CompileOptions, compileGraph } from '../../src/compile.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { OPS } from '../../src/ops/index.ts';
import { bind } from '../../src/passes/bind.ts';
import type { PassOptions } from '../../src/passes/index.ts';
import { runPasses } from '../../src/passes/index.ts';
import { type Dim, Tensor } from '../../src/tensor.ts';
import { expectError } from '../support/graphs.ts';

function graphOf(inputs: Record<string, readonly Dim[]>): Graph {
  const g = new GraphBuilder();
  for (const [name, dims] of Object.entries(inputs)) g.output(g.relu(g.input(name, 'float32', dims)));
  return g.build();
}

function bound(inputs: Record<string, readonly Dim[]>, options: Partial<PassOptions> = {}) {
  const graph = graphOf(inputs);
  runPasses(graph, { ops: OPS, ...options, passes: [bind] });
  return Object.fromEntries(graph.inputs.map((name) => [name, graph.values.get(name)!.dims]));
}

test('fixed dims stay', () => assert.equal(bound({ x: [2, 3] }), { x: [2, 3] }));

test('an unset batch is 1, wherever its name stands', () =>
  assert.equal(bound({ x: ['n', 3], y: [3, 'n'] }), { x: [1, 3], y: [3, 1] }));

test('shapes bind, and a symbol binds in every input', () =>
  assert.equal(bound({ x: ['n', 3, 'h'], y: ['n', 'h'] }, { shapes: { x: [4, 3, 9] } }), { x: [4, 3, 9], y: [4, 9] }));

test('all unbound dimensions are listed', () =>
  expectError('SHAPE_MISMATCH', /'h' \(axis 2 of input 'x'\).*'w' \(axis 1 of input 'y'\)/, () =>
    bound({ x: ['n', 3, 'h'], y: ['m', 'w'] }),
  ));

test('an input of unknown rank has to be bound', () => {
  const graph = graphOf({ x: [1] });
  graph.values.get('x')!.dims = undefined;
  expectError('SHAPE_MISMATCH', /the shape of input 'x'/, () => runPasses(graph, { ops: OPS, passes: [bind] }));
  runPasses(graph, { ops: OPS, passes: [bind], shapes: { x: [5] } });
  assert.equal(graph.values.get('x')!.dims, [5]);
});

const refused: [string, RegExp, Record<string, readonly Dim[]>, Record<string, number[]>][] = [
  ['an unknown name', /no input 'z'; its inputs are x/, { x: ['n'] }, { z: [1] }],
  ['another rank', /declared nx3, asked for 3/, { x: ['n', 3] }, { x: [3] }],
  ['another fixed dim', /declared nx3, asked for 1x4/, { x: ['n', 3] }, { x: [1, 4] }],
  ['two numbers for a symbol', /'n' is 2 in input 'x' and 3 in input 'y'/, { x: ['n'], y: ['n'] }, { x: [2], y: [3] }],
  ['two numbers in one input', /'n' is 2 in input 'x' and 3/, { x: ['n', 'n'] }, { x: [2, 3] }],
  ['zero', /whole numbers >= 1/, { x: ['n'] }, { x: [0] }],
  ['a fraction', /whole numbers >= 1/, { x: ['n'] }, { x: [1.5] }],
];

for (const [name, message, inputs, shapes] of refused) {
  test(`refuses ${name}`, () => expectError('SHAPE_MISMATCH', message, () => bound(inputs, { shapes })));
}

test('values make inputs constant and bind their symbols', () => {
  const graph = graphOf({ x: ['n', 2], y: ['n'] });
  const fixed = new Tensor('float32', [1, 2, 3, 4], [2, 2]);
  runPasses(graph, { ops: OPS, passes: [bind], values: { x: fixed } });
  assert.equal(graph.inputs, ['y']);
  assert.is(graph.values.get('x')!.constant, fixed);
  assert.equal(graph.values.get('y')!.dims, [2]);
});

test('values have to fit', () => {
  const values = (x: Tensor) => () => bound({ x: ['n', 2] }, { values: { x } });
  expectError('TYPE_MISMATCH', /type float32, found int32/, values(new Tensor('int32', [1, 2], [1, 2])));
  expectError('SHAPE_MISMATCH', /declared nx2/, values(new Tensor('float32', [1, 2], [2, 1])));
  expectError('TYPE_MISMATCH', /values: input 'x' is a Tensor, found null/, values(null as never));
  const x = new Tensor('float32', [1, 2], [1, 2]);
  expectError('SHAPE_MISMATCH', /'shapes' says 3x2/, () =>
    bound({ x: ['n', 2] }, { values: { x }, shapes: { x: [3, 2] } }),
  );
});

test('options of compile that are none', () => {
  const graph = graphOf({ x: ['n', 2] });
  const wrong: [unknown, RegExp][] = [
    [null, /the options are an object, found null/],
    [{ shapes: [null] }, /shapes are dims by input name.*, found null/],
    [{ shapes: 'x' }, /shapes are dims by input name/],
    [{ shapes: [[1, 2]] }, /shapes are dims by input name/],
    [{ values: null }, /values are tensors by input name, found null/],
    [{ name: 5 }, /name is a string, found 5/],
  ];
  for (const [options, message] of wrong)
    expectError('INVALID_ARGUMENT', message, () => compileGraph(graph, options as CompileOptions));
});

test.run();
