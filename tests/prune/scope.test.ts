import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { erkDensities } from '../../src/prune/erk.ts';
import { normalised } from '../../src/prune/normalise.ts';
import { keptUnits, maskOf, parsePattern, unitScores } from '../../src/prune/patterns.ts';
import { checkScope, masksFor, type Scope, type Scored } from '../../src/prune/scope.ts';
import { layerWith, normals } from '../support/prune_layers.ts';
import { raises } from '../support/raises.ts';

const LAYERS = [
  layerWith('conv1', 6, 1, { kernel: [5, 5] }),
  layerWith('depthwise', 6, 1, { kernel: [3, 3], groups: 6 }),
  layerWith('conv2', 10, 6, { kernel: [3, 3] }),
  layerWith('fc', 20, 33),
];

/** Scores with ties within and between layers; later layers score higher. */
const SCORED: Scored[] = LAYERS.map((layer, i) => ({
  layer,
  scores: normals(layer.rows * layer.cols, i + 1).map((x) => Math.round(Math.abs(x) * 8 * (i + 1)) / 8),
}));

const PATTERNS = ['unstructured', '4x1', '1x4', 'channel'].map(parsePattern);

const ones = (mask: Uint8Array): number => mask.reduce((sum, bit) => sum + bit, 0);

test('layer: each layer as by itself', () => {
  for (const pattern of PATTERNS) {
    const { masks, sparsities } = masksFor(SCORED, pattern, 0.7);
    for (const { layer, scores } of SCORED) {
      const mask = masks.get(layer.name)!;
      assert.equal(mask, maskOf(layer, scores, pattern, 0.7));
      assert.ok(Math.abs(sparsities.get(layer.name)! - (1 - ones(mask) / mask.length)) < 1e-12);
    }
  }
});

/** Units of all layers that stay, by sorting them. */
function sorted(pattern: (typeof PATTERNS)[number], sparsity: number, how: 'none' | 'mean' | 'l2' | 'lamp', floor = 0) {
  const all = SCORED.flatMap(({ layer, scores }, l) => {
    const units = Array.from(unitScores(layer, scores, pattern));
    const mean = units.reduce((a, b) => a + Math.abs(b), 0) / units.length;
    const norm = Math.hypot(...units);
    const scaled = units.map((s) => {
      if (how === 'lamp') return s === 0 ? 0 : s / units.filter((o) => o >= s).reduce((a, b) => a + b, 0);
      return how === 'mean' ? s / mean : how === 'l2' ? s / norm : s;
    });
    const order = units.map((_, u) => u).sort((a, b) => units[b] - units[a] || a - b);
    const held = Math.ceil(floor * units.length - 1e-9);
    return units.map((_, u) => ({ l, u, score: scaled[u], held: order.indexOf(u) < held }));
  });
  const ranked = all.sort((a, b) => Number(b.held) - Number(a.held) || b.score - a.score || a.l - b.l || a.u - b.u);
  const kept = ranked.slice(0, keptUnits(ranked.length, sparsity));
  return LAYERS.map((_, l) =>
    kept
      .filter((unit) => unit.l === l)
      .map(({ u }) => u)
      .sort((a, b) => a - b),
  );
}

/** Units that a mask of whole units keeps. */
function keptIn(mask: Uint8Array, { layer, scores }: Scored, pattern: (typeof PATTERNS)[number]): number[] {
  const kept = unitScores(layer, scores.length === mask.length ? Float32Array.from(mask) : mask, pattern);
  return Array.from(kept).flatMap((n, u) => (n > 0 ? [u] : []));
}

for (const pattern of PATTERNS) {
  test(`global: as sorting all units, ${pattern.kind}`, () => {
    for (const normalise of ['none', 'mean', 'l2', 'lamp'] as const) {
      for (const sparsity of [0, 0.5, 0.83]) {
        for (const floor of [0, 0.1]) {
          const { masks } = masksFor(SCORED, pattern, sparsity, { kind: 'global', normalise, floor });
          assert.equal(
            SCORED.map((own) => keptIn(masks.get(own.layer.name)!, own, pattern)),
            sorted(pattern, sparsity, normalise, floor),
            `${normalise}, ${sparsity}, floor ${floor}`,
          );
        }
      }
    }
  });
}

test('global: scores of one scale compare as they are, others by the mean of their layer', () => {
  const kept = (scope: Scope, comparable: boolean) =>
    [...masksFor(SCORED, PATTERNS[0], 0.6, scope, { comparable }).masks.values()].map(ones);
  assert.equal(kept({ kind: 'global' }, true), kept({ kind: 'global', normalise: 'none' }, false));
  assert.equal(kept({ kind: 'global' }, false), kept({ kind: 'global', normalise: 'mean' }, true));
  assert.not.equal(kept({ kind: 'global' }, true), kept({ kind: 'global' }, false));
});

test('global: floors by layer', () => {
  const floor = { conv1: 0.9, depthwise: 1 };
  const { masks, sparsities } = masksFor(SCORED, PATTERNS[0], 0.8, { kind: 'global', normalise: 'none', floor });
  assert.is(sparsities.get('depthwise'), 0);
  assert.ok(sparsities.get('conv1')! <= 0.1);
  const units = LAYERS.reduce((sum, { rows, cols }) => sum + rows * cols, 0);
  assert.is(
    [...masks.values()].reduce((sum, mask) => sum + ones(mask), 0),
    keptUnits(units, 0.8),
  );
  raises(
    () => masksFor(SCORED, PATTERNS[0], 0.8, { kind: 'global', floor: 0.5 }),
    'INVALID_ARGUMENT',
    /the floors keep \d+ of \d+ units, sparsity 0.8 leaves \d+/,
  );
});

