import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CRITERIA } from '../../../src/prune/criteria/index.ts';
import { obcTrace } from '../../../src/prune/criteria/obc.ts';
import type { Solved } from '../../../src/prune/criteria/second_order.ts';
import { solveSparseGpt } from '../../../src/prune/criteria/sparsegpt.ts';
import { DAMP } from '../../../src/prune/hessian.ts';
import { damped } from '../../../src/prune/linalg.ts';
import { keptUnits, parsePattern, unitsOf } from '../../../src/prune/patterns.ts';
import type { Layer, Pattern, ScoreContext } from '../../../src/prune/types.ts';
import { bestRefit, lossOf, plainLayer, randomContext, subsets } from '../../support/prune_problems.ts';
import { raises } from '../../support/raises.ts';

const METHODS: Record<'obc' | 'sparsegpt', (context: ScoreContext, pattern: Pattern, sparsity: number) => Solved> = {
  obc: (context, pattern, sparsity) => obcTrace(context, pattern).solve(sparsity),
  sparsegpt: (context, pattern, sparsity) => solveSparseGpt(context, pattern, sparsity),
};
const UNSTRUCTURED: Pattern = { kind: 'unstructured' };

const hessian = ({ grams, layer: { cols } }: ReturnType<typeof randomContext>): Float64Array =>
  damped(grams[0], cols, DAMP);

/** What a layer of one group loses, by the damped Hessian. */
function totalLoss(context: ReturnType<typeof randomContext>, pruned: Float32Array): number {
  const { rows, cols } = context.layer;
  const row = (weights: Float32Array, r: number) => weights.subarray(r * cols, (r + 1) * cols);
  let loss = 0;
  for (let r = 0; r < rows; r++) loss += lossOf(hessian(context), row(context.weights, r), row(pruned, r));
  return loss;
}

const ones = (mask: Uint8Array): number => mask.reduce((sum, bit) => sum + bit, 0);
const placesOf = (mask: Uint8Array, bit: number): number[] => [...mask].flatMap((b, i) => (b === bit ? [i] : []));

const close = (a: number, b: number, what: string): void =>
  assert.ok(Math.abs(a - b) <= 1e-4 * Math.max(1e-3, Math.abs(a), Math.abs(b)), `${what}: ${a} and ${b}`);

test('a step of obc is the best of all single removals with refit', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const n = 3 + (seed % 6);
    const context = randomContext(plainLayer(1, n), seed);
    const h = hessian(context);
    const refits = subsets(n, n - 1).map((kept) => ({ kept, ...bestRefit(h, context.weights, kept) }));
    const best = refits.reduce((a, b) => (b.loss < a.loss ? b : a));
    const { mask, weights } = METHODS.obc(context, UNSTRUCTURED, 1 / n);
    assert.equal(placesOf(mask, 1), best.kept, `seed ${seed}`);
    best.v.forEach((x, i) => {
      close(weights[i], x, `seed ${seed}, weight ${i}`);
    });
  }
});

test('no method beats the best of all subsets; obc is close to it, sparsegpt beats masking alone', () => {
  const ratios = { obc: 0, sparsegpt: 0, masked: 0 };
  for (let seed = 1; seed <= 12; seed++) {
    const n = 8;
    const k = 2 + (seed % 4);
    const context = randomContext(plainLayer(1, n), 100 + seed);
    const { weights: dense } = context;
    const best = Math.min(...subsets(n, n - k).map((kept) => bestRefit(hessian(context), dense, kept).loss));
    const order = [...dense.keys()].sort((a, b) => Math.abs(dense[a]) - Math.abs(dense[b])).slice(0, k);
    ratios.masked += totalLoss(context, dense.map((w, i) => (order.includes(i) ? 0 : w))) / best / 12; // biome-ignore format: one line
    for (const name of ['obc', 'sparsegpt'] as const) {
      const { mask, weights } = METHODS[name](context, UNSTRUCTURED, k / n);
      assert.is(ones(mask), n - k);
      const loss = totalLoss(context, weights);
      assert.ok(loss >= best * (1 - 1e-5), `${name}, seed ${seed}: ${loss} beats ${best}`);
      ratios[name] += loss / best / 12;
    }
  }
  assert.ok(ratios.obc < 1.25, `obc ${ratios.obc}`);
  assert.ok(ratios.obc <= ratios.sparsegpt, `obc ${ratios.obc}, sparsegpt ${ratios.sparsegpt}`);
  assert.ok(ratios.sparsegpt < ratios.masked, `sparsegpt ${ratios.sparsegpt}, masked ${ratios.masked}`);
});

test('obc spreads an unstructured sparsity over rows as the cheapest next weight says', () => {
  const context = randomContext(plainLayer(3, 5), 7);
  const h = hessian(context);
  const rows = [0, 1, 2].map((r) => [...context.weights.subarray(r * 5, r * 5 + 5)]);
  const kept = rows.map((row) => [...row.keys()]);
  const losses = [0, 0, 0];
  for (let step = 0; step < 8; step++) {
    const next = rows.flatMap((row, r) =>
      kept[r].map((out) => {
        const rest = kept[r].filter((i) => i !== out);
        return { r, rest, loss: bestRefit(h, row, rest).loss };
      }),
    );
    const { r, rest, loss } = next.reduce((a, b) => (b.loss - losses[b.r] < a.loss - losses[a.r] ? b : a));
    kept[r] = rest;
    losses[r] = loss;
  }
  const { mask } = METHODS.obc(context, UNSTRUCTURED, 8 / 15);
  assert.equal(placesOf(mask, 1), kept.flatMap((row, r) => row.map((i) => r * 5 + i))); // biome-ignore format: one line
});

