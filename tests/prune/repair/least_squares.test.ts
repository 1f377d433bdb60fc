import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GraphBuilder } from '../../../src/graph/builder.ts';
import type { Graph } from '../../../src/graph/ir.ts';
import { gatherStats } from '../../../src/prune/calibration.ts';
import { DAMP } from '../../../src/prune/hessian.ts';
import { applyMask, layersOf, shadowOf, weightsOf, withWeights } from '../../../src/prune/layers.ts';
import { damped } from '../../../src/prune/linalg.ts';
import { seededRandom } from '../../../src/prune/random.ts';
import { leastSquares, optimalBrainUpdate } from '../../../src/prune/repair/least_squares.ts';
import type { Layer, Mask } from '../../../src/prune/types.ts';
import { randomTensor } from '../../support/graphs.ts';
import { bestRefit, lossOf, solveDense } from '../../support/prune_problems.ts';

/** A grouped convolution and a fully connected layer behind it. */
function network(): Graph {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'float32', ['batch', 4, 5, 5]);
  const y = builder.conv(x, randomTensor([4, 2, 2, 2], 5), undefined, { name: 'conv', kernel_shape: [2, 2], group: 2 });
  builder.output(builder.gemm(builder.flatten(builder.relu(y)), randomTensor([5, 64], 6), undefined, { name: 'fc' }));
  return builder.build();
}

async function setUp(samples: number, sparsity: number) {
  const dense = network();
  const layers = layersOf(dense, shadowOf(dense));
  const stats = await gatherStats(dense, layers, { x: randomTensor([samples, 4, 5, 5], 9) }, { gram: true });
  const random = seededRandom(3);
  const masks = new Map<string, Mask>();
  const weights = new Map<string, Float32Array>();
  for (const layer of layers) {
    const { rows, cols } = layer;
    const mask = new Uint8Array(rows * cols).map(() => (random() < sparsity ? 0 : 1));
    // Rows 0 and 1 share a mask.
    mask.copyWithin(cols, 0, cols);
    const own = weightsOf(layer, dense);
    applyMask(own, mask);
    masks.set(layer.name, mask);
    weights.set(layer.name, own);
  }
  const gramOf = (layer: Layer, r: number): Float64Array =>
    stats.get(layer.name)!.input!.gram![Math.floor((r * layer.groups) / layer.rows)];
  return { dense, layers, stats, masks, pruned: withWeights(dense, layers, weights), gramOf };
}

const rowOf = (layer: Layer, graph: Graph, r: number): Float32Array =>
  weightsOf(layer, graph).subarray(r * layer.cols, (r + 1) * layer.cols);

const traceOf = (gram: Float64Array, n: number): number =>
  Array.from({ length: n }, (_, i) => gram[i * n + i]).reduce((a, b) => a + b, 0);

test('least squares are the normal equations, row by row, and keep the masks', async () => {
  const { dense, layers, stats, masks, pruned, gramOf } = await setUp(80, 0.5);
  const before = weightsOf(layers[1], pruned);
  const damp = 1e-3;
  const { graph, changed, left } = leastSquares(pruned, dense, layers, masks, stats, { damp });
  assert.equal(changed, ['conv', 'fc']);
  assert.equal(left, []);
  assert.equal(weightsOf(layers[1], pruned), before, 'the graph that was given stays');
  for (const layer of layers) {
    const { rows, cols, name } = layer;
    for (let r = 0; r < rows; r++) {
      const gram = gramOf(layer, r);
      const ridge = (damp * traceOf(gram, cols)) / cols;
      const kept = [...Array(cols).keys()].filter((i) => masks.get(name)![r * cols + i]);
      const w = rowOf(layer, dense, r);
      const expected = solveDense(
        kept.map((i) => kept.map((j) => gram[i * cols + j] + (i === j ? ridge : 0))),
        kept.map((i) => w.reduce((sum, x, j) => sum + gram[i * cols + j] * x, ridge * w[i])),
      );
      const found = rowOf(layer, graph, r);
      kept.forEach((i, k) => {
        assert.ok(Math.abs(found[i] - expected[k]) < 1e-4, `${name} ${r}, ${i}: ${found[i]} of ${expected[k]}`);
      });
      assert.is(found.filter((x) => x !== 0).length, kept.length);
      const [error, was] = [found, rowOf(layer, pruned, r)].map((v) => lossOf(gram, w, v));
      assert.ok(error < was, `${name} ${r}: ${error} of ${was}`);
    }
  }
});

test('least squares never raise the error, whatever stands there', async () => {
  const { dense, layers, stats, masks, gramOf } = await setUp(80, 0.4);
  // Weights that are the best already, but for rounding, and others that are far off.
  const best = leastSquares(dense, dense, layers, masks, stats, { damp: 1e-9 }).graph;
  const far = new Map(layers.map((layer) => {
    const w = weightsOf(layer, best).map((x, i) => x + (i % 3) - 1);
    applyMask(w, masks.get(layer.name)!);
    return [layer.name, w];
  })); // biome-ignore format: one line
  for (const start of [best, withWeights(dense, layers, far)]) {
    for (const damp of [0, 1e-4, 1]) {
      const { graph } = leastSquares(start, dense, layers, masks, stats, { damp: damp || 1e-12 });
      for (const layer of layers) {
        for (let r = 0; r < layer.rows; r++) {
          const w = rowOf(layer, dense, r);
          const [now, was] = [graph, start].map((g) => lossOf(gramOf(layer, r), w, rowOf(layer, g, r)));
          assert.ok(now <= was * (1 + 1e-9) + 1e-12, `${layer.name} ${r}: ${now} of ${was}`);
        }
      }
    }
  }
});

test('the optimal brain update is the best refit for the damped Hessian', async () => {
  const { dense, layers, stats, masks, gramOf } = await setUp(80, 0.5);
  const { graph } = optimalBrainUpdate(dense, layers, masks, stats);
  for (const layer of layers) {
    const { rows, cols, name } = layer;
    for (let r = 0; r < rows; r++) {
      const kept = [...Array(cols).keys()].filter((i) => masks.get(name)![r * cols + i]);
      const { v } = bestRefit(damped(gramOf(layer, r), cols, DAMP), rowOf(layer, dense, r), kept);
      rowOf(layer, graph, r).forEach((x, i) => {
        assert.ok(Math.abs(x - v[i]) < 1e-4, `${name} ${r}, ${i}: ${x} of ${v[i]}`);
      });
    }
  }
});

test('a layer with fewer columns of data than weights of an output is left and named', async () => {
  const { dense, layers, stats, masks, pruned } = await setUp(20, 0.4);
  for (const { graph, changed, left } of [
    leastSquares(pruned, dense, layers, masks, stats),
    optimalBrainUpdate(pruned, layers, masks, stats),
  ]) {
    assert.equal(changed, ['conv']);
    assert.equal(left.map(({ name }) => name), ['fc']); // biome-ignore format: one line
    assert.match(left[0].reason, /weights of an output are fitted to 20 columns/);
    assert.equal(weightsOf(layers[1], graph), weightsOf(layers[1], pruned));
  }
});

test('layers without a mask are dense and stay', async () => {
  const { dense, layers, stats, masks, pruned } = await setUp(80, 0.5);
  masks.delete('fc');
  const { graph, changed } = leastSquares(pruned, dense, layers, masks, stats);
  assert.equal(changed, ['conv']);
  assert.equal(weightsOf(layers[1], graph), weightsOf(layers[1], pruned));
});

test.run();
