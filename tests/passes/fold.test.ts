import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { Editor } from '../../src/graph/edit.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { OPS } from '../../src/ops/index.ts';
import type { Op } from '../../src/ops/op.ts';
import { bind } from '../../src/passes/bind.ts';
import { deadCode } from '../../src/passes/dead_code.ts';
import { fold } from '../../src/passes/fold.ts';
import { runPasses } from '../../src/passes/index.ts';
import { type DType, numbersOf, Tensor } from '../../src/tensor.ts';
import { expectError, opsOf, randomTensor, transform } from '../support/graphs.ts';

const run = (graph: Graph, ops = OPS): void => void runPasses(graph, { ops, passes: [bind, fold] });

test('mask * weight folds', () => {
  const g = new GraphBuilder();
  const mask = g.constant(new Tensor('float32', [1, 0, 0, 1], [2, 2]));
  const weight = g.constant(randomTensor([2, 2]));
  g.output(g.matMul(g.input('x', 'float32', [1, 2]), g.mul(weight, mask)), 'y');
  const { graph } = transform(g.build(), []);
  assert.equal(opsOf(graph), ['MatMul', 'Identity']);
  const [, w] = graph.nodes[0].inputs;
  assert.equal(
    [1, 2].map((i) => graph.values.get(w)!.constant!.data[i]),
    [0, 0],
  );
  assert.is(graph.values.has(weight), false, 'what was folded is gone');
});

test('the shape arithmetic of dynamic exports folds', () => {
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', ['n', 2, 3]);
  const zero = g.constant(new Tensor('int64', [0], []));
  const axes = g.constant(new Tensor('int64', [0], [1]));
  const batch = g.node('Unsqueeze', [g.node('Gather', [g.node('Shape', [x]), zero], { axis: 0 }), axes]);
  const shape = g.node('Concat', [batch, g.constant(new Tensor('int64', [-1], [1]))], { axis: 0 });
  g.output(g.node('Reshape', [x, shape]), 'y');
  const { graph } = transform(g.build(), [], { shapes: { x: [4, 2, 3] } });
  assert.equal(opsOf(graph), ['Reshape', 'Identity']);
  assert.equal(graph.values.get('y')!.dims, [4, 6]);
});

test('the clamp of a folded node is applied', () => {
  const g = new GraphBuilder();
  const c = g.constant(new Tensor('float32', [-2, 2], [2]));
  g.output(g.add(g.input('x', 'float32', [2]), g.add(c, c)), 'y');
  const graph = g.build();
  graph.nodes[0].clamp = { lo: 0, hi: 3 };
  run(graph);
  assert.equal(numbersOf(graph.values.get(graph.nodes[0].inputs[1])!.constant!), [0, 3]);
});

test('a graph output may become a constant', () => {
  const g = new GraphBuilder();
  g.input('x', 'float32', [2]);
  g.output(g.relu(g.constant(new Tensor('float32', [-1, 1], [2]))), 'y');
  const graph = g.build();
  run(graph);
  assert.equal(opsOf(graph), []);
  assert.equal(numbersOf(graph.values.get('y')!.constant!), [0, 1]);
  assert.equal(graph.inputs, ['x']);
});

test('values fixed at compile time fold', () => {
  const g = new GraphBuilder();
  const scale = g.input('scale', 'float32', [2]);
  g.output(g.mul(g.input('x', 'float32', [2]), g.relu(scale)), 'y');
  const values = { scale: new Tensor('float32', [2, -2], [2]) };
  const { graph } = transform(g.build(), [], { values });
  assert.equal(opsOf(graph), ['Mul', 'Identity']);
});

/** An op that would make 256 MB of nothing. */
const blowUp = (lower?: Op['lower']): Op => ({
  name: 'BlowUp',
  onnx: {},
  infer: () => [{ type: 'float32', dims: [2 ** 26] }],
  reference: () => assert.unreachable('it is too large to run') as never,
  lower,
  cases: [],
});

test('a result that is far larger than its inputs is not computed', () => {
  const build = (): Graph => {
    const g = new GraphBuilder();
    g.output(g.node('BlowUp', [g.constant(new Tensor('float32', [1], [1]))]));
    return g.build();
  };
  const graph = build();
  run(graph, new Map([...OPS, ['BlowUp', blowUp(() => [])]]));
  assert.equal(opsOf(graph), ['BlowUp']);
  expectError('OUT_OF_MEMORY', /BlowUp 'BlowUp'.*268435456/, () =>
    run(build(), new Map([...OPS, ['BlowUp', blowUp()]])),
  );
});

test('products of constants that would take minutes are left', () => {
  const g = new GraphBuilder();
  const a = g.constant(new Tensor('float32', new Float32Array(2 ** 22), [2 ** 11, 2 ** 11]));
  g.output(g.matMul(a, a));
  const graph = g.build();
  run(graph);
  assert.equal(opsOf(graph), ['MatMul']);
});

