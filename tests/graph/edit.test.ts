import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { cloneGraph, Editor } from '../../src/graph/edit.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { type Rule, rewrite } from '../../src/graph/rewrite.ts';
import { Tensor } from '../../src/tensor.ts';
import { expectError } from '../support/graphs.ts';

/** x -> Relu -> a -> Identity -> b -> Tanh -> t; outputs b and t. All dims set. */
function chain(): Graph {
  const g = new GraphBuilder();
  g.input('x', 'float32', [4]);
  g.node('Relu', ['x'], {}, ['a']);
  g.node('Identity', ['a'], {}, ['b']);
  g.node('Tanh', ['b'], {}, ['t']);
  g.output('b');
  g.output('t');
  const graph = g.build();
  for (const value of graph.values.values()) value.dims = [4];
  return graph;
}

test('the producer of a graph output can go: the surviving value takes over its name', () => {
  const graph = chain();
  const edit = new Editor(graph);
  const identity = graph.nodes[1];
  edit.replaceUses('b', 'a');
  edit.removeNode(identity);
  edit.commit();
  assert.equal(
    graph.nodes.map((n) => [n.op, ...n.inputs, ...n.outputs]),
    [
      ['Relu', 'x', 'b'],
      ['Tanh', 'b', 't'],
    ],
  );
  assert.equal(graph.outputs, ['b', 't']);
  assert.not.ok(graph.values.has('a'));
  assert.is(edit.producer('b'), graph.nodes[0]);
  assert.equal(edit.users('b'), [graph.nodes[1]]);
});

test('an inner value that is replaced goes', () => {
  const graph = chain();
  graph.outputs = ['t'];
  const edit = new Editor(graph);
  edit.replaceUses('b', 'a');
  edit.removeNode(graph.nodes[1]);
  edit.commit();
  assert.equal(graph.nodes[1].inputs, ['a']);
  assert.not.ok(graph.values.has('b'));
});

test('names of the surface do not merge', () => {
  const graph = chain();
  const edit = new Editor(graph);
  assert.ok(edit.canReplace('b', 'a'));
  assert.not.ok(edit.canReplace('b', 'x'), 'a graph input cannot become a graph output');
  assert.not.ok(edit.canReplace('t', 'b'), 'an output cannot become another output');
  graph.values.get('a')!.dims = [1, 4];
  assert.not.ok(edit.canReplace('b', 'a'), 'dims differ');
  expectError('INTERNAL', /'a' cannot stand in for 'b'/, () => edit.replaceUses('b', 'a'));
});

test('soleUser counts uses, and the graph output as one', () => {
  const g = new GraphBuilder();
  g.input('x', 'float32', [4]);
  g.node('Mul', ['x', 'x'], {}, ['square']);
  g.node('Relu', ['square'], {}, ['r']);
  g.output('r');
  const graph = g.build();
  const edit = new Editor(graph);
  assert.is(edit.soleUser('x'), undefined);
  assert.is(edit.soleUser('square'), graph.nodes[1]);
  assert.is(edit.soleUser('r'), undefined);
});

test('constants go with their last use', () => {
  const g = new GraphBuilder();
  g.input('x', 'float32', [4]);
  g.constant(new Tensor('float32', [1, 2, 3, 4]), 'c');
  g.node('Add', ['x', 'c'], {}, ['y']);
  g.node('Add', ['y', 'c'], {}, ['z']);
  g.output('z');
  const graph = g.build();
  const edit = new Editor(graph);
  edit.setNode(graph.nodes[0], { op: 'Relu', inputs: ['x'] });
  assert.ok(graph.values.has('c'));
  edit.setNode(graph.nodes[1], { op: 'Relu', inputs: ['y'] });
  assert.not.ok(graph.values.has('c'));
});

test('nodes are inserted in front of their anchor, names stay unique', () => {
  const graph = chain();
  const edit = new Editor(graph);
  const value = edit.addValue('a', 'float32', [4]);
  assert.is(value, 'a.1');
  assert.is(edit.addValue('a', 'float32', [4]), 'a.2');
  edit.insertNode(graph.nodes[1], { name: 'new', op: 'Neg', inputs: ['a'], outputs: [value], attrs: {} });
  edit.setNode(graph.nodes[1], { inputs: [value] });
  edit.commit();
  assert.equal(
    graph.nodes.map((n) => n.op),
    ['Relu', 'Neg', 'Identity', 'Tanh'],
  );
});

test('setOperand keeps the name of a constant that nobody else reads', () => {
  const g = new GraphBuilder();
  g.input('x', 'float32', [2]);
  g.constant(new Tensor('float32', [1, 2]), 'c');
  g.node('Add', ['x', 'c'], {}, ['y']);
  g.output('y');
  const graph = g.build();
  const edit = new Editor(graph);
  const other = new Tensor('float32', [3, 4]);
  edit.setOperand(graph.nodes[0], 1, other, '');
  assert.is(edit.constant('c'), other);
  edit.insertNode(graph.nodes[0], {
    name: 'n',
    op: 'Neg',
    inputs: ['c'],
    outputs: [edit.addValue('n', 'float32')],
    attrs: {},
  });
  edit.setOperand(graph.nodes[0], 1, new Tensor('float32', [5, 6]), '');
  assert.is(edit.constant('c'), other, 'the other reader still sees it');
  assert.equal(graph.nodes[0].inputs, ['x', 'c.1']);
  edit.setOperand(graph.nodes[0], 3, other, 'late');
  assert.equal(graph.nodes[0].inputs, ['x', 'c.1', '', 'late']);
});

test('constants do not grow without bound', () => {
  const graph = chain();
  const edit = new Editor(graph);
  const large = new Tensor('float32', new Float32Array(2 ** 26));
  for (let i = 0; i < 4; i++) edit.addConstant('copy', large);
  expectError('OUT_OF_MEMORY', /too many copies/, () => edit.addConstant('copy', large));
});

test('a rule that never ends is stopped', () => {
  const graph = chain();
  let calls = 0;
  const flip: Rule = (_graph, node) => {
    calls++;
    return node.op === 'Tanh' || node.op === 'Sigmoid'
      ? { apply: (edit) => edit.setNode(node, { op: node.op === 'Tanh' ? 'Sigmoid' : 'Tanh' }) }
      : null;
  };
  rewrite(graph, [flip], 5);
  assert.is(calls, 15);
});

test('a clone is edited alone', () => {
  const graph = chain();
  const copy = cloneGraph(graph);
  const edit = new Editor(copy);
  edit.setNode(copy.nodes[0], { attrs: { alpha: 1 }, inputs: ['t'] });
  edit.setValue('x', { dims: [5] });
  assert.equal(graph.nodes[0].inputs, ['x']);
  assert.equal(graph.nodes[0].attrs, {});
  assert.equal(graph.values.get('x')!.dims, [4]);
});

test.run();
