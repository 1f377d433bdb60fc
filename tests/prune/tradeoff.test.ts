import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { normalised, testDigits } from '../../bench/lib/mnist.ts';
import { compile, importOnnx } from '../../src/compile.ts';
import type { Graph } from '../../src/graph/ir.ts';
import {
  layersOf,
  memoryWork,
  modelled,
  paretoFront,
  shadowOf,
  tradeoff,
  type Work,
  weightsOf,
  withWeights,
  ZeroskipError,
} from '../../src/prune/index.ts';
import { load } from '../../src/runtime/load.ts';
import { Tensor } from '../../src/tensor.ts';
import { fixture } from '../support/cli.ts';

const SAMPLES = 24;
const digits = testDigits();
const indices = Array.from({ length: SAMPLES }, (_, i) => i);
const pixels = normalised(digits, indices, { scale: 255, mean: 0.1307, std: 0.3081 });
const data = { input: new Tensor('float32', pixels, [SAMPLES, 1, 28, 28]) };
const labels = digits.labels.subarray(0, SAMPLES);
const lenet = importOnnx(gunzipSync(readFileSync(fixture('dense/lenet300.dynamic.onnx.gz'))));
const layers = layersOf(lenet, shadowOf(lenet));

/** Logits of all samples, from one run. */
async function logitsOf(graph: Graph): Promise<Float32Array> {
  const model = await load(await compile(graph, { shapes: { input: [SAMPLES, 1, 28, 28] }, target: 'simd' }));
  const out = Object.values(await model.run(data))[0].data as Float32Array;
  model.dispose();
  return out.slice();
}

/** The network without the smallest weights of each layer. */
function pruned(sparsity: number): Graph {
  const weights = new Map(
    layers.map((layer) => {
      const matrix = weightsOf(layer, lenet);
      const order = [...matrix.keys()].sort((a, b) => Math.abs(matrix[a]) - Math.abs(matrix[b]));
      for (const i of order.slice(0, Math.round(sparsity * matrix.length))) matrix[i] = 0;
      return [layer.name, matrix];
    }),
  );
  return withWeights(lenet, layers, weights);
}

test('a point is what pruning, running and compiling by hand give', async () => {
  const { points, dense, ...rest } = await tradeoff(lenet, {
    data,
    labels,
    criteria: ['magnitude-l1'],
    sparsities: [0.5, 0.9],
  });
  assert.equal(rest, { pattern: 'unstructured', scope: 'layer', samples: SAMPLES, layers: layers.map((l) => l.name) });
  const wanted = await logitsOf(lenet);
  assert.is(dense.quality.mse, 0);
  assert.is(dense.sparsity, 0);
  assert.equal(
    points.map(({ criterion, wanted }) => [criterion, wanted]),
    [
      ['magnitude-l1', 0.5],
      ['magnitude-l1', 0.9],
    ],
  );
  for (const point of points) {
    const graph = pruned(point.wanted);
    const logits = await logitsOf(graph);
    const sum = (of: (i: number) => number) => wanted.reduce((total, _, i) => total + of(i), 0);
    const mse = sum((i) => (logits[i] - wanted[i]) ** 2) / sum((i) => wanted[i] ** 2);
    assert.ok(Math.abs(point.quality.mse - mse) <= 1e-4 * mse, `${point.quality.mse}, by hand ${mse}`);
    const right = indices.filter((s) => {
      const row = [...logits.subarray(10 * s, 10 * s + 10)];
      return row.indexOf(Math.max(...row)) === labels[s];
    });
    assert.is(point.quality.accuracy, right.length / SAMPLES);
    const cost = await modelled()(graph);
    assert.equal([point.ns, point.bytes], [cost.ns, cost.bytes]);
    const left = layers.map((layer) => weightsOf(layer, graph).filter((w) => w !== 0).length);
    const macs = left.reduce((total, n) => total + n, 0);
    assert.ok(Math.abs(point.macs - macs) < 1e-6 * macs);
    assert.ok(Math.abs(point.sparsity - point.wanted) < 1e-3);
  }
});

test('a global scope prunes the same share, spread otherwise; N:M has one point', async () => {
  const options = { data, criteria: ['magnitude-l1'], sparsities: [0.8] };
  const [[even], [spread]] = [
    (await tradeoff(lenet, options)).points,
    (await tradeoff(lenet, { ...options, scope: 'global' })).points,
  ];
  assert.ok(Math.abs(spread.sparsity - 0.8) < 1e-4);
  assert.not.equal(spread.quality.mse, even.quality.mse);
  assert.is(spread.quality.accuracy, undefined);
  const { points } = await tradeoff(lenet, { ...options, pattern: '2:4', criteria: ['magnitude-l1', 'wanda'] });
  assert.equal(
    points.map(({ criterion, sparsity }) => [criterion, sparsity]),
    [
      ['magnitude-l1', 0.5],
      ['wanda', 0.5],
    ],
  );
});

