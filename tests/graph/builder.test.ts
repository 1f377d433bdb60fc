import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { evaluate } from '../../src/graph/evaluate.ts';
import { sortTopologically } from '../../src/graph/order.ts';
import { printGraph } from '../../src/graph/print.ts';
import { OPS } from '../../src/ops/index.ts';
import { Tensor } from '../../src/tensor.ts';
import { expectClose, expectError, feedsOf, randomTensor, transform } from '../support/graphs.ts';

test('dense, CSR and BSR weights build the same net', () => {
  const dense = new Float32Array([1, 0, 2, 0, 0, 3, 0, 0, 4, 0, 5, 6]);
  const csr = {
    format: 'csr',
    rows: 3,
    cols: 4,
    rowPtr: [0, 2, 3, 6],
    colIdx: [0, 2, 1, 0, 2, 3],
    values: [1, 2, 3, 4, 5, 6],
  };
  const bsr = {
    format: 'bsr',
    rows: 3,
    cols: 4,
    blockRows: 2,
    blockCols: 1,
    rowPtr: [0, 3, 6],
    colIdx: [0, 1, 2, 0, 2, 3],
    values: [1, 0, 0, 3, 2, 0, 4, 9, 5, 9, 6, 9],
  };
  const results = [{ data: dense, dims: [3, 4] }, csr, bsr, new Tensor('float32', dense, [3, 4])].map((weights) => {
    const g = new GraphBuilder();
    g.output(g.gemm(g.input('x', 'float32', [2, 4]), weights as never, [1, 2, 3]), 'y');
    const { graph } = transform(g.build(), []);
    return evaluate(graph, OPS, feedsOf(graph));
  });
  for (const result of results.slice(1)) expectClose(result, results[0], 0);
});

test('CSR weights of a convolution have a row per filter', () => {
  const g = new GraphBuilder();
  const csr = { format: 'csr', rows: 2, cols: 8, rowPtr: [0, 1, 2], colIdx: [3, 4], values: [1, 2] } as const;
  g.output(g.conv(g.input('x', 'float32', [1, 2, 2, 2]), csr, undefined, { kernel_shape: [2, 2] }), 'y');
  const graph = g.build();
  const x = new Tensor('float32', [1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 2, 2]);
  assert.equal([...evaluate(graph, OPS, { x }).y.data], [4, 10]);
});

