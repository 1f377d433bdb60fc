import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { alignUp, type Lifetime, planMemory } from '../../src/plan/memory.ts';

const lifetime = fc
  .record({
    bytes: fc.integer({ min: 0, max: 5000 }),
    first: fc.integer({ min: -1, max: 30 }),
    length: fc.integer({ min: 0, max: 12 }),
  })
  .map(({ bytes, first, length }): Lifetime => ({ bytes, first, last: first + length }));

test('no two lifetimes that overlap in time overlap in memory', () => {
  fc.assert(
    fc.property(fc.array(lifetime, { maxLength: 40 }), (lifetimes) => {
      const { offsets, peak, total } = planMemory(lifetimes);
      lifetimes.forEach((a, i) => {
        assert.is(offsets[i] % 64, 0);
        assert.ok(offsets[i] + a.bytes <= peak);
        lifetimes.slice(0, i).forEach((b, j) => {
          const together = a.first <= b.last && b.first <= a.last && a.bytes > 0 && b.bytes > 0;
          const apart = offsets[i] + a.bytes <= offsets[j] || offsets[j] + b.bytes <= offsets[i];
          assert.ok(!together || apart, `${i} and ${j} overlap`);
        });
      });
      assert.ok(peak <= total);
      assert.is(
        total,
        lifetimes.reduce((sum, l) => sum + alignUp(l.bytes), 0),
      );
    }),
    { seed: 1, numRuns: 300 },
  );
});

test('memory of a chain is reused', () => {
  const chain = Array.from({ length: 10 }, (_, i) => ({ bytes: 640, first: i, last: i + 1 }));
  assert.is(planMemory(chain).peak, 1280);
});

test('values that live together all the time are stacked', () => {
  const together = [100, 200, 300].map((bytes) => ({ bytes, first: 0, last: 5 }));
  assert.is(planMemory(together).peak, 128 + 256 + 320);
});

test.run();
