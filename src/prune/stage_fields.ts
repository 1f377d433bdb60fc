import { ensure, ZeroskipError } from '../errors.ts';
import { CRITERIA, criterionNamed } from './criteria/index.ts';
import { PATTERN_NAMES, parsePattern } from './patterns.ts';
import { at, type Field, type Fields, fail, flag, isObject, oneOf, type Schema, text, texts } from './recipe_fields.ts';
import { checkRepairs, REPAIRS } from './repair/index.ts';
import { checkScope, type GlobalScope } from './scope.ts';
import { targetOf } from './targets.ts';

/** How a budget is spread: `auto` searches by sensitivity, the others are those of the literature, see `masksFor`. */
export type ScopeName = 'auto' | 'layer' | 'global' | 'erk';

export const SCOPES: readonly ScopeName[] = ['auto', 'layer', 'global', 'erk'];

const CLOSE_TO_ONE = { type: 'number', minimum: 0, exclusiveMaximum: 1 };
const SHARE = { type: 'number', minimum: 0, maximum: 1 };

const criterion: Field = {
  schema: { enum: Object.keys(CRITERIA), description: 'How weights are ranked; unset: magnitude-l1' },
  check: (value, path) => at(path, () => criterionNamed(value as string)),
};

const PATTERN: Schema = {
  type: 'string',
  pattern: '^(unstructured|channel|[1-9][0-9]*[:x][1-9][0-9]*)$',
  examples: PATTERN_NAMES,
};

const pattern: Field = {
  schema: {
    description:
      'What goes together: one pattern, or several to choose from for each layer. channel removes filters, neurons and heads, with all that depends on them, and stands alone',
    oneOf: [PATTERN, { type: 'array', items: PATTERN, minItems: 1 }],
  },
  check(value, path) {
    const names: unknown[] = Array.isArray(value) ? value : [value];
    if (names.length === 0) fail(path, 'a pattern', value);
    names.forEach((name, i) => {
      const place = Array.isArray(value) ? `${path}[${i}]` : path;
      if (typeof name !== 'string') fail(place, 'text', name);
      at(place, () => parsePattern(name));
    });
    ensure(
      names.length === 1 || !names.includes('channel'),
      'INVALID_ARGUMENT',
      () => `${path}: channel removes whole channels and stands alone; prune what stays in a second stage`,
    );
  },
};

const repair: Field = {
  schema: {
    type: 'array',
    items: { enum: Object.keys(REPAIRS) },
    uniqueItems: true,
    description: 'What is done about the weights that stay, in this order; needs data',
  },
  check(value, path) {
    if (!Array.isArray(value)) fail(path, 'a list of repairs', value);
    at(path, () => checkRepairs(value));
  },
};

const floor: Field = {
  schema: {
    description: 'Least share that each layer keeps, of the scope global: one for all, or by name of a layer',
    oneOf: [SHARE, { type: 'object', additionalProperties: SHARE }],
  },
  check(value, path) {
    if (typeof value !== 'number' && !isObject(value)) fail(path, 'a share from 0 to 1, or one by layer', value);
    at(path, () => checkScope({ kind: 'global', floor: value as GlobalScope['floor'] }));
  },
};

const sparsity: Field = {
  schema: { ...CLOSE_TO_ONE, description: 'Share of zero weights; short for a target' },
  check(value, path) {
    if (typeof value !== 'number' || !(value >= 0 && value < 1)) fail(path, 'a share of at least 0 and below 1', value);
  },
};

const amount = (description: string): Schema => ({ type: ['string', 'number'], description });

const target: Field = {
  schema: {
    type: 'object',
    description: 'Budgets that all hold in the network as it is compiled; x and % are shares of the dense network',
    properties: {
      latency: amount('5ms, 800us, 0.5x'),
      bytes: amount('of the package: 1.2MB, 300KB, 0.25x'),
      flops: amount('multiplications: 0.3x, 30%, 40M'),
      sparsity: amount('share of zero weights: 0.9, 90%'),
    },
    additionalProperties: false,
    minProperties: 1,
  },
  check(value, path) {
    if (!isObject(value) || Object.keys(value).length === 0) fail(path, "budgets such as { latency: '5ms' }", value);
    for (const [name, wanted] of Object.entries(value))
      at(`${path}.${name}`, () => targetOf(name, wanted as string | number));
  },
};

const reserved: Field = {
  schema: { not: {}, description: 'Reserved for fine-tuning' },
  check(_, path) {
    throw new ZeroskipError('INVALID_ARGUMENT', `${path}: is reserved for fine-tuning, which this command does not do`);
  },
};

/** What a stage of a recipe may say. */
export const STAGE: Fields = {
  name: text('For people'),
  layers: texts('Layers by name, glob or op:Conv; unset: all that sparse kernels serve'),
  skip: texts('Layers that stay dense, in the same notation'),
  all: flag('Depthwise layers and the convolution of the input image, too, and sparsities that nothing accelerates'),
  criterion,
  pattern,
  scope: oneOf(SCOPES, 'How the budget is spread; unset: auto with data, which searches by sensitivity'),
  floor,
  repair,
  sparsity,
  target,
  schedule: reserved,
  epochs: reserved,
};

/** Rules between the fields of a stage, for JSON Schema. */
export const STAGE_RULES: Schema = {
  oneOf: [{ required: ['sparsity'] }, { required: ['target'] }],
  if: { required: ['floor'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { required: ['scope'], properties: { scope: { const: 'global' } } },
};
