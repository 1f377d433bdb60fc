import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { allocate, allocateAll, type Option } from '../../src/prune/allocate.ts';
import { seeded } from '../../src/prune/random.ts';

/** The least loss of all combinations within the budget. */
function bruteForce(layers: readonly (readonly Option[])[], budget: number, at = 0): number {
  if (at === layers.length) return budget >= -1e-9 ? 0 : Number.POSITIVE_INFINITY;
  return Math.min(...layers[at].map(({ cost, loss }) => loss + bruteForce(layers, budget - cost, at + 1)));
}

test('the allocation is the one that brute force finds', () => {
  for (let seed = 0; seed < 60; seed++) {
    const random = seeded(seed, 'tables');
    const layers = Array.from({ length: 1 + (seed % 5) }, () =>
      Array.from({ length: 1 + Math.floor(random() * 5) }, () => ({ cost: random() * 10, loss: random() })),
    );
    const dearest = layers.reduce((sum, own) => sum + Math.max(...own.map(({ cost }) => cost)), 0);
    for (const share of [0.2, 0.5, 0.8, 1]) {
      const budget = dearest * share;
      const wanted = bruteForce(layers, budget);
      const found = allocate(layers, budget);
      if (wanted === Number.POSITIVE_INFINITY) {
        assert.is(found, undefined);
        continue;
      }
      assert.ok(found && Math.abs(found.loss - wanted) < 1e-12, `seed ${seed}: ${found?.loss}, expected ${wanted}`);
      const cost = found.choice.reduce((sum, pick, l) => sum + layers[l][pick].cost, 0);
      assert.ok(cost <= budget * (1 + 1e-9) && Math.abs(cost - found.cost) < 1e-9);
    }
  }
});

test('several budgets hold at once', () => {
  const layers = Array.from({ length: 4 }, (_, l) => [
    { costs: [4, 4], loss: 0 },
    { costs: [1, 3], loss: 1 + l },
    { costs: [3, 1], loss: 1 + l },
    { costs: [1, 1], loss: 5 + l },
  ]);
  const found = allocateAll(layers, [9, 9]);
  assert.ok(found);
  for (const k of [0, 1]) {
    const sum = found.choice.reduce((total, pick, l) => total + layers[l][pick].costs[k], 0);
    assert.ok(sum <= 9, `budget ${k}: ${sum}`);
  }
  assert.is(allocateAll(layers, [3, 9]), undefined);
});

test.run();
