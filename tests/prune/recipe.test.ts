import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkRecipe } from '../../src/prune/recipe.ts';
import { parseTarget } from '../../src/prune/targets.ts';

const stage = (fields: object) => ({ stages: [{ sparsity: 0.5, ...fields }] });

test('errors name the place in the recipe and near names', () => {
  const wrong: [unknown, RegExp][] = [
    [[], /^recipe: expected a recipe, an object/],
    [{}, /^stages: a recipe needs a list of stages/],
    [{ stages: [] }, /^stages: expected a list of stages/],
    [{ stage: [] }, /^stage: unknown field.*did you mean 'stages'\?/],
    [{ stages: [{}] }, /^stages\[0\]: a stage has either sparsity or target, found neither/],
    [stage({ target: { flops: '0.3x' } }), /^stages\[0\]: .* found both/],
    [stage({ criterion: 'magnitude-l3' }), /^stages\[0\]\.criterion: .*did you mean 'magnitude-l[12]'\?/],
    [stage({ pattern: ['2:4', '5:4'] }), /^stages\[0\]\.pattern\[1\]: .*5:4/],
    [stage({ scope: 'globle' }), /^stages\[0\]\.scope: .*did you mean 'global'\?/],
    [stage({ sparsity: 1 }), /^stages\[0\]\.sparsity: expected a share/],
    [stage({ schedule: {} }), /^stages\[0\]\.schedule: is reserved for fine-tuning/],
    [{ stages: [{ target: { latncy: '5ms' } }] }, /^stages\[0\]\.target\.latncy: .*did you mean 'latency'\?/],
    [{ stages: [{ target: { latency: '5 parsecs' } }] }, /^stages\[0\]\.target\.latency: latency is 5ms/],
  ];
  for (const [recipe, message] of wrong) {
    assert.throws(
      () => checkRecipe(recipe),
      (e: Error & { code: string }) => {
        assert.is(e.code, 'INVALID_ARGUMENT');
        assert.match(e.message, message);
        return true;
      },
    );
  }
});

test('amounts have units', () => {
  const amounts: [string, number, boolean][] = [
    ['latency=5ms', 5e6, false],
    ['latency=800us', 8e5, false],
    ['latency=0.5x', 0.5, true],
    ['bytes=1.2MB', 1.2e6, false],
    ['bytes=2KiB', 2048, false],
    ['flops=30%', 0.3, true],
    ['flops=40M', 4e7, false],
    ['sparsity=0.9', 0.9, true],
    ['sparsity=90%', 0.9, true],
  ];
  for (const [text, value, share] of amounts) {
    const target = parseTarget(text);
    assert.ok(Math.abs(target.value - value) < 1e-9 * value, `${text}: ${target.value}`);
    assert.is(target.share, share, text);
  }
  for (const text of ['latency', 'latency=', 'latency=-1ms', 'bytes=1XB', 'flops=2x', 'sparsity=1', 'speed=3'])
    assert.throws(() => parseTarget(text), /target: /, text);
});

test.run();
