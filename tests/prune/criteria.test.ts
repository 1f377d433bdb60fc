import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { CRITERIA, criterionNamed, gammaBehind, scoresOf } from '../../src/prune/criteria/index.ts';
import { layersOf, shadowOf } from '../../src/prune/layers.ts';
import { maskOf } from '../../src/prune/patterns.ts';
import type { Layer, Mask, Pattern } from '../../src/prune/types.ts';
import { Tensor } from '../../src/tensor.ts';
import { contextOf, layerWith, normals } from '../support/prune_layers.ts';
import { raises } from '../support/raises.ts';

const UNSTRUCTURED: Pattern = { kind: 'unstructured' };
const CHANNEL: Pattern = { kind: 'channel' };
const conv = layerWith('conv', 6, 3, { kernel: [3, 2] });

const rowsOf = (weights: Float32Array, { rows, cols }: Layer): number[][] =>
  Array.from({ length: rows }, (_, r) => Array.from(weights.subarray(r * cols, (r + 1) * cols)));

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

function near(found: ArrayLike<number>, expected: readonly number[]): void {
  assert.is(found.length, expected.length);
  for (const [i, x] of expected.entries())
    assert.ok(Math.abs(found[i] - x) <= 1e-5 * (1 + Math.abs(x)), `${i}: ${found[i]}, ${x}`);
}

test('magnitude: |w| and w^2', () => {
  const context = contextOf(conv, 1);
  const weights = Array.from(context.weights);
  near(
    scoresOf(CRITERIA['magnitude-l1'], context, UNSTRUCTURED),
    weights.map((w) => (w < 0 ? -w : w)),
  );
  near(
    scoresOf(CRITERIA['magnitude-l2'], context, UNSTRUCTURED),
    weights.map((w) => w * w),
  );
  assert.is(
    scoresOf(CRITERIA['magnitude-l1'], context, CHANNEL).length,
    weights.length,
    'rows are summed by the pattern',
  );
});

test('filter norms', () => {
  const context = contextOf(conv, 2);
  const rows = rowsOf(context.weights, conv);
  near(
    scoresOf(CRITERIA['filter-l1'], context, CHANNEL),
    rows.map((row) => sum(row.map(Math.abs))),
  );
  near(
    scoresOf(CRITERIA['filter-l2'], context, CHANNEL),
    rows.map((row) => Math.hypot(...row)),
  );
});

test('geometric median: distances to all filters', () => {
  const context = contextOf(conv, 3);
  const rows = rowsOf(context.weights, conv);
  near(
    scoresOf(CRITERIA['geometric-median'], context, CHANNEL),
    rows.map((a) => sum(rows.map((b) => Math.hypot(...a.map((x, i) => x - b[i]))))),
  );
});

test('geometric median removes what others can stand in for, not what is small', () => {
  const layer = layerWith('fc', 4, 2);
  // Three filters close to each other far from 0, and a small one far from them.
  const weights = Float32Array.of(5, 5, 5.1, 5, 5, 5.1, 0.1, 0);
  const context = contextOf(layer, 1, { weights });
  const kept = (name: string): number[] =>
    Array.from(maskOf(layer, scoresOf(CRITERIA[name], context, CHANNEL), CHANNEL, 0.75)).filter((_, i) => i % 2 === 0);
  assert.equal(kept('geometric-median'), [0, 0, 0, 1]);
  assert.is(kept('filter-l2')[3], 0);
});

test('random follows the seed', () => {
  const scores = (seed: number, pattern: Pattern) => scoresOf(CRITERIA.random, contextOf(conv, seed), pattern);
  assert.equal(scores(4, UNSTRUCTURED), scores(4, UNSTRUCTURED));
  assert.not.equal(scores(4, UNSTRUCTURED), scores(5, UNSTRUCTURED));
  assert.is(scores(4, CHANNEL).length, 6);
  assert.ok(scores(4, UNSTRUCTURED).every((s) => s >= 0 && s <= 1));
});

test('activations: 1 - APoZ and the mean', () => {
  const output = {
    count: 10,
    apoz: Float64Array.of(0, 0.9, 0.5, 1, 0.25, 0.1),
    mean: Float64Array.of(3, 0.1, -2, 0, 1, 4),
  };
  const context = contextOf(conv, 5, { stats: { output } });
  near(scoresOf(CRITERIA.apoz, context, CHANNEL), [1, 0.1, 0.5, 0, 0.75, 0.9]);
  near(scoresOf(CRITERIA['mean-activation'], context, CHANNEL), [3, 0.1, 2, 0, 1, 4]);
  for (const name of ['apoz', 'mean-activation'])
    raises(() => scoresOf(CRITERIA[name], contextOf(conv, 5), CHANNEL), 'INVALID_ARGUMENT', /layer 'conv' has no stat/);
});

test('wanda: |w| times the norm of its input, of the group of the row', () => {
  for (const groups of [1, 3]) {
    const layer = layerWith('conv', 6, 2, { kernel: [2, 1], groups });
    const { rows, cols } = layer;
    const x = rowsOf(normals(groups * cols * 5, 6), { ...layer, rows: groups * cols, cols: 5 });
    const squares = Float64Array.from(x, (row) => sum(row.map((v) => v * v)));
    const input = { count: 5, squares, sums: Float64Array.from(x, sum) };
    const context = contextOf(layer, 7, { stats: { input } });
    const expected = rowsOf(context.weights, layer).flatMap((row, r) =>
      row.map((w, c) => Math.abs(w) * Math.hypot(...x[Math.floor((r * groups) / rows) * cols + c])),
    );
    near(scoresOf(CRITERIA.wanda, context, UNSTRUCTURED), expected);
  }
  const input = { count: 1, squares: new Float64Array(3), sums: new Float64Array(3) };
  raises(
    () => scoresOf(CRITERIA.wanda, contextOf(conv, 1, { stats: { input } }), UNSTRUCTURED),
    'INVALID_ARGUMENT',
    /18/,
  );
  raises(() => scoresOf(CRITERIA.wanda, contextOf(conv, 1), UNSTRUCTURED), 'INVALID_ARGUMENT', /'conv' has no/);
});

