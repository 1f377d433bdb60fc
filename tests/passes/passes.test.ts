import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { OPS } from '../../src/ops/index.ts';
import { PASSES, runPasses } from '../../src/passes/index.ts';
import { sizeOf, Tensor } from '../../src/tensor.ts';
import { expectError, numbers, opsOf, random, randomTensor, transform } from '../support/graphs.ts';

const all = PASSES.slice(2);

/** Weights of which about half the rows and half of the rest are zero. */
function sparse(dims: number[], next: () => number): Tensor {
  const row = sizeOf(dims) / dims[0];
  const zeroRows = Array.from({ length: dims[0] }, () => next() > 0.3);
  const data = Float32Array.from({ length: sizeOf(dims) }, (_, i) =>
    zeroRows[Math.floor(i / row)] || next() > 0 ? 0 : next(),
  );
  return new Tensor('float32', data, dims);
}

/** A random stack of layers on images, ending in a classifier. */
function randomNet(seed: number): Graph {
  const next = random(seed);
  const pick = (n: number) => Math.floor(((next() + 1) / 2) * n);
  const g = new GraphBuilder(`net${seed}`);
  let channels = 3;
  let side = 9;
  let x = g.input('x', 'float32', ['batch', channels, side, side]);
  const vector = () => Array.from({ length: channels }, next);
  for (let layer = 0; layer < 8; layer++) {
    const dims = [channels, 1, 1];
    const per = () => g.constant(new Tensor('float32', vector(), dims));
    switch (pick(10)) {
      case 0:
      case 1: {
        const out = 2 + pick(5);
        const [k, pad] = [
          [1, 0],
          [3, 1],
          [3, 0],
          [1, 1],
        ][pick(side > 3 ? 4 : 2)];
        const pads = [pad, pad, pad, pad];
        const bias = pick(2) ? Array.from({ length: out }, () => (pick(2) ? next() : 0)) : undefined;
        x = g.conv(x, sparse([out, channels, k, k], next), bias, { kernel_shape: [k, k], pads });
        channels = out;
        side += 2 * pad - k + 1;
        break;
      }
      case 2: {
        if (channels < 2) break;
        const pads = [1, 1, 1, 1];
        x = g.conv(x, sparse([channels, 1, 3, 3], next), vector(), { kernel_shape: [3, 3], pads, group: channels });
        break;
      }
      case 3:
        x = g.batchNormalization(
          x,
          vector(),
          vector(),
          vector(),
          vector().map((v) => Math.abs(v) + 0.5),
        );
        break;
      case 4:
        x = pick(2) ? g.relu(x) : g.clip(x, 0, 0.5);
        break;
      case 5:
        x = pick(2) ? g.add(x, per()) : g.mul(per(), x);
        break;
      case 6:
        if (side < 4) break;
        x = pick(2) ? g.maxPool(x, [2, 2], { strides: [2, 2] }) : g.averagePool(x, [2, 2], { strides: [2, 2] });
        side = Math.floor(side / 2);
        break;
      case 7: {
        const pads = g.constant(new Tensor('int64', [0, 0, 1, 1, 0, 0, 1, 1], [8]));
        x = g.node('Pad', [x, pads]);
        side += 2;
        break;
      }
      case 8:
        x = g.add(g.node('Identity', [x]), g.node('LeakyRelu', [x], { alpha: 0.1 }));
        break;
      default:
        x = g.node('Dropout', [x]);
    }
  }
  const h = g.node(
    'Gemm',
    [g.flatten(x), g.constant(sparse([channels * side * side, 6], next)), g.constant(randomTensor([6], seed))],
    {
      alpha: 0.5,
    },
  );
  g.output(g.softmax(g.add(g.matMul(g.relu(h), sparse([6, 4], next)), g.constant(randomTensor([4], seed)))), 'p');
  return g.build();
}

for (let seed = 1; seed <= 60; seed++) {
  test(`a random net computes the same behind all passes (${seed})`, () => {
    const { graph } = transform(randomNet(seed), all, { shapes: { x: [2, 3, 9, 9] } });
    for (const op of ['Identity', 'Dropout', 'BatchNormalization']) assert.not.ok(opsOf(graph).includes(op), op);
  });
}

test('conv, norm, activation, pool and classifier come down to the kernels that run them', () => {
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', ['n', 1, 8, 8]);
  const c = g.conv(x, randomTensor([4, 1, 3, 3]), undefined, { kernel_shape: [3, 3] });
  const b = g.batchNormalization(c, numbers(4), numbers(4, 2), numbers(4, 3), [1, 2, 3, 4]);
  const p = g.maxPool(g.node('Dropout', [g.relu(b)]), [2, 2], { strides: [2, 2] });
  g.output(g.add(g.matMul(g.flatten(p), randomTensor([36, 10])), g.constant(randomTensor([10]))), 'y');
  const { graph, reports } = transform(g.build(), all);
  assert.equal(opsOf(graph), ['Conv', 'MaxPool', 'Flatten', 'MatMul']);
  assert.equal(graph.nodes[0].clamp, { lo: 0, hi: Number.POSITIVE_INFINITY });
  assert.equal(
    reports.map(({ pass }) => pass),
    PASSES.map(({ name }) => name),
  );
});

test('a pass that breaks the graph is caught and named', () => {
  const g = new GraphBuilder();
  g.output(g.relu(g.input('x', 'float32', [1])), 'y');
  const vandal = {
    name: 'vandal',
    run(graph: Graph): string[] {
      graph.nodes.pop();
      return [];
    },
  };
  expectError('INTERNAL', /'vandal'.*graph output 'y'/, () => runPasses(g.build(), { ops: OPS, passes: [vandal] }));
});

test.run();