test('a LeNet-like net runs by its references', () => {
  const g = new GraphBuilder('net');
  const x = g.input('x', 'float32', ['n', 1, 8, 8]);
  const c = g.conv(x, randomTensor([3, 1, 3, 3]), [0.1, 0.2, 0.3], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
  const p = g.maxPool(g.relu(c), [2, 2], { strides: [2, 2] });
  g.output(g.softmax(g.gemm(g.flatten(p), randomTensor([5, 48]))), 'p');
  const { graph } = transform(g.build(), [], { shapes: { x: [2, 1, 8, 8] } });
  assert.equal(graph.values.get('p')!.dims, [2, 5]);
  const { p: y } = evaluate(graph, OPS, feedsOf(graph));
  const sum = [...(y.data as Float32Array)].reduce((a, b) => a + b, 0);
  assert.ok(Math.abs(sum - 2) < 1e-5);
  assert.is(Object.getPrototypeOf(evaluate(graph, OPS, feedsOf(graph))), null);
});

test('the listing names values, dims, attributes and clamps', () => {
  const g = new GraphBuilder('net');
  g.constant(new Tensor('float32', [0.5], []), 'half');
  g.node('Add', [g.input('x', 'float32', ['n', 3]), 'half', ''], { axis: 1, pads: [0, 1] }, ['y'], 'sum');
  g.output('y');
  const graph = g.build();
  graph.nodes[0].clamp = { lo: 0, hi: Number.POSITIVE_INFINITY };
  assert.is(
    printGraph(graph),
    [
      'graph net',
      '  input   x float32 nx3',
      '  y float32 ? = Add(x, half float32 scalar [0.5], _) axis=1 pads=[0,1] clamp 0..inf   # sum',
      '  output  y',
    ].join('\n'),
  );
});

test('errors name the call', () => {
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', [1, 4]);
  const fails = (pattern: RegExp, run: () => unknown): void => expectError('INVALID_ARGUMENT', pattern, run);
  fails(/GraphBuilder\.input\('x'\).*taken/, () => g.input('x', 'float32', [1]));
  fails(/input\('z'\).*whole number/, () => g.input('z', 'float32', [1.5]));
  fails(/input\('z'\).*dtype/, () => g.input('z', 'float99' as never, [1]));
  fails(/node\('Relu', 'Relu'\).*no value 'q'/, () => g.node('Relu', ['q']));
  fails(/gemm\('fc'\).*need 6 numbers, found 5/, () =>
    g.gemm(x, { data: [1, 2, 3, 4, 5], dims: [2, 3] }, [], { name: 'fc' }),
  );
  const csr = { format: 'csr', rows: 1, cols: 5, rowPtr: [0, 0], colIdx: [], values: [] } as const;
  fails(/conv\('c'\).*not a multiple/, () => g.conv(x, csr, undefined, { name: 'c', kernel_shape: [2, 2] }));
  fails(/gemm\('s'\).*rowPtr/, () => g.gemm(x, { ...csr, rowPtr: [0] }, undefined, { name: 's' }));
  const weights = (w: unknown) => () => g.gemm(x, w as never, undefined, { name: 'w' });
  fails(/input\('z'\): dims are a list, found undefined/, () =>
    (g.input as (...args: unknown[]) => string)('z', 'float32'),
  );
  fails(/gemm\('w'\): weights are .*, found null/, weights(null));
  fails(/gemm\('w'\): weights are .*'csr'.*, found 'coo'/, weights({ format: 'coo' }));
  fails(/gemm\('w'\): rowPtr is an array, found undefined/, weights({ ...csr, rowPtr: undefined }));
  fails(/gemm\('w'\): colIdx is an array, found 5/, weights({ ...csr, colIdx: 5 }));
  fails(/gemm\('w'\): data and dims are arrays, found undefined and 4/, weights({ dims: [4] }));
  fails(/gemm\('w'\): data and dims are arrays/, () => g.gemm(x, randomTensor([1, 4]), null as never, { name: 'w' }));
  fails(/output\('q'\).*no value/, () => g.output('q'));
  fails(/build\(\).*no output/, () => g.build());
  g.output(x);
  fails(/output\('x'\).*already/, () => g.output(x));
  g.build();
  fails(/built already/, () => g.input('late', 'float32', [1]));
});

test('tensors hold what their type can', () => {
  expectError('TYPE_MISMATCH', /Tensor: int64 cannot hold 1\.5/, () => new Tensor('int64', [1.5], [1]));
  expectError(
    'TYPE_MISMATCH',
    /Tensor: uint64 cannot hold undefined/,
    () => new Tensor('uint64', [undefined as never]),
  );
  expectError('SHAPE_MISMATCH', /Tensor: dims are a list.*null/, () => new Tensor('float32', [1], null as never));
  expectError('SHAPE_MISMATCH', /Tensor: dims are a list.*4/, () => new Tensor('float32', [1], 4 as never));
  assert.equal(new Tensor('float32', [1, 2n as never], new Uint8Array([2, 1]) as never).dims, [2, 1]);
});

test('an output may declare its dims', () => {
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', ['batch', 4]);
  g.output(g.relu(x), 'y', ['batch', 4]);
  const z = g.output(g.relu(x));
  expectError('INVALID_ARGUMENT', /output\('y2'\): a dimension is a whole number/, () =>
    g.output(g.relu(x), 'y2', [-1]),
  );
  const graph = g.build();
  assert.equal(graph.values.get('y')?.dims, ['batch', 4]);
  assert.is(graph.values.get(z)?.dims, undefined);
  assert.equal(graph.outputs, ['y', z]);
});

test('sorting puts producers first and finds cycles', () => {
  const g = new GraphBuilder();
  g.input('x', 'float32', [1]);
  g.node('Relu', ['x'], {}, ['a']);
  g.node('Add', ['a', 'x'], {}, ['b']);
  g.node('Tanh', ['b'], {}, ['c']);
  g.output('c');
  const graph = g.build();
  graph.nodes.reverse();
  sortTopologically(graph);
  assert.equal(
    graph.nodes.map((n) => n.op),
    ['Relu', 'Add', 'Tanh'],
  );
  graph.nodes[0].inputs = ['c'];
  expectError('INVALID_MODEL', /cycle/, () => sortTopologically(graph));
});

test('feeds are checked', () => {
  const g = new GraphBuilder();
  g.output(g.relu(g.input('x', 'float32', ['n', 2])), 'y');
  const graph = g.build();
  expectError('MISSING_INPUT', /'x'/, () => evaluate(graph, OPS, {}));
  expectError('TYPE_MISMATCH', /float32, found int32/, () =>
    evaluate(graph, OPS, { x: new Tensor('int32', [1, 2], [1, 2]) }),
  );
  expectError('SHAPE_MISMATCH', /nx2, found 2x1/, () =>
    evaluate(graph, OPS, { x: new Tensor('float32', [1, 2], [2, 1]) }),
  );
});

test.run();
