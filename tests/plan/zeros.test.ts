import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { OPS } from '../../src/ops/index.ts';
import { fold } from '../../src/passes/fold.ts';
import { runPasses } from '../../src/passes/index.ts';
import { expectedZeros } from '../../src/plan/zeros.ts';
import { Tensor } from '../../src/tensor.ts';

function share(build: (g: GraphBuilder, x: string) => string, measured = new Map()): number {
  const g = new GraphBuilder('net');
  const y = build(g, g.input('x', 'float32', [2, 3]));
  g.output(y);
  const graph = g.build();
  runPasses(graph, { ops: OPS, passes: [fold] });
  return expectedZeros(graph, OPS, measured).get(y)?.elements ?? 0;
}

const op = (g: GraphBuilder, name: string, ...inputs: string[]): string => g.node(name, inputs);

test('a ReLU makes zeros, products keep those of both operands, sums none', () => {
  assert.is(
    share((g, x) => op(g, 'Relu', x)),
    0.5,
  );
  assert.is(
    share((g, x) => op(g, 'Sigmoid', x)),
    0,
  );
  assert.is(
    share((g, x) => op(g, 'Mul', op(g, 'Relu', x), x)),
    0.5,
  );
  assert.is(
    share((g, x) => op(g, 'Mul', op(g, 'Relu', x), op(g, 'Relu', x))),
    0.75,
  );
  assert.is(
    share((g, x) => op(g, 'Add', op(g, 'Relu', x), op(g, 'Relu', x))),
    0,
  );
});

test('a square has the zeros of its base', () => {
  assert.is(
    share((g, x) => {
      const r = op(g, 'Relu', x);
      return op(g, 'Mul', r, r);
    }),
    0.5,
  );
});

test('powers keep zeros, gates make some', () => {
  const power = (g: GraphBuilder, x: string, exponent: number) =>
    op(g, 'Pow', op(g, 'Relu', x), g.constant(new Tensor('float32', [exponent], [])));
  assert.is(
    share((g, x) => power(g, x, 2)),
    0.5,
  );
  assert.is(
    share((g, x) => power(g, x, -1)),
    0,
  );
  assert.is(
    share((g, x) => op(g, 'Mul', op(g, 'HardSigmoid', x), x)),
    0.25,
  );
});

test('what is measured counts more than what is expected', () => {
  const stats = { elements: 0.9, tiles: 0.25, measured: true };
  assert.is(
    share((g, x) => op(g, 'Relu', x), new Map([['x', stats]])),
    0.9,
  );
  assert.is(
    share((g, x) => op(g, 'Neg', x), new Map([['x', stats]])),
    0.9,
  );
});

test.run();
