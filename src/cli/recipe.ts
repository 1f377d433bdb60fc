import { parseDocument } from 'yaml';
import { ensure, ZeroskipError } from '../errors.ts';
import { readBytes } from '../host/node.ts';
import { CRITERIA } from '../prune/criteria/index.ts';
import { PATTERN_NAMES } from '../prune/patterns.ts';
import { checkRecipe, type Recipe, type Stage } from '../prune/recipe.ts';
import { REPAIRS, type RepairName } from '../prune/repair/index.ts';
import { SCOPES } from '../prune/stage_fields.ts';
import { parseTarget } from '../prune/targets.ts';
import type { Args, OptionSpecs } from './args.ts';
import { UsageError } from './usage.ts';

const many = (value: string, help: string) => ({ type: 'string', multiple: true, value, help }) as const;
const one = (value: string, help: string) => ({ type: 'string', value, help }) as const;

/** Options that are short for a recipe of one stage. */
export const RECIPE_OPTIONS: OptionSpecs = {
  target: many('NAME=AMOUNT', 'a budget: latency=5ms, bytes=1.2MB, flops=0.3x, sparsity=0.9; repeat it for several'),
  recipe: one('FILE', 'a recipe in YAML or JSON, instead of the options that follow'),
  metric: one('accuracy|output-mse', 'what is to be kept (default: accuracy with labels, else output-mse)'),
  criterion: one('NAME', `how weights are ranked: ${Object.keys(CRITERIA).join(', ')}`),
  pattern: many('NAME', `what goes together: ${PATTERN_NAMES.join(', ')}; repeat it to choose for each layer`),
  scope: one('auto|layer|global|erk', 'how the budget is spread over the layers (default with data: auto)'),
  floor: one('SHARE', 'least share that each layer keeps, with --scope global'),
  repair: many('NAME', `what is done about the weights that stay: ${Object.keys(REPAIRS).join(', ')}; in this order`),
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
  const recipe = parseRecipe(new TextDecoder().decode(await readBytes(file)), file);
  try {
    return checkRecipe(recipe);
  } catch (cause) {
    if (!(cause instanceof ZeroskipError)) throw cause;
    throw new ZeroskipError(cause.code, `${file}: ${cause.message}`, { cause });
  }
}

/** What aliases of a recipe may grow to: a few are of use, a bomb is not. */
const MOST_ALIASES = 100;

/** The value of a YAML document, which JSON is, too. */
function parseRecipe(text: string, file: string): unknown {
  try {
    const document = parseDocument(text, { prettyErrors: true });
    const [error] = document.errors;
    if (error) throw error;
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (cause) {
    const [reason] = (cause as Error).message.split('\n');
    throw new ZeroskipError('INVALID_ARGUMENT', `${file} is neither YAML nor JSON: ${reason.replace(/:$/, '')}`, {
      cause,
    });
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
  const list = (name: 'layers' | 'skip' | 'pattern' | 'repair'): void => {
    if (args.strings(name).length > 0) stage[name] = args.strings(name) as RepairName[];
  };
  list('layers');
  list('skip');
  list('pattern');
  list('repair');
  const criterion = args.string('criterion');
  if (criterion !== undefined) stage.criterion = criterion;
  const scope = args.choice('scope', [...SCOPES]);
  if (scope !== undefined) stage.scope = scope;
  const floor = args.number('floor', 0, false);
  if (floor !== undefined) stage.floor = floor;
  if (args.flag('all')) stage.all = true;
  return {
    seed: args.number('seed', 0, true),
    metric: args.choice('metric', ['accuracy', 'output-mse']),
    stages: [stage],
  };
}
