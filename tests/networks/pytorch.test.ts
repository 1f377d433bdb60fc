import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { relativeError } from '../../bench/lib/stats.ts';
import { type CompileOptions, compile } from '../../src/compile.ts';
import { hasRelaxedSimd } from '../../src/runtime/features.ts';
import { load } from '../../src/runtime/index.ts';
import { type Fixture, fixtures, logitsOf } from '../support/fixtures.ts';

const TOLERANCE = 1e-5;
const BATCHES = [1, 2, 5, 32];
const ENGINES = ['narrow', 'wide'] as const;

const static_ = (fixture: Fixture, options: CompileOptions) => compile(fixture.onnx(false), options);
const dynamic = (fixture: Fixture, options: CompileOptions) =>
  compile(fixture.onnx(true), { ...options, shapes: BATCHES.map((batch) => ({ input: [batch, 1, 28, 28] })) });

async function check(fixture: Fixture, target: 'simd' | 'relaxed'): Promise<void> {
  const images = fixture.digits();
  for (const sparse of ['auto', 'off'] as const) {
    for (const [kind, build, batches] of [['static', static_, [1]] as const, ['dynamic', dynamic, BATCHES] as const]) {
      const bytes = await build(fixture, { sparse });
      const models = await Promise.all(ENGINES.map((engine) => load(bytes, { target, engine })));
      for (const batch of batches) {
        const [narrow, wide] = models.map((model) => logitsOf(model, images, batch));
        const what = `${kind}, sparse ${sparse}, batch ${batch}`;
        const error = Math.max(...[narrow, wide].map((logits) => relativeError(logits, fixture.logits)));
        assert.ok(error < TOLERANCE, `${what}: relative error ${error}`);
        if (target === 'simd') assert.equal(narrow, wide, `${what}: both engine classes give the same bits`);
      }
      for (const model of models) model.dispose();
    }
  }
}

test('there are fixtures, with logits that tell digits apart', () => {
  assert.is(fixtures.length, 6);
  for (const { name, logits } of fixtures) {
    assert.is(logits.length, 640, name);
    assert.ok(relativeError(logits.subarray(10), logits.subarray(0, 630)) > 0.1, name);
  }
});

for (const fixture of fixtures) {
  test(`${fixture.name} agrees with PyTorch (simd)`, () => check(fixture, 'simd'));
  // Not every host has relaxed SIMD.
  (hasRelaxedSimd() ? test : test.skip)(`${fixture.name} agrees with PyTorch (relaxed)`, () =>
    check(fixture, 'relaxed'),
  );
}

test.run();
