import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { apoz } from '../../src/compile.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { cloneGraph } from '../../src/graph/edit.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { OPS } from '../../src/ops/index.ts';
import { bind } from '../../src/passes/bind.ts';
import { fold } from '../../src/passes/fold.ts';
import { runPasses } from '../../src/passes/index.ts';
import { Tensor } from '../../src/tensor.ts';
import { randomTensor } from '../support/graphs.ts';
import { mlp } from '../support/nets.ts';
import { rejects } from '../support/rejects.ts';
import { valuesOf } from '../support/values.ts';

const SAMPLES = 12;

/** Two convolutions and a fully connected layer; filter 1 of the first is zero, and its bias makes it dead. */
function net(): Graph {
  const g = new GraphBuilder('net');
  const x = g.input('x', 'float32', ['batch', 2, 6, 5]);
  const weights = randomTensor([4, 2, 3, 3], 1);
  weights.data.fill(0 as never, 18, 36);
  const bias = new Tensor('float32', Float32Array.of(0.1, -1, 0, 0.2));
  const attrs = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
  const a = g.node('Relu', [g.conv(x, weights, bias, attrs)], {}, undefined, 'first');
  const b = g.node('Relu', [g.conv(a, randomTensor([3, 4, 3, 3], 2), undefined, attrs)], {}, undefined, 'second');
  const c = g.node('Relu', [g.gemm(g.node('Flatten', [b]), randomTensor([7, 90], 3))], {}, undefined, 'third');
  g.output(g.gemm(c, randomTensor([5, 7], 4)), 'y');
  return g.build();
}

/** `sum_n sum_m [O(i, c, m)(n) = 0] / (N M)`, by the references of the ops, for each Relu of the model. */
function formula(graph: Graph, data: Tensor): number[][] {
  const bound = cloneGraph(graph);
  runPasses(bound, { ops: OPS, passes: [bind, fold] });
  const size = data.size / SAMPLES;
  const runs = Array.from({ length: SAMPLES }, (_, n) =>
    valuesOf(bound, {
      x: new Tensor('float32', (data.data as Float32Array).slice(n * size, (n + 1) * size), [1, 2, 6, 5]),
    }),
  );
  return bound.nodes
    .filter(({ op }) => op === 'Relu')
    .map(({ outputs: [name] }) => {
      const channels = runs[0][name].dims[1];
      const positions = runs[0][name].size / channels;
      return Array.from({ length: channels }, (_, c) => {
        let zeros = 0;
        for (const values of runs)
          for (let m = 0; m < positions; m++) if (values[name].data[c * positions + m] === 0) zeros++;
        return zeros / (SAMPLES * positions);
      });
    });
}

test('APoZ is that of the formula, for the channels of the model', async () => {
  const data = randomTensor([SAMPLES, 2, 6, 5], 9);
  const graph = net();
  const expected = formula(graph, data);
  for (const shapes of [undefined, { x: [1, 2, 6, 5] }, { x: [4, 2, 6, 5] }]) {
    const found = await apoz(graph, { data: { x: data }, shapes });
    assert.is(found.samples, SAMPLES / (shapes?.x[0] ?? 1));
    assert.equal(
      found.layers.map((layer) => layer.apoz.length),
      [4, 3, 7],
    );
    found.layers.forEach((layer, i) => {
      layer.apoz.forEach((share, c) => {
        assert.ok(Math.abs(share - expected[i][c]) < 1e-9, `layer ${i}, channel ${c}: ${share}, ${expected[i][c]}`);
      });
    });
    assert.is(found.layers[0].apoz[1], 1, 'the dead filter keeps its place');
  }
});

test('samples bounds the runs, progress hears of them', async () => {
  const shares: number[] = [];
  const data = { x: randomTensor([40, 12], 1) };
  const found = await apoz(mlp(), { data, samples: 10, progress: (share) => shares.push(share) });
  assert.is(found.samples, 10);
  assert.is(found.available, 40);
  assert.equal(
    shares,
    shares.toSorted((a, b) => a - b),
  );
  assert.is(shares.at(-1), 1);
});

test('a model without activations, and wrong options', async () => {
  const g = new GraphBuilder('linear');
  g.output(g.gemm(g.input('x', 'float32', [1, 4]), randomTensor([2, 4], 1)), 'y');
  const graph = g.build();
  const data = { x: randomTensor([3, 4], 1) };
  await rejects(() => apoz(graph, { data }), 'INVALID_ARGUMENT', /no activation/);
  await rejects(() => apoz(mlp(), { data }), 'SHAPE_MISMATCH', /^apoz: expected 'x' 1x12/);
  await rejects(() => apoz(mlp(), {} as never), 'INVALID_ARGUMENT', /^apoz: /);
  await rejects(() => apoz(mlp(), undefined as never), 'INVALID_ARGUMENT', /^apoz: /);
  await rejects(() => apoz(mlp(), { data, samples: 0 }), 'INVALID_ARGUMENT', /samples/);
});

test.run();
