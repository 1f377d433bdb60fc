import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { isNormalGemm } from '../../src/graph/linear.ts';
import { normalizeGemm } from '../../src/passes/normalize_gemm.ts';
import { nodeOf, opsOf, randomTensor, transform } from '../support/graphs.ts';

interface Form {
  alpha?: number;
  beta?: number;
  transA?: number;
  transB?: number;
  /** Dims of C. */
  c?: number[];
  runtimeB?: boolean;
  runtimeC?: boolean;
}

/** Y (2x4) from A (2x3) and B (3x4). */
function gemm(form: Form): Graph {
  const { c, runtimeB, runtimeC, ...attrs } = form;
  const g = new GraphBuilder();
  const operand = (name: string, dims: number[], fed?: boolean) =>
    fed ? g.input(name, 'float32', dims) : g.constant(randomTensor(dims, name.length), name);
  const inputs = [
    operand('a', form.transA ? [3, 2] : [2, 3], true),
    operand('bb', form.transB ? [4, 3] : [3, 4], runtimeB),
  ];
  if (c) inputs.push(operand('ccc', c, runtimeC));
  g.node('Gemm', inputs, attrs, ['y']);
  g.output('y');
  return g.build();
}

const cases: [string, Form, string[]][] = [
  ['plain', {}, ['Gemm']],
  ['normal already', { transB: 1, c: [4] }, ['Gemm']],
  ['scaled', { alpha: 0.5, beta: 2, c: [4] }, ['Gemm']],
  ['transposed B', { transB: 1, alpha: 3 }, ['Gemm']],
  ['transposed A', { transA: 1 }, ['Transpose', 'Gemm']],
  ['a scalar C', { c: [] }, ['Gemm']],
  ['C of one element', { c: [1], beta: -1 }, ['Gemm']],
  ['a C row', { c: [1, 4] }, ['Gemm']],
  ['a C column', { c: [2, 1], beta: 2 }, ['Gemm', 'Add']],
  ['a whole C', { c: [2, 4] }, ['Gemm', 'Add']],
  ['a computed C', { c: [4], runtimeC: true }, ['Gemm', 'Add']],
  ['a computed, scaled C', { c: [4], runtimeC: true, beta: 2 }, ['Gemm', 'Mul', 'Add']],
  ['a C that does not count', { c: [2, 4], beta: 0 }, ['Gemm']],
  ['a computed B', { runtimeB: true }, ['MatMul']],
  [
    'a computed B with all',
    { runtimeB: true, transA: 1, transB: 1, alpha: 2, c: [4] },
    ['Transpose', 'Transpose', 'Mul', 'MatMul', 'Add'],
  ],
];

for (const [name, form, ops] of cases) {
  test(name, () => {
    const { graph, notes } = transform(gemm(form), [normalizeGemm]);
    assert.equal(opsOf(graph), ops);
    assert.ok(notes.length <= 1, 'it is done once');
    if (form.runtimeB) return;
    const node = nodeOf(graph, 'Gemm');
    assert.ok(isNormalGemm(node));
    assert.equal(graph.values.get(node.inputs[1])!.dims, [4, 3]);
    if (node.inputs[2]) assert.equal(graph.values.get(node.inputs[2])!.dims, [4]);
  });
}

test('one output', () => {
  const g = new GraphBuilder();
  g.node(
    'Gemm',
    [g.input('a', 'float32', [2, 3]), g.constant(randomTensor([3, 1])), g.constant(randomTensor([1]))],
    {},
    ['y'],
  );
  g.output('y');
  assert.is(transform(g.build(), [normalizeGemm]).notes.length, 1);
});

test('nodes that share B share its normal form', () => {
  const g = new GraphBuilder();
  const b = g.constant(randomTensor([3, 3]));
  const once = g.node('Gemm', [g.input('a', 'float32', [2, 3]), b], { alpha: 2 });
  g.output(g.node('Gemm', [g.node('Gemm', [once, b]), b], { alpha: 2 }));
  const { graph } = transform(g.build(), [normalizeGemm]);
  const [first, second, third] = graph.nodes.map(({ inputs }) => inputs[1]);
  assert.is(first, third);
  assert.is.not(first, second);
});

test('a shared B keeps its other uses', () => {
  const g = new GraphBuilder();
  const a = g.input('a', 'float32', [2, 3]);
  const b = g.constant(randomTensor([3, 3]));
  g.output(g.node('Gemm', [a, b], { alpha: 2 }));
  g.output(g.matMul(a, b));
  transform(g.build(), [normalizeGemm]);
});

test.run();
