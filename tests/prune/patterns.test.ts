import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  keptUnits,
  maskOf,
  maskSparsity,
  PATTERN_NAMES,
  parsePattern,
  patternName,
  unitScores,
  unitsOf,
} from '../../src/prune/patterns.ts';
import type { Layer, Pattern } from '../../src/prune/types.ts';
import { layerWith, normals } from '../support/prune_layers.ts';
import { raises } from '../support/raises.ts';

const LAYERS = [
  layerWith('fc', 7, 10),
  layerWith('one', 1, 1),
  layerWith('conv', 5, 6, { kernel: [3, 2] }),
  layerWith('grouped', 6, 5, { kernel: [2], groups: 2 }),
  layerWith('depthwise', 4, 1, { kernel: [3, 3], groups: 4 }),
];

const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);

/** Scores with many ties. */
const scoresFor = ({ rows, cols }: Layer, seed: number): Float32Array =>
  normals(rows * cols, seed).map((x) => Math.round(Math.abs(x) * 4) / 4);

test('names of patterns are read and written', () => {
  for (const name of [...PATTERN_NAMES, '3:7', '5x3', '4:4']) assert.is(patternName(parsePattern(name)), name);
  assert.equal(parsePattern('2:4'), { kind: 'n:m', n: 2, m: 4 });
  assert.equal(parsePattern('16x1'), { kind: 'block', rows: 16, cols: 1 });
});

test('what is no pattern is refused', () => {
  for (const name of ['5:4', '0:4', '-1:4', '1.5:4', '2:0'])
    raises(() => parsePattern(name), 'INVALID_ARGUMENT', /N <= M/);
  for (const name of ['0x1', '4x0', '1.5x2', '-4x1']) raises(() => parsePattern(name), 'INVALID_ARGUMENT', /whole/);
  for (const name of ['', '2:', ':4', '2:4:8', 'x', '4x1x1']) raises(() => parsePattern(name), 'INVALID_ARGUMENT');
  raises(() => parsePattern('chanel'), 'INVALID_ARGUMENT', /did you mean 'channel'/);
  const layer = layerWith('fc', 2, 2);
  for (const pattern of [
    { kind: 'n:m', n: 3, m: 2 },
    { kind: 'block', rows: 1, cols: NaN },
    { kind: 'x' },
    null,
    undefined,
  ])
    raises(() => maskOf(layer, [1, 2, 3, 4], pattern as Pattern, 0.5), 'INVALID_ARGUMENT', /^pattern: /);
});

test('the kept units are rounded half up', () => {
  for (const [units, sparsity, kept] of [
    [25, 0.9, 3],
    [5, 0.9, 1],
    [3, 0.5, 2],
    [10, 0.25, 8],
    [10, 0.26, 7],
    [7, 0, 7],
    [1000, 0.999, 1],
    [1000, 0.9996, 0],
    [15, 0.7, 5],
    [35, 0.7, 11],
    [345, 0.7, 104],
  ]) {
    assert.is(keptUnits(units, sparsity), kept, `${units} at ${sparsity}`);
  }
  for (let units = 1; units <= 2000; units++) {
    for (let percent = 0; percent < 100; percent++) {
      const exact = Number((BigInt(2 * units * (100 - percent)) + 100n) / 200n);
      if (keptUnits(units, percent / 100) !== exact) assert.unreachable(`${units} at ${percent} %`);
    }
  }
});

/** The unit of weight (r, i, t) by definition, as a key. */
function unitKey({ rows, groups }: Layer, pattern: Pattern, r: number, i: number, t: number): string {
  if (pattern.kind === 'channel') return `${r}`;
  if (pattern.kind !== 'block') return `${r} ${i} ${t}`;
  const perGroup = rows / groups;
  const group = Math.floor(r / perGroup);
  return `${group} ${Math.floor((r - group * perGroup) / pattern.rows)} ${Math.floor(i / pattern.cols)} ${t}`;
}

for (const name of ['unstructured', '2x1', '4x1', '32x1', '1x4', '3x2', 'channel']) {
  const pattern = parsePattern(name);
  test(`${name}: whole units with the highest scores, exactly as many as wanted, ties by place`, () => {
    for (const layer of LAYERS) {
      const { rows, cols, taps } = layer;
      const scores = scoresFor(layer, 3);
      const units = new Map<string, { members: number[]; score: number }>();
      for (let at = 0; at < rows * cols; at++) {
        const key = unitKey(layer, pattern, Math.floor(at / cols), Math.floor((at % cols) / taps), at % taps);
        const unit = units.get(key) ?? { members: [], score: 0 };
        unit.members.push(at);
        unit.score += scores[at];
        units.set(key, unit);
      }
      assert.is(unitsOf(layer, pattern).count, units.size, layer.name);
      for (const sparsity of [0, 0.1, 0.5, 0.75, 0.99]) {
        const ranked = [...units.values()].sort((a, b) => b.score - a.score || a.members[0] - b.members[0]);
        const kept = Math.floor((1 - sparsity) * units.size + 0.5 + 1e-9);
        const expected = new Uint8Array(rows * cols);
        for (const { members } of ranked.slice(0, kept)) for (const at of members) expected[at] = 1;
        assert.equal(maskOf(layer, scores, pattern, sparsity), expected, `${layer.name} at ${sparsity}`);
      }
    }
  });
}