test('unsupported forms are listed together', () => {
  const picky: Op = { ...blowUp(), name: 'Picky', infer: (call) => call.unsupported('not in this form') };
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', [1]);
  const first = g.node('Picky', [x], {}, undefined, 'p1');
  g.output(g.relu(first));
  g.output(g.node('Picky', [x], {}, undefined, 'p2'));
  expectError('UNSUPPORTED_OP', /2 nodes.*Picky 'p1': not in this form; Picky 'p2'/, () =>
    run(g.build(), new Map([...OPS, ['Picky', picky]])),
  );
});

test('what an unsupported node feeds is not judged, declared or not', () => {
  const picky: Op = { ...blowUp(), name: 'Picky', infer: (call) => call.unsupported('not in this form') };
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', [1, 2]);
  g.output(g.relu(g.node('Picky', [x], {}, undefined, 'p1')), 'declared', [7, 7]);
  g.output(g.matMul('declared', g.constant(randomTensor([2, 2]))));
  expectError('UNSUPPORTED_OP', /^Picky 'p1': not in this form$/, () =>
    run(g.build(), new Map([...OPS, ['Picky', picky]])),
  );
});

test('floating types that kernels do not compute with are not supported, other types a mistake', () => {
  const gemm = (type: DType): (() => void) => {
    const g = new GraphBuilder();
    g.output(g.gemm(g.input('x', type, [1, 2]), randomTensor([3, 2]), undefined, { name: 'fc' }));
    return () => run(g.build());
  };
  for (const type of ['float64', 'float16'] as const)
    expectError(
      'UNSUPPORTED_OP',
      new RegExp(`^Gemm 'fc': input 0 is ${type}; kernels compute in float32$`),
      gemm(type),
    );
  expectError('INVALID_MODEL', /^Gemm 'fc': input 0: expected float32, found bool$/, gemm('bool'));
});

test('no value has 2 GiB or more', () => {
  const conv = (side: number): (() => void) => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [1, 1, side, side]);
    g.output(g.conv(x, randomTensor([4, 1, 1, 1]), undefined, { name: 'c' }));
    return () => run(g.build());
  };
  conv(2 ** 13 - 1)();
  expectError(
    'OUT_OF_MEMORY',
    /^Conv 'c': output '.*' \(float32 1x4x16384x16384\) takes 4294967296 bytes/,
    conv(2 ** 14),
  );
  expectError('OUT_OF_MEMORY', /^input 'x' \(float32 1x1x32768x32768\) takes 4294967296 bytes/, conv(2 ** 15));
  const g = new GraphBuilder();
  const shape = g.constant(new Tensor('int64', [2 ** 20, 2 ** 20], [2]));
  g.output(g.add(g.node('ConstantOfShape', [shape]), g.input('x', 'float32', [1])));
  expectError('OUT_OF_MEMORY', /^ConstantOfShape 'ConstantOfShape': output/, () => run(g.build()));
});

test('a mistake of the model names the node', () => {
  const g = new GraphBuilder();
  g.output(g.matMul(g.input('x', 'float32', [1, 3]), g.constant(randomTensor([4, 2])), { name: 'fc' }));
  expectError('INVALID_MODEL', /MatMul 'fc'/, () => run(g.build()));
});

test('declared output dims have to hold', () => {
  const build = (dims: (number | string)[]): Graph => {
    const g = new GraphBuilder();
    g.output(g.relu(g.input('x', 'float32', ['n', 2])), 'y');
    const graph = g.build();
    graph.values.get('y')!.dims = dims;
    return graph;
  };
  run(build(['anything', 2]));
  expectError('INVALID_MODEL', /graph output 'y' is declared 1x3, inferred 1x2/, () => run(build([1, 3])));
  expectError('INVALID_MODEL', /graph output 'y'/, () => run(build(['n'])));
});

test('an extra output that nobody reads is dropped, one that is read is not supported', () => {
  const build = (read: boolean): Graph => {
    const g = new GraphBuilder();
    g.node('Relu', [g.input('x', 'float32', [1])], {}, ['y', 'mask'], 'r');
    g.output('y');
    if (read) g.output('mask');
    return g.build();
  };
  const graph = build(false);
  run(graph);
  assert.equal(graph.nodes[0].outputs, ['y']);
  expectError('UNSUPPORTED_OP', /Relu 'r': output 'mask'/, () => run(build(true)));
});

test('dead code goes, graph inputs stay', () => {
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', [2]);
  g.input('unused', 'float32', [2]);
  g.constant(randomTensor([2]), 'orphan');
  g.relu(g.mul(x, g.constant(randomTensor([2]), 'only-dead')));
  g.output(g.node('Tanh', [x]), 'y');
  const { graph, notes } = transform(g.build(), [deadCode]);
  assert.equal(opsOf(graph), ['Tanh', 'Identity']);
  assert.equal(graph.inputs, ['x', 'unused']);
  assert.not.ok(graph.values.has('orphan') || graph.values.has('only-dead'));
  assert.is(graph.values.size, 4);
  assert.match(notes.join(), /2 unused nodes/);
  new Editor(graph);
});

test.run();
