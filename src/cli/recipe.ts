import { ensure, ZeroskipError } from '../errors.ts';
import { readBytes } from '../host/node.ts';
import { CRITERIA } from '../prune/criteria/index.ts';
import { PATTERN_NAMES } from '../prune/patterns.ts';
import { checkRecipe, type Recipe, type Stage } from '../prune/recipe.ts';
import { parseTarget } from '../prune/targets.ts';
import type { Args, OptionSpecs } from './args.ts';
import { UsageError } from './usage.ts';

const many = (value: string, help: string) => ({ type: 'string', multiple: true, value, help }) as const;
const one = (value: string, help: string) => ({ type: 'string', value, help }) as const;

/** Options that are short for a recipe of one stage. */
export const RECIPE_OPTIONS: OptionSpecs = {
  target: many('NAME=AMOUNT', 'a budget: latency=5ms, bytes=1.2MB, flops=0.3x, sparsity=0.9; repeat it for several'),
  recipe: one('FILE', 'a recipe in JSON, instead of the options below'),
  metric: one('accuracy|output-mse', 'what is to be kept (default: accuracy with labels, else output-mse)'),
  criterion: one('NAME', `how weights are ranked: ${Object.keys(CRITERIA).join(', ')}`),
  pattern: many('NAME', `what goes together: ${PATTERN_NAMES.join(', ')}; repeat it to choose for each layer`),
  scope: one('auto|layer|global|erk', 'how the budget is spread over the layers (default with data: auto)'),
  layers: many('GLOB', 'layers to prune: names, globs or op:Conv'),
  skip: many('GLOB', 'layers to leave dense'),
  all: { type: 'boolean', help: 'prune where no kernel becomes faster, too' },
  seed: one('N', 'seed of random choices (default: 0)'),
};

/** The recipe that the options say, or the file of --recipe. */
export async function readRecipe(args: Args): Promise<Recipe> {
  const file = args.string('recipe');
  if (file === undefined) {
    const recipe = recipeOf(args);
    return recipe.stages.length > 0 ? checkRecipe(recipe) : recipe;
  }
  const given = Object.keys(RECIPE_OPTIONS).find(
    (name) =>
      name !== 'recipe' &&
      (RECIPE_OPTIONS[name].multiple
        ? args.strings(name).length > 0
        : (args.string(name) ?? args.flag(name)) !== undefined),
  );
  if (given) throw new UsageError(`--${given} belongs into the recipe ${file}`);
  const text = new TextDecoder().decode(await readBytes(file));
  let recipe: unknown;
  try {
    recipe = JSON.parse(text);
  } catch (cause) {
    throw new ZeroskipError('INVALID_ARGUMENT', `${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
  try {
    return checkRecipe(recipe);
  } catch (cause) {
    if (!(cause instanceof ZeroskipError)) throw cause;
    throw new ZeroskipError(cause.code, `${file}: ${cause.message}`, { cause });
  }
}

function recipeOf(args: Args): Recipe {
  const targets = args.strings('target');
  if (targets.length === 0 && args.string('masks') !== undefined) return { stages: [] };
  if (targets.length === 0) throw new UsageError('--target is missing: a budget such as --target latency=5ms');
  const target: Record<string, string> = {};
  for (const text of targets) {
    const { name } = parseTarget(text);
    ensure(!Object.hasOwn(target, name), 'INVALID_ARGUMENT', () => `target: ${name} is given twice`);
    target[name] = text.slice(text.indexOf('=') + 1);
  }
  const stage: Stage = { target };
  const list = (name: 'layers' | 'skip' | 'pattern'): void => {
    if (args.strings(name).length > 0) stage[name] = args.strings(name);
  };
  list('layers');
  list('skip');
  list('pattern');
  const criterion = args.string('criterion');
  if (criterion !== undefined) stage.criterion = criterion;
  const scope = args.choice('scope', ['auto', 'layer', 'global', 'erk']);
  if (scope !== undefined) stage.scope = scope;
  if (args.flag('all')) stage.all = true;
  return {
    seed: args.number('seed', 0, true),
    metric: args.choice('metric', ['accuracy', 'output-mse']),
    stages: [stage],
  };
}
