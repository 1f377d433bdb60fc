import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { kthHighest } from '../../src/prune/kth_highest.ts';
import { normals } from '../support/prune_layers.ts';

const ORDERS: Record<string, (i: number, n: number) => number> = {
  ascending: (i) => i,
  descending: (i) => -i,
  equal: () => 3,
  'few values': (i) => (i * 7) % 3,
  'organ pipe': (i, n) => Math.min(i, n - i),
  alternating: (i, n) => (i % 2 ? i : n - i),
  infinite: (i) => [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, i, -0][i % 4],
};

for (const [name, value] of Object.entries(ORDERS)) {
  test(`the k-th highest, as by sorting: ${name}`, () => {
    for (const n of [1, 2, 3, 4, 5, 17, 64]) {
      const values = Float64Array.from({ length: n }, (_, i) => value(i, n));
      const sorted = values.slice().sort().reverse();
      for (let k = 1; k <= n; k++) assert.ok(kthHighest(values.slice(), k) === sorted[k - 1], `${k} of ${n}`);
    }
  });
}

test('the k-th highest, as by sorting: random', () => {
  const values = new Float64Array(normals(5000, 9));
  const sorted = values.slice().sort().reverse();
  for (const k of [1, 2, 500, 2500, 4999, 5000]) assert.is(kthHighest(values.slice(), k), sorted[k - 1]);
});

test.run();