for (const [n, m] of [
  [2, 4],
  [1, 4],
  [3, 5],
  [4, 4],
  [1, 1],
  [2, 16],
]) {
  test(`${n}:${m} holds in every group of inputs, also in the rest`, () => {
    for (const layer of LAYERS) {
      const { rows, cols, taps } = layer;
      const scores = scoresFor(layer, 7);
      const mask = maskOf(layer, scores, { kind: 'n:m', n, m }, 0.5);
      const ins = cols / taps;
      for (let r = 0; r < rows; r++) {
        for (let t = 0; t < taps; t++) {
          for (let from = 0; from < ins; from += m) {
            const group: number[] = [];
            for (let i = from; i < Math.min(ins, from + m); i++) group.push(r * cols + i * taps + t);
            const expected = [...group].sort((a, b) => scores[b] - scores[a] || a - b).slice(0, n);
            assert.equal(
              group.filter((at) => mask[at] === 1),
              expected.sort((a, b) => a - b),
              `${layer.name}: row ${r}, tap ${t}, inputs from ${from}`,
            );
          }
        }
      }
    }
  });
}

test('ranking by row: each row keeps its share, and the total is exact', () => {
  for (const [rows, cols, sparsity] of [
    [8, 10, 0.5],
    [7, 9, 0.5],
    [5, 3, 0.8],
    [16, 11, 0.93],
  ]) {
    const layer = layerWith('fc', rows, cols);
    // Later rows score far higher: over the layer they would keep all.
    const scores = scoresFor(layer, 5).map((s, at) => s + 100 * Math.floor(at / cols));
    const mask = maskOf(layer, scores, { kind: 'unstructured' }, sparsity, { per: 'row' });
    assert.is(sum(mask), keptUnits(rows * cols, sparsity));
    for (let r = 0; r < rows; r++) {
      const row = mask.subarray(r * cols, (r + 1) * cols);
      assert.ok(Math.abs(sum(row) - (1 - sparsity) * cols) < 1, `row ${r} keeps ${sum(row)} of ${cols}`);
      const own = Array.from(scores.subarray(r * cols, (r + 1) * cols));
      const order = own.map((_, c) => c).sort((a, b) => own[b] - own[a] || a - b);
      const best = new Set(order.slice(0, sum(row)));
      assert.equal(
        Array.from(row),
        own.map((_, c) => (best.has(c) ? 1 : 0)),
      );
    }
  }
});

test('channels take scores of rows as they are', () => {
  const layer = layerWith('conv', 4, 2, { kernel: [2, 2] });
  const mask = maskOf(layer, [3, 1, 2, 4], { kind: 'channel' }, 0.5);
  assert.equal(
    Array.from({ length: 4 }, (_, r) => sum(mask.subarray(r * 8, r * 8 + 8))),
    [8, 0, 0, 8],
  );
  assert.is(maskSparsity(mask), 0.5);
  assert.equal(unitScores(layer, new Float32Array(32).fill(0.5), { kind: 'channel' }), Float64Array.of(4, 4, 4, 4));
});

test('scores that are none are refused', () => {
  const layer = layerWith('fc', 2, 3);
  const plain: Pattern = { kind: 'unstructured' };
  raises(() => maskOf(layer, [1, 2, NaN, 4, 5, 6], plain, 0.5), 'INVALID_ARGUMENT', /score 2 of layer 'fc' is NaN/);
  raises(() => maskOf(layer, [1, 2, 3], plain, 0.5), 'INVALID_ARGUMENT', /'fc' has 6 weights, found 3/);
  raises(() => maskOf(layer, [1, 2], plain, 0.5), 'INVALID_ARGUMENT', /6 weights, found 2/);
  raises(() => maskOf(layer, [1, 2, 3], { kind: 'channel' }, 0.5), 'INVALID_ARGUMENT', /2 outputs, found 3/);
  for (const sparsity of [1, -0.1, 1.5, NaN, Number.POSITIVE_INFINITY, '0.5' as unknown as number])
    raises(() => maskOf(layer, [1, 2, 3, 4, 5, 6], plain, sparsity), 'INVALID_ARGUMENT', /^sparsity: .*below 1/);
});

test.run();