test('criteria that update weights follow the scope', async () => {
  const options = { data, criteria: ['sparsegpt'], sparsities: [0.9] };
  const [even] = (await tradeoff(lenet, options)).points;
  const [erk] = (await tradeoff(lenet, { ...options, scope: 'erk' })).points;
  for (const { sparsity } of [even, erk]) assert.ok(Math.abs(sparsity - 0.9) < 2e-3, String(sparsity));
  assert.ok(erk.quality.mse < even.quality.mse, `${erk.quality.mse} < ${even.quality.mse}`);
});

test('channels are removed: a point counts what is left of the weights', async () => {
  const { points, layers: names } = await tradeoff(lenet, {
    data,
    criteria: ['filter-l2'],
    pattern: 'channel',
    sparsities: [0.5],
  });
  assert.equal(names, ['/fc1/Gemm', '/fc2/Gemm', '/fc3/Gemm']);
  const left = 784 * 150 + 150 * 50 + 50 * 10;
  const all = 784 * 300 + 300 * 100 + 100 * 10;
  assert.ok(Math.abs(points[0].sparsity - (1 - left / all)) < 1e-9, String(points[0].sparsity));
  assert.ok(Math.abs(points[0].macs - left) < 1e-6);
});

test('a run that was stopped goes on from its measurements', async () => {
  const kept = memoryWork();
  const written: string[] = [];
  const work: Work = {
    async open(fingerprint) {
      const session = await kept.open(fingerprint);
      return {
        get: session.get,
        set: (key, values) => {
          written.push(key);
          session.set(key, values);
        },
      };
    },
  };
  const options = { data, labels, criteria: ['magnitude-l1', 'wanda'], sparsities: [0.5, 0.9], work };
  const stop = new AbortController();
  const stopped = tradeoff(lenet, { ...options, signal: stop.signal, onProgress: (s) => s > 0.5 && stop.abort() });
  await stopped.then(
    () => assert.unreachable(),
    (e: ZeroskipError) => assert.is(e.code, 'ABORTED'),
  );
  const before = written.length;
  assert.ok(before > 0 && before < 5);
  const shares: number[] = [];
  const found = await tradeoff(lenet, { ...options, onProgress: (share) => shares.push(share) });
  assert.is(written.length, 5);
  assert.is(new Set(written).size, 5);
  assert.equal(found, await tradeoff(lenet, { ...options, work: undefined }));
  assert.is(shares.at(-1), 1);
  assert.equal(shares, shares.toSorted());
});

test('what is wrong is said', async () => {
  const wrong: [object, RegExp][] = [
    [{ criteria: ['magnitude'] }, /criterion: expected .*did you mean 'magnitude-l1'\?/],
    [{ pattern: '3:2' }, /1 <= N <= M/],
    [{ sparsities: [1] }, /tradeoff: sparsities: expected a share of at least 0 and below 1, found 1/],
    [{ scope: 'auto' }, /scope: expected layer, global or erk, found/],
    [{ data: undefined }, /tradeoff: data are needed/],
    [{ layers: ['/fc9'] }, /no layer fits '\/fc9'/],
  ];
  for (const [options, message] of wrong) {
    const run = tradeoff(lenet, { data, criteria: ['magnitude-l1'], sparsities: [0.5], ...options } as never);
    await run.then(
      () => assert.unreachable(String(message)),
      (e: Error) => {
        assert.instance(e, ZeroskipError);
        assert.match(e.message, message);
      },
    );
  }
});

test('the Pareto front holds what no other point beats', () => {
  const point = fc.record({ cost: fc.integer({ min: 0, max: 6 }), value: fc.integer({ min: 0, max: 6 }) });
  fc.assert(
    fc.property(fc.array(point, { maxLength: 12 }), (points) => {
      const front = paretoFront(points);
      const beaten = ({ cost, value }: { cost: number; value: number }) =>
        points.some((p) => p.cost <= cost && p.value >= value && (p.cost < cost || p.value > value));
      const best = new Set(points.filter((p) => !beaten(p)).map((p) => `${p.cost} ${p.value}`));
      assert.equal(new Set(front.map((i) => `${points[i].cost} ${points[i].value}`)), best);
      assert.is(front.length, best.size);
      assert.ok(front.every((i, k) => k === 0 || points[i].cost > points[front[k - 1]].cost));
    }),
  );
  assert.equal(paretoFront([{ cost: Number.NaN, value: 1 }]), []);
});

test.run();