/** `||W X - W' X||^2` for `count` columns of X. */
function outputError({ rows, cols }: Layer, weights: Float32Array, mask: Mask, x: Float32Array, count: number): number {
  let total = 0;
  for (let r = 0; r < rows; r++) {
    for (let n = 0; n < count; n++) {
      let lost = 0;
      for (let c = 0; c < cols; c++) if (!mask[r * cols + c]) lost += weights[r * cols + c] * x[c * count + n];
      total += lost * lost;
    }
  }
  return total;
}

for (const pattern of [UNSTRUCTURED, { kind: 'n:m', n: 2, m: 4 } as const]) {
  test(`wanda loses less of the output than magnitude where norms of inputs differ tenfold: ${pattern.kind}`, () => {
    for (const seed of [1, 2, 3]) {
      const layer = layerWith('fc', 16, 32);
      const count = 64;
      const x = normals(layer.cols * count, seed).map((v, i) => v * (Math.floor(i / count) % 2 ? 10 : 1));
      const squares = Float64Array.from({ length: layer.cols }, (_, c) =>
        sum(Array.from(x.subarray(c * count, (c + 1) * count), (v) => v * v)),
      );
      const input = { count, squares, sums: new Float64Array(layer.cols) };
      const context = contextOf(layer, seed + 100, { stats: { input } });
      const errorOf = (name: string): number => {
        const { per } = CRITERIA[name];
        const mask = maskOf(layer, scoresOf(CRITERIA[name], context, pattern), pattern, 0.5, { per });
        assert.is(mask.filter((bit) => bit).length, (layer.rows * layer.cols) / 2);
        return outputError(layer, context.weights, mask, x, count);
      };
      assert.ok(errorOf('wanda') < 0.7 * errorOf('magnitude-l1'), `${errorOf('wanda')} ${errorOf('magnitude-l1')}`);
    }
  });
}

const GAMMA = [0.5, -2, 0.01, 1];

/** Conv or MatMul, what `between` adds, and a BatchNormalization. */
function normalised(between: (g: GraphBuilder, x: string) => string, op: 'Conv' | 'MatMul' = 'Conv') {
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', op === 'Conv' ? ['batch', 3, 4, 4] : ['batch', 3]);
  const weights = new Tensor('float32', normals(12, 1), op === 'Conv' ? [4, 3, 1, 1] : [3, 4]);
  const [y] = [g.node(op, [x, g.constant(weights, 'w')], {}, undefined, 'layer')];
  const vector = (values: number[], name: string) => g.constant(new Tensor('float32', values), name);
  const operands = [
    vector(GAMMA, 'gamma'),
    vector([0, 0, 0, 0], 'b'),
    vector([0, 0, 0, 0], 'm'),
    vector([1, 1, 1, 1], 'v'),
  ];
  g.output(g.node('BatchNormalization', [between(g, y), ...operands]));
  const graph = g.build();
  const [layer] = layersOf(graph, shadowOf(graph, { x: op === 'Conv' ? [1, 3, 4, 4] : [1, 3] }));
  return { graph, layer };
}

test('bn-gamma: the scale of the batch normalisation behind', () => {
  for (const { graph, layer } of [
    normalised((_, x) => x),
    normalised((g, x) => g.node('Identity', [x])),
    normalised((g, x) => g.add(x, g.constant(new Tensor('float32', [1, 2, 3, 4]))), 'MatMul'),
  ]) {
    const gamma = gammaBehind(graph, layer);
    near(scoresOf(CRITERIA['bn-gamma'], contextOf(layer, 1, { gamma }), CHANNEL), GAMMA.map(Math.abs));
  }
});

test('bn-gamma: no batch normalisation belongs to the layer', () => {
  const relu = normalised((g, x) => g.relu(x));
  assert.is(gammaBehind(relu.graph, relu.layer), undefined);
  const shared = normalised((g, x) => {
    g.output(g.relu(x));
    return x;
  });
  assert.is(gammaBehind(shared.graph, shared.layer), undefined);
  raises(() => scoresOf(CRITERIA['bn-gamma'], contextOf(conv, 1), CHANNEL), 'INVALID_ARGUMENT', /behind layer 'conv'/);
});

test('criteria by name, and the patterns that they serve', () => {
  for (const [name, criterion] of Object.entries(CRITERIA)) {
    assert.is(criterion.name, name);
    assert.is(criterionNamed(name), criterion);
    assert.ok(criterion.summary.length > 0);
    const serves = criterion.weights ?? criterion.channels ?? criterion.solve;
    assert.type(serves, 'function');
  }
  raises(() => criterionNamed('magnitud-l1'), 'INVALID_ARGUMENT', /did you mean 'magnitude-l1'/);
  raises(() => criterionNamed('toString'), 'INVALID_ARGUMENT', /expected magnitude-l1, .*wanda/);
  for (const pattern of [
    UNSTRUCTURED,
    { kind: 'block', rows: 4, cols: 1 } as const,
    { kind: 'n:m', n: 2, m: 4 } as const,
  ])
    raises(
      () => scoresOf(CRITERIA['filter-l1'], contextOf(conv, 1), pattern),
      'INVALID_ARGUMENT',
      /'filter-l1' scores whole/,
    );
});

test.run();
