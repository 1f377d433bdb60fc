import { ensure } from '../errors.ts';
import type { MetricName } from './metric.ts';
import {
  checkFields,
  count,
  type Field,
  type Fields,
  fail,
  objectSchema,
  oneOf,
  type Schema,
} from './recipe_fields.ts';
import type { RepairName } from './repair/index.ts';
import { type ScopeName, STAGE, STAGE_RULES } from './stage_fields.ts';

/** One step of a recipe: what is pruned, how, and how far. */
export interface Stage {
  name?: string;
  /** Layers by name, glob or `op:Conv`; unset: all that sparse kernels serve. */
  layers?: string[];
  skip?: string[];
  /** Depthwise layers and the convolution of the input image, too, and sparsities that the runtime does not accelerate. */
  all?: boolean;
  /** Unset: `magnitude-l1`. */
  criterion?: string;
  /**
   * A pattern, or several to choose from for each layer; unset: those with kernels for many columns if there is a latency target, else
   * unstructured. `channel` removes filters, neurons and heads with all that depends on them, and stands alone.
   */
  pattern?: string | string[];
  /** Unset: `auto` where there are data or a target besides sparsity, else `layer`. */
  scope?: ScopeName;
  /** Of the scope `global`: least share that a layer keeps, one for all or by name of a layer (or group of channels). */
  floor?: number | Record<string, number>;
  /** What is done about the weights that stay, in this order; needs data. */
  repair?: RepairName[];
  /** Share of zero weights; short for a target. */
  sparsity?: number;
  /** Budgets, such as `{ latency: '5ms', bytes: '1.2MB' }`. */
  target?: Record<string, string | number>;
}

/** What `prune` does, as data: a YAML or JSON file of the command line. */
export interface Recipe {
  /** Where editors find the schema. */
  $schema?: string;
  version?: 1;
  /** Of random choices; 0 unless set. */
  seed?: number;
  /** What is to be kept; unset: `accuracy` with labels, else `output-mse`. */
  metric?: MetricName;
  stages: Stage[];
}

const stages: Field = {
  schema: {
    type: 'array',
    minItems: 1,
    items: objectSchema(STAGE, STAGE_RULES),
    description: 'One after the other, each on what the one before has left',
  },
  check(value, path) {
    if (!Array.isArray(value) || value.length === 0) fail(path, 'a list of stages', value);
    value.forEach((stage, i) => {
      checkStage(stage, `${path}[${i}]`);
    });
  },
};

const RECIPE: Fields = {
  $schema: {
    schema: { type: 'string' },
    check: (value, path) => typeof value === 'string' || fail(path, 'text', value),
  },
  version: oneOf([1], 'Of this format'),
  seed: count('Of random choices; 0 unless set'),
  metric: oneOf(['accuracy', 'output-mse'], 'What is to be kept; unset: accuracy with labels, else output-mse'),
  stages,
};

function checkStage(stage: unknown, path: string): void {
  checkFields(stage, STAGE, path, 'a stage');
  const { sparsity, target, floor, scope, pattern } = stage as Stage;
  ensure(
    (sparsity === undefined) !== (target === undefined),
    'INVALID_ARGUMENT',
    () => `${path}: a stage has either sparsity or target, found ${sparsity === undefined ? 'neither' : 'both'}`,
  );
  ensure(
    floor === undefined || scope === 'global',
    'INVALID_ARGUMENT',
    () => `${path}.floor: belongs to the scope global, found ${scope === undefined ? 'no scope' : `'${scope}'`}`,
  );
  ensure(
    scope !== 'erk' || ![pattern].flat().includes('channel'),
    'INVALID_ARGUMENT',
    () => `${path}.scope: erk spreads weights; for the pattern channel it is auto, layer or global`,
  );
}

/**
 * The recipe itself, if it is one.
 * @throws ZeroskipError `INVALID_ARGUMENT` that names the place: `stages[0].criterion: …`
 */
export function checkRecipe(recipe: unknown): Recipe {
  checkFields(recipe, RECIPE, '', 'a recipe');
  ensure(Object.hasOwn(recipe as object, 'stages'), 'INVALID_ARGUMENT', 'stages: a recipe needs a list of stages');
  return recipe as Recipe;
}

/** The JSON Schema (draft 2020-12) of recipes, which editors check and complete them by: `zeroskip/recipe.schema.json`. */
export const recipeSchema = (): Schema => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'zeroskip pruning recipe',
  ...objectSchema(RECIPE, { required: ['stages'] }),
});
