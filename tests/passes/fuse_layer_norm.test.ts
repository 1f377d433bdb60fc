import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { fuseActivation } from '../../src/passes/fuse_activation.ts';
import { fuseLayerNorm } from '../../src/passes/fuse_layer_norm.ts';
import { Tensor } from '../../src/tensor.ts';
import { nodeOf, opsOf, randomTensor, transform } from '../support/graphs.ts';

interface Form {
  dims?: number[];
  axes?: number[];
  /** Axes of the second mean. */
  others?: number[];
  keepdims?: number;
  square?: 'Pow' | 'Mul' | 'Cube';
  root?: 'Sqrt' | 'Pow';
  /** The difference is computed twice. */
  twice?: boolean;
  epsilon?: number;
  scale?: number[] | null;
  bias?: number[] | null;
  /** What else is an output. */
  also?: 'variance' | 'difference';
}

const scalar = (g: GraphBuilder, x: number): string => g.constant(new Tensor('float32', [x], []));

function norm(form: Form = {}): Graph {
  const {
    dims = [64, 64],
    axes = [-1],
    others = axes,
    keepdims = 1,
    square = 'Pow',
    root = 'Sqrt',
    epsilon = 0.01,
  } = form;
  const { scale = [64], bias = [64] } = form;
  const g = new GraphBuilder('norm');
  const x = g.input('x', 'float32', dims);
  const mean = (v: string, over: number[]) =>
    g.node('ReduceMean', [v, g.constant(new Tensor('int64', over, [over.length]))], { keepdims });
  const average = mean(x, axes);
  const d = g.node('Sub', [x, average]);
  const again = form.twice ? g.node('Sub', [x, average]) : d;
  const squared = square === 'Mul' ? g.mul(again, again) : g.node('Pow', [again, scalar(g, square === 'Pow' ? 2 : 3)]);
  const variance = mean(squared, others);
  const sum = g.add(scalar(g, epsilon), variance);
  const deviation = root === 'Sqrt' ? g.node('Sqrt', [sum]) : g.node('Pow', [sum, scalar(g, 0.5)]);
  let y = g.node('Div', [d, deviation]);
  if (scale) y = g.mul(g.constant(randomTensor(scale, 2)), y);
  if (bias) y = g.add(y, g.constant(randomTensor(bias, 3)));
  if (form.also === 'variance') g.output(variance);
  if (form.also === 'difference') g.output(d);
  g.output(y);
  return g.build();
}

const after = (form: Form): string[] => opsOf(transform(norm(form), [fuseLayerNorm]).graph);

test('all nodes of a layer normalisation become one', () => {
  const { graph, notes } = transform(norm(), [fuseLayerNorm]);
  assert.equal(opsOf(graph), ['LayerNormalization']);
  const node = nodeOf(graph, 'LayerNormalization');
  assert.equal(node.attrs, { axis: 1, epsilon: Math.fround(0.01) });
  assert.is(node.inputs.length, 3);
  assert.equal(
    [...graph.values.keys()].filter((name) => !graph.nodes.some((n) => [...n.inputs, ...n.outputs].includes(name))),
    [],
    'no value is left over',
  );
  assert.is(notes.length, 1);
});

test('the forms that exporters write', () => {
  const one = ['LayerNormalization'];
  assert.equal(after({ square: 'Mul' }), one);
  assert.equal(after({ root: 'Pow' }), one);
  assert.equal(after({ twice: true }), one);
  assert.equal(after({ bias: null }), one);
  assert.equal(after({ scale: null, bias: null }), one);
  assert.equal(after({ scale: null }), one);
  assert.equal(after({ scale: [1, 64], bias: [1] }), one);
  assert.equal(after({ dims: [8, 8, 8, 8], axes: [3, 2], scale: [8, 8], bias: [8, 1] }), one);
});

test('what is no layer normalisation, or is read elsewhere, stays', () => {
  const stays = (form: Form) => assert.not(after(form).includes('LayerNormalization'), JSON.stringify(form));
  stays({ square: 'Cube' });
  stays({ axes: [0] });
  stays({ others: [0] });
  stays({ dims: [8, 8, 8, 8], axes: [1], scale: null, bias: null });
  stays({ keepdims: 0 });
  stays({ also: 'variance' });
  stays({ dims: [63, 64] });
});

test('what reads the difference keeps it, and factors that differ between rows stay behind', () => {
  assert.equal(after({ also: 'difference' }), ['ReduceMean', 'Sub', 'LayerNormalization']);
  assert.equal(after({ scale: [64, 64] }), ['LayerNormalization', 'Mul', 'Add']);
  assert.equal(after({ bias: [64, 64] }), ['LayerNormalization', 'Add']);
  assert.equal(after({ dims: [1, 4096], scale: [3, 4096], bias: null }), ['LayerNormalization', 'Mul']);
});

test('a Relu behind it becomes its clamp', () => {
  const g = new GraphBuilder('relu');
  const x = g.input('x', 'float32', [3, 5]);
  g.output(g.relu(g.node('LayerNormalization', [x, g.constant(randomTensor([5]))])));
  const { graph } = transform(g.build(), [fuseActivation]);
  assert.equal(opsOf(graph), ['LayerNormalization']);
  assert.equal(graph.nodes[0].clamp, { lo: 0, hi: Number.POSITIVE_INFINITY });
});

test.run();
