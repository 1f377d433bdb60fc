import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compileGraph, exportOnnx, importOnnx } from '../../src/compile.ts';
import { evaluate } from '../../src/graph/evaluate.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { regionsOf } from '../../src/graph/regions.ts';
import { OPS } from '../../src/ops/index.ts';
import { numbersOf, Tensor } from '../../src/tensor.ts';
import { opsOf } from '../support/graphs.ts';
import {
  attribute,
  blob,
  bytes,
  floats,
  info,
  ints,
  model,
  node,
  type Part,
  sub,
  tensorAttr,
  text,
} from '../support/onnx_bytes.ts';
import { raises } from '../support/raises.ts';

const BOOL = 9;

interface Branch {
  nodes?: Part[][];
  initializers?: Part[][];
  inputs?: Part[][];
  outputs?: string[];
}

/** Fields of a GraphProto. */
const graphOf = ({ nodes = [], initializers = [], inputs = [], outputs = [] }: Branch): Uint8Array =>
  bytes(
    ...nodes.map((fields) => sub(1, ...fields)),
    text(2, 'branch'),
    ...initializers.map((fields) => sub(5, ...fields)),
    ...inputs.map((fields) => sub(11, ...fields)),
    ...outputs.map((name) => sub(12, text(1, name))),
  );

const graphAttr = (name: string, branch: Branch | Uint8Array): Part[] =>
  attribute(name, 5, blob(6, branch instanceof Uint8Array ? branch : graphOf(branch)));

const ifNode = (condition: string, outputs: string[], onTrue: Branch, onFalse: Branch, name = 'if'): Part[] =>
  node('If', [condition], outputs, {
    name,
    attrs: [graphAttr('then_branch', onTrue), graphAttr('else_branch', onFalse)],
  });

const single = (op: string, inputs: string[], output: string): Branch => ({
  nodes: [node(op, inputs, [output])],
  outputs: [output],
});

/** Inputs `x` of 3 numbers and `c`; output `y`. */
const modelOf = (...nodes: Part[][]): Uint8Array =>
  model({ nodes, inputs: [info('x', [3]), info('c', [], BOOL)], outputs: [info('y', [3])] });

const run = (graph: Graph, c: boolean): number[] =>
  numbersOf(evaluate(graph, OPS, { x: new Tensor('float32', [1, -2, 3]), c: new Tensor('bool', [c ? 1 : 0], []) }).y);

test('names of branches are their own; outer ones are seen, constants and nested Ifs too', () => {
  const inner: Branch = {
    nodes: [
      node('Constant', [], ['k'], { attrs: [tensorAttr('value', floats('', [], [10]))] }),
      node('Mul', ['h', 'k'], ['t']),
      ifNode('c', ['u'], single('Relu', ['t'], 'v'), single('Neg', ['t'], 'v'), 'inner'),
    ],
    outputs: ['u'],
  };
  const other: Branch = {
    nodes: [node('Add', ['h', 'k'], ['t'])],
    initializers: [floats('k', [1], [100])],
    outputs: ['t'],
  };
  const graph = importOnnx(
    modelOf(node('Abs', ['x'], ['h']), ifNode('c', ['t'], inner, other), node('Neg', ['t'], ['y'])),
  );
  assert.equal(run(graph, true), [-10, -20, -30]);
  assert.equal(run(graph, false), [-101, -102, -103]);
  const names = graph.nodes.flatMap(({ outputs }) => outputs);
  assert.is(new Set(names).size, names.length);
  const regions = regionsOf(graph.nodes, graph.outputs);
  assert.equal(
    graph.nodes.map((n) => [n.op, regions.of(n).depth]),
    [
      ['Abs', 0],
      ['Mul', 1],
      ['Relu', 2],
      ['Neg', 2],
      ['If', 1],
      ['Add', 1],
      ['If', 0],
      ['Neg', 0],
    ],
  );
  assert.equal(importOnnx(exportOnnx(graph)), importOnnx(exportOnnx(importOnnx(exportOnnx(graph)))));
  assert.equal(run(importOnnx(exportOnnx(graph)), false), [-101, -102, -103]);
});

test('a branch may give what stands outside of it, a constant, or one value twice', () => {
  const nodes = [
    ifNode(
      'c',
      ['a', 'b'],
      { outputs: ['x', 'x'] },
      { initializers: [floats('k', [3], [4, 5, 6])], outputs: ['k', 'x'] },
    ),
    node('Sub', ['a', 'b'], ['y']),
  ];
  for (const graph of [importOnnx(modelOf(...nodes)), importOnnx(exportOnnx(importOnnx(modelOf(...nodes))))]) {
    assert.equal(run(graph, true), [0, 0, 0]);
    assert.equal(run(graph, false), [3, 7, 3]);
  }
});

