import { Ajv2020 } from 'ajv/dist/2020.js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkRecipe, type Recipe, recipeSchema } from '../../src/prune/recipe.ts';
import { parseTarget } from '../../src/prune/targets.ts';

const stage = (fields: object) => ({ stages: [{ sparsity: 0.5, ...fields }] });

/** Recipes with a mistake, and what is said of it; some are beyond what a schema can say. */
const WRONG: [recipe: unknown, message: RegExp, beyond?: 'schema'][] = [
  [[], /^recipe: expected a recipe, an object/],
  [{}, /^stages: a recipe needs a list of stages/],
  [{ stages: [] }, /^stages: expected a list of stages/],
  [{ stage: [] }, /^stage: unknown field.*did you mean 'stages'\?/],
  [{ stages: [{}] }, /^stages\[0\]: a stage has either sparsity or target, found neither/],
  [stage({ target: { flops: '0.3x' } }), /^stages\[0\]: .* found both/],
  [stage({ criterion: 'magnitude-l3' }), /^stages\[0\]\.criterion: .*did you mean 'magnitude-l[12]'\?/],
  [stage({ pattern: ['2:4', '5:4'] }), /^stages\[0\]\.pattern\[1\]: .*5:4/, 'schema'],
  [stage({ scope: 'globle' }), /^stages\[0\]\.scope: .*did you mean 'global'\?/],
  [stage({ sparsity: 1 }), /^stages\[0\]\.sparsity: expected a share/],
  [stage({ repair: ['least-square'] }), /^stages\[0\]\.repair: .*did you mean 'least-squares'\?/],
  [stage({ repair: ['bias', 'bias'] }), /^stages\[0\]\.repair: 'bias' is given twice/],
  [stage({ floor: 0.1 }), /^stages\[0\]\.floor: belongs to the scope global, found no scope/],
  [stage({ floor: { a: 2 }, scope: 'global' }), /^stages\[0\]\.floor: a floor is a share from 0 to 1, found 2/],
  [stage({ pattern: ['channel', '2:4'] }), /^stages\[0\]\.pattern: channel .* stands alone/, 'schema'],
  [stage({ pattern: 'channel', scope: 'erk' }), /^stages\[0\]\.scope: erk spreads weights/, 'schema'],
  [stage({ schedule: {} }), /^stages\[0\]\.schedule: is reserved for fine-tuning/],
  [{ stages: [{ target: { latncy: '5ms' } }] }, /^stages\[0\]\.target\.latncy: .*did you mean 'latency'\?/],
  [{ stages: [{ target: { latency: '5 parsecs' } }] }, /^stages\[0\]\.target\.latency: latency is 5ms/, 'schema'],
];

test('errors name the place in the recipe and near names', () => {
  for (const [recipe, message] of WRONG) {
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

const RIGHT: Recipe[] = [
  { stages: [{ sparsity: 0.9 }] },
  {
    $schema: './recipe.schema.json',
    version: 1,
    seed: 3,
    metric: 'accuracy',
    stages: [{ target: { latency: '5ms' } }],
  },
  { stages: [{ target: { flops: '0.5x' }, pattern: 'channel', repair: ['least-squares', 'batch-norm', 'bias'] }] },
  { stages: [{ sparsity: 0, scope: 'global', floor: { fc1: 0.1 }, pattern: ['2:4', '4x1'], layers: ['op:Gemm'] }] },
];

test('the JSON Schema takes what the check takes', () => {
  const valid = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false }).compile(recipeSchema());
  for (const recipe of RIGHT) {
    assert.is(checkRecipe(recipe), recipe);
    assert.ok(valid(recipe), JSON.stringify([recipe, valid.errors]));
  }
  for (const [recipe, , beyond] of WRONG) assert.is(valid(recipe), beyond !== undefined, JSON.stringify(recipe));
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