test('global and erk with ranking by row: rows keep the share of their layer', () => {
  for (const kind of ['global', 'erk'] as const) {
    const plain = masksFor(SCORED, PATTERNS[0], 0.7, { kind });
    const byRow = masksFor(SCORED, PATTERNS[0], 0.7, { kind }, { per: 'row' });
    for (const { name, rows, cols } of LAYERS) {
      const mask = byRow.masks.get(name)!;
      assert.is(ones(mask), ones(plain.masks.get(name)!));
      for (let r = 0; r < rows; r++) {
        const share = ones(mask) / rows;
        assert.ok(Math.abs(ones(mask.subarray(r * cols, (r + 1) * cols)) - share) < 1, `${name} row ${r}`);
      }
    }
  }
});

test('N:M: the pattern says the sparsity, whatever the scope', () => {
  const pattern = parsePattern('2:4');
  const plain = masksFor(SCORED, pattern, 0.5).masks;
  for (const kind of ['global', 'erk'] as const) assert.equal(masksFor(SCORED, pattern, 0.9, { kind }).masks, plain);
});

test('lamp on squared weights', () => {
  // Sorted: 1, 4, 4, 9. Sums of what is at least as large: 18, 17, 17, 9.
  const scores = normalised(Float64Array.of(4, 1, 9, 4), 'lamp');
  for (const [i, x] of [4 / 17, 1 / 18, 1, 4 / 17].entries()) assert.ok(Math.abs(scores[i] - x) < 1e-12);
});

const raw = ({ rows, cols, taps, kernel }: (typeof LAYERS)[number]): number => {
  const dims = [rows, cols / taps, ...kernel];
  return dims.reduce((a, b) => a + b, 0) / dims.reduce((a, b) => a * b, 1);
};

test('erk: densities go with the formula, the sum is what is wanted', () => {
  for (const sparsity of [0.2, 0.5, 0.8, 0.9, 0.99]) {
    const densities = erkDensities(LAYERS, sparsity);
    const sizes = LAYERS.map(({ rows, cols }) => rows * cols);
    const total = sizes.reduce((a, b) => a + b, 0);
    const kept = densities.reduce((sum, d, i) => sum + d * sizes[i], 0);
    assert.ok(Math.abs(kept - (1 - sparsity) * total) < 1e-6 * total, `${sparsity}: ${kept} of ${total}`);
    assert.ok(densities.every((d) => d > 0 && d <= 1));
    const sparse = LAYERS.flatMap((layer, i) => (densities[i] < 1 ? [densities[i] / raw(layer)] : []));
    for (const ratio of sparse) assert.ok(Math.abs(ratio / sparse[0] - 1) < 1e-9, 'one scale for all sparse layers');
    LAYERS.forEach((layer, i) => {
      if (densities[i] === 1) assert.ok(raw(layer) * sparse[0] >= 1, `${layer.name} is dense for a reason`);
    });
  }
  assert.equal(erkDensities(LAYERS, 0), [1, 1, 1, 1]);
  // Of one scale for all, fc would get 0.97: it is dense since what the small layers cannot take is spread over the others.
  assert.equal(
    erkDensities(LAYERS, 0.1).map((d) => d === 1),
    [true, true, false, true],
  );
});

test('erk: two layers by hand', () => {
  const layers = [layerWith('a', 10, 10), layerWith('b', 100, 100)];
  // raw 0.2 and 0.02; e (0.2 * 100 + 0.02 * 10000) = 0.02 * 10100 gives e = 202 / 220.
  const [a, b] = erkDensities(layers, 0.98);
  assert.ok(Math.abs(a - (0.2 * 202) / 220) < 1e-12);
  assert.ok(Math.abs(b - (0.02 * 202) / 220) < 1e-12);
});

test('erk: masks keep the wanted number of units together', () => {
  const units = LAYERS.reduce((sum, { rows, cols }) => sum + rows * cols, 0);
  for (const sparsity of [0.3, 0.5, 0.77, 0.9]) {
    const { masks } = masksFor(SCORED, PATTERNS[0], sparsity, { kind: 'erk' });
    const densities = erkDensities(LAYERS, sparsity);
    assert.is(
      [...masks.values()].reduce((sum, mask) => sum + ones(mask), 0),
      keptUnits(units, sparsity),
    );
    LAYERS.forEach(({ name, rows, cols }, i) => {
      assert.ok(Math.abs(ones(masks.get(name)!) - densities[i] * rows * cols) <= 1, name);
    });
  }
});

test('what is no scope is refused', () => {
  for (const scope of [{ kind: 'local' }, null, 'layer'])
    raises(() => checkScope(scope as Scope), 'INVALID_ARGUMENT', /^scope: expected layer, global or erk/);
  for (const floor of [-0.1, 1.1, NaN, { conv1: 2 }])
    raises(() => checkScope({ kind: 'global', floor }), 'INVALID_ARGUMENT', /a floor is a share/);
  const typo: Scope = { kind: 'global', normalise: 'l1' as 'l2' };
  raises(() => masksFor(SCORED, PATTERNS[0], 0.5, typo), 'INVALID_ARGUMENT', /none, mean, l2 or lamp, found 'l1'/);
  raises(() => masksFor(SCORED, PATTERNS[0], 1, { kind: 'erk' }), 'INVALID_ARGUMENT', /^sparsity/);
  const scored = [{ layer: LAYERS[0], scores: new Float32Array(150).fill(NaN) }];
  raises(() => masksFor(scored, PATTERNS[0], 0.5, { kind: 'global' }), 'INVALID_ARGUMENT', /'conv1' is NaN/);
});

test.run();