test('of an If whose condition is known the other branch goes unseen', () => {
  const squeeze: Branch = {
    initializers: [ints('axes', [1], [0])],
    nodes: [node('Squeeze', ['x', 'axes'], ['s'])],
    outputs: ['s'],
  };
  const onnx = modelOf(
    node('Shape', ['x'], ['dims']),
    node('Equal', ['dims', 'one'], ['fits']),
    node('Constant', [], ['one'], { attrs: [tensorAttr('value', ints('', [1], [1]))] }),
    ifNode('fits', ['y'], squeeze, single('Neg', ['x'], 'n')),
  );
  const { planSet } = compileGraph(importOnnx(onnx));
  assert.equal(opsOf(planSet.plans[0].graph), ['Neg']);
  assert.equal([...planSet.plans[0].graph.values.keys()].sort(), ['c', 'x', 'y']);
});

test('branches of different shapes are refused by name', () => {
  const flat: Branch = {
    initializers: [ints('dims', [2], [1, 3])],
    nodes: [node('Reshape', ['x', 'dims'], ['r'])],
    outputs: ['r'],
  };
  const graph = importOnnx(
    model({
      nodes: [ifNode('c', ['y'], flat, single('Neg', ['x'], 'n'), 'choice')],
      inputs: [info('x', [3]), info('c', [], BOOL)],
      outputs: [info('y', [null])],
    }),
  );
  raises(() => compileGraph(graph), 'UNSUPPORTED_OP', /If 'choice': output 0 has dims 1x3 in then_branch, 3 in else/);
});

test('malformed Ifs are refused by name', () => {
  const fine = single('Neg', ['x'], 'n');
  const fails = (pattern: RegExp, ...nodes: Part[][]) =>
    raises(() => importOnnx(modelOf(...nodes)), 'INVALID_MODEL', pattern);
  const attrs = (...list: Part[][]) => node('If', ['c'], ['y'], { name: 'if', attrs: list });
  fails(/If 'if' has one graph then_branch, found 0/, attrs(graphAttr('else_branch', fine)));
  fails(/If 'if' has one graph else_branch, found 0/, attrs(graphAttr('then_branch', fine)));
  fails(/found no graph/, attrs(attribute('then_branch', 4, text(4, 'x')), graphAttr('else_branch', fine)));
  fails(
    /truncated or damaged/,
    attrs(graphAttr('then_branch', new Uint8Array([10, 200])), graphAttr('else_branch', fine)),
  );
  fails(/1 outputs, its then_branch gives 0/, ifNode('c', ['y'], { nodes: fine.nodes }, fine));
  fails(
    /2 outputs, its else_branch gives 1/,
    ifNode('c', ['y', 'z'], { nodes: fine.nodes, outputs: ['n', 'n'] }, fine),
  );
  fails(/its output reads 'm', which nothing makes/, ifNode('c', ['y'], { ...fine, outputs: ['m'] }, fine));
  fails(
    /reads 'hidden', which nothing makes/,
    ifNode('c', ['y'], single('Neg', ['x'], 'hidden'), single('Neg', ['hidden'], 'n')),
  );
  fails(/has 1 inputs, a branch has none/, ifNode('c', ['y'], { ...fine, inputs: [info('p', [3])] }, fine));
  fails(/value 'n' is defined twice/, ifNode('c', ['y'], { ...fine, nodes: [...fine.nodes!, ...fine.nodes!] }, fine));
  fails(/the nodes form a cycle/, ifNode('c', ['y'], single('Neg', ['y'], 'n'), fine));
  fails(/has one input, its condition/, ifNode('', ['y'], fine, fine));
});

test('Ifs inside of one another are bounded', () => {
  const nested = (depth: number): Branch =>
    depth === 0
      ? single('Neg', ['x'], 'n')
      : { nodes: [ifNode('c', ['u'], nested(depth - 1), { outputs: ['x'] })], outputs: ['u'] };
  const onnx = (depth: number) => modelOf(ifNode('c', ['y'], nested(depth - 1), { outputs: ['x'] }));
  assert.is(importOnnx(onnx(32)).nodes.length, 33);
  raises(() => importOnnx(onnx(33)), 'INVALID_MODEL', /at most 32 Ifs stand inside of one another/);
});

test.run();