const LAYERS: Record<string, Layer> = {
  matrix: plainLayer(6, 10),
  'conv with taps': plainLayer(6, 5 * 4, { taps: 4 }),
  'grouped conv': plainLayer(6, 6, { groups: 2, taps: 2 }),
  'matrix of many columns': plainLayer(4, 150),
};

const SHARES = [
  ['unstructured', 0.43],
  ['unstructured', 0],
  ['unstructured', 0.95],
  ['4x1', 0.5],
  ['2x1', 0.3],
  ['1x4', 0.5],
  ['2x2', 0.6],
  ['channel', 0.5],
] as const;

const GROUPS = [
  [2, 4],
  [1, 4],
  [1, 2],
  [3, 5],
] as const;

for (const method of ['obc', 'sparsegpt'] as const) {
  const solve = METHODS[method];
  for (const [name, layer] of Object.entries(LAYERS)) {
    test(`${method}: patterns hold exactly in a ${name}`, () => {
      const context = randomContext(layer, 3);
      const before = context.weights.slice();
      for (const [pattern, sparsity] of SHARES) {
        const { mask, weights } = solve(context, parsePattern(pattern), sparsity);
        const { count, of } = unitsOf(layer, parsePattern(pattern));
        const seen = new Map<number, number>();
        mask.forEach((bit, i) => {
          const unit = of ? of[i] : i;
          assert.is(seen.get(unit) ?? bit, bit, `${pattern}: unit ${unit} is torn`);
          seen.set(unit, bit);
          if (!bit) assert.ok(Object.is(weights[i], 0), `${pattern}: weight ${i} is ${weights[i]}`);
          else assert.ok(Number.isFinite(weights[i]));
        });
        assert.is([...seen.values()].reduce((sum, bit) => sum + bit, 0), keptUnits(count, sparsity), pattern); // biome-ignore format: one line
        if (sparsity === 0) assert.equal(weights, before);
      }
      assert.equal(context.weights, before, 'the weights of the layer stay');
    });

    test(`${method}: n:m holds exactly in a ${name}`, () => {
      const { rows, cols, taps } = layer;
      const ins = cols / taps;
      for (const [n, m] of GROUPS) {
        const { mask } = solve(randomContext(layer, 5), { kind: 'n:m', n, m }, 0.5);
        for (let at = 0; at < rows * taps * Math.ceil(ins / m); at++) {
          const from = m * Math.floor(at / (rows * taps));
          const first = Math.floor((at % (rows * taps)) / taps) * cols + from * taps + (at % taps);
          const size = Math.min(m, ins - from);
          const kept = Array.from({ length: size }, (_, i): number => mask[first + i * taps]);
          assert.is(kept.reduce((sum, bit) => sum + bit, 0), Math.min(n, size), `${n}:${m} at weight ${first}`); // biome-ignore format: one line
        }
      }
    });
  }

  test(`${method}: a block of several inputs goes at the loss of its refit`, () => {
    const context = randomContext(plainLayer(2, 6), 11);
    const h = hessian(context);
    const { mask, weights } = solve(context, { kind: 'block', rows: 2, cols: 2 }, 1 / 3);
    const lossWithout = (block: number): number => {
      const kept = [0, 1, 2, 3, 4, 5].filter((i) => Math.floor(i / 2) !== block);
      return [0, 1].reduce((sum, r) => sum + bestRefit(h, context.weights.subarray(r * 6, r * 6 + 6), kept).loss, 0);
    };
    const losses = [0, 1, 2].map(lossWithout);
    const gone = [0, 1, 2].find((block) => mask[2 * block] === 0)!;
    const loss = totalLoss(context, weights);
    assert.ok(loss >= losses[gone] * (1 - 1e-5), `${loss} of ${losses[gone]}`);
    if (method !== 'obc') return;
    assert.is(gone, losses.indexOf(Math.min(...losses)));
    close(loss, losses[gone], 'loss');
  });

  test(`${method}: inputs that were always zero lose their weights first`, () => {
    const context = randomContext(plainLayer(2, 8), 13);
    for (let i = 0; i < 8; i++) context.grams[0][3 * 8 + i] = context.grams[0][i * 8 + 3] = 0;
    assert.equal(placesOf(solve(context, UNSTRUCTURED, 2 / 16).mask, 0), [3, 11]);
  });

  test(`${method}: is a criterion, and wants X X^T of the layer`, () => {
    const context = randomContext(plainLayer(2, 4), 1);
    const criterion = CRITERIA[method];
    assert.is(criterion.needs, 'gram');
    assert.is(ones(criterion.solve!(context, UNSTRUCTURED, 0.5).mask), 4);
    const without = { ...context, stats: {} };
    raises(() => criterion.solve!(without, UNSTRUCTURED, 0.5), 'INVALID_ARGUMENT', /layer 'layer' has no X X\^T/);
    raises(() => criterion.solve!(context, UNSTRUCTURED, 1), 'INVALID_ARGUMENT', /sparsity/);
    raises(() => criterion.solve!(context, { kind: 'n:m', n: 3, m: 2 }, 0), 'INVALID_ARGUMENT', /pattern/);
  });
}

test('saliencies are the losses of single removals', () => {
  const context = randomContext(plainLayer(2, 5), 17);
  CRITERIA.obc.weights!(context).forEach((score, at) => {
    const row = context.weights.subarray(at - (at % 5), at - (at % 5) + 5);
    const kept = [0, 1, 2, 3, 4].filter((i) => i !== at % 5);
    close(score, bestRefit(hessian(context), row, kept).loss, `weight ${at}`);
  });
});

test.run();
