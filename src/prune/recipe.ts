import { ensure, ZeroskipError } from '../errors.ts';
import { didYouMean } from '../words.ts';
import { criterionNamed } from './criteria/index.ts';
import type { MetricName } from './metric.ts';
import { parsePattern } from './patterns.ts';
import { targetOf } from './targets.ts';

/** How a budget is spread: `auto` searches by sensitivity, the others are those of the literature, see `masksFor`. */
export type ScopeName = 'auto' | 'layer' | 'global' | 'erk';

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
  /** A pattern, or several to choose from for each layer; unset: those with kernels for many columns if there is a latency target, else unstructured. */
  pattern?: string | string[];
  /** Unset: `auto` where there are data or a target besides sparsity, else `layer`. */
  scope?: ScopeName;
  /** Share of zero weights; short for a target. */
  sparsity?: number;
  /** Budgets, such as `{ latency: '5ms', bytes: '1.2MB' }`. */
  target?: Record<string, string | number>;
}

/** What `prune` does, as data: a YAML or JSON file of the command line. */
export interface Recipe {
  version?: 1;
  /** Of random choices; 0 unless set. */
  seed?: number;
  /** What is to be kept; unset: `accuracy` with labels, else `output-mse`. */
  metric?: MetricName;
  stages: Stage[];
}

type Check = (value: unknown, path: string) => void;

const notA = (path: string, expected: string, found: unknown): ZeroskipError => {
  const shown = typeof found === 'string' ? `'${found}'` : (JSON.stringify(found) ?? String(found));
  return new ZeroskipError('INVALID_ARGUMENT', `${path}: expected ${expected}, found ${shown}`);
};

const fail = (path: string, expected: string, found: unknown): never => {
  throw notA(path, expected, found);
};

const isObject = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null && !Array.isArray(x);

const text: Check = (value, path) => {
  if (typeof value !== 'string') fail(path, 'text', value);
};
const flag: Check = (value, path) => {
  if (typeof value !== 'boolean') fail(path, 'true or false', value);
};
const texts: Check = (value, path) => {
  if (!Array.isArray(value) || !value.every((x) => typeof x === 'string')) fail(path, 'a list of texts', value);
};

const oneOf =
  (...names: (string | number)[]): Check =>
  (value, path) => {
    if (names.includes(value as string)) return;
    const near = typeof value === 'string' ? didYouMean(value, names.map(String)) : '';
    throw new ZeroskipError(
      'INVALID_ARGUMENT',
      `${path}: expected ${names.join(', ')}, found ${typeof value === 'string' ? `'${value}'` : JSON.stringify(value)}${near}`,
    );
  };

/** A check whose error names the place in front of what it says itself. */
const by =
  (check: (value: never) => unknown): Check =>
  (value, path) => {
    try {
      check(value as never);
    } catch (cause) {
      if (!(cause instanceof ZeroskipError)) throw cause;
      throw new ZeroskipError(cause.code, `${path}: ${cause.message.replace(/^\w+: /, '')}`, { cause });
    }
  };

const pattern: Check = (value, path) => {
  const names = Array.isArray(value) ? value : [value];
  if (names.length === 0) fail(path, 'a pattern', value);
  names.forEach((name, i) => {
    const at = Array.isArray(value) ? `${path}[${i}]` : path;
    text(name, at);
    by(parsePattern)(name, at);
  });
};

const sparsity: Check = (value, path) => {
  if (typeof value !== 'number' || !(value >= 0 && value < 1)) fail(path, 'a share of at least 0 and below 1', value);
};

const target: Check = (value, path) => {
  if (!isObject(value) || Object.keys(value).length === 0) fail(path, "budgets such as { latency: '5ms' }", value);
  for (const [name, amount] of Object.entries(value as Record<string, string>))
    by(() => targetOf(name, amount))(amount, `${path}.${name}`);
};

const reserved: Check = (_, path) => {
  throw new ZeroskipError('INVALID_ARGUMENT', `${path}: is reserved for fine-tuning, which this command does not do`);
};

const STAGE: Readonly<Record<string, Check>> = {
  name: text,
  layers: texts,
  skip: texts,
  all: flag,
  criterion: by(criterionNamed),
  pattern,
  scope: oneOf('auto', 'layer', 'global', 'erk'),
  sparsity,
  target,
  schedule: reserved,
  epochs: reserved,
};

const RECIPE: Readonly<Record<string, Check>> = {
  version: oneOf(1),
  seed: (value, path) => {
    if (!Number.isSafeInteger(value) || (value as number) < 0) fail(path, 'a whole number of at least 0', value);
  },
  metric: oneOf('accuracy', 'output-mse'),
  stages: (value, path) => {
    if (!Array.isArray(value) || value.length === 0) fail(path, 'a list of stages', value);
    (value as unknown[]).forEach((stage, i) => {
      checkStage(stage, `${path}[${i}]`);
    });
  },
};

function checkStage(stage: unknown, path: string): void {
  checkFields(stage, STAGE, path, 'a stage');
  const { sparsity, target } = stage as Stage;
  ensure(
    (sparsity === undefined) !== (target === undefined),
    'INVALID_ARGUMENT',
    () => `${path}: a stage has either sparsity or target, found ${sparsity === undefined ? 'neither' : 'both'}`,
  );
}

function checkFields(value: unknown, fields: Readonly<Record<string, Check>>, path: string, what: string): void {
  if (!isObject(value)) throw notA(path || 'recipe', `${what}, an object`, value);
  const names = Object.keys(fields);
  for (const [name, field] of Object.entries(value)) {
    const place = path ? `${path}.${name}` : name;
    ensure(
      Object.hasOwn(fields, name),
      'INVALID_ARGUMENT',
      () => `${place}: unknown field; ${what} has ${names.join(', ')}${didYouMean(name, names)}`,
    );
    if (field !== undefined) fields[name](field, place);
  }
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
