import { ZeroskipError } from '../errors.ts';
import { didYouMean } from '../words.ts';

/** A part of a JSON Schema (draft 2020-12). */
export type Schema = Readonly<Record<string, unknown>>;

/** A field of a recipe: what may stand there, as a check whose error names the place, and as a schema. */
export interface Field {
  schema: Schema;
  check(value: unknown, path: string): void;
}

export type Fields = Readonly<Record<string, Field>>;

export const isObject = (x: unknown): x is Record<string, unknown> =>
  typeof x === 'object' && x !== null && !Array.isArray(x);

export const shown = (x: unknown): string => (typeof x === 'string' ? `'${x}'` : (JSON.stringify(x) ?? String(x)));

export function fail(path: string, expected: string, found: unknown): never {
  throw new ZeroskipError('INVALID_ARGUMENT', `${path}: expected ${expected}, found ${shown(found)}`);
}

/** A check whose error names the place in front of what it says itself. */
export function at(path: string, check: () => unknown): void {
  try {
    check();
  } catch (cause) {
    if (!(cause instanceof ZeroskipError)) throw cause;
    throw new ZeroskipError(cause.code, `${path}: ${cause.message.replace(/^\w+: /, '')}`, { cause });
  }
}

const plain = (schema: Schema, expected: string, is: (value: unknown) => boolean): Field => ({
  schema,
  check(value, path) {
    if (!is(value)) fail(path, expected, value);
  },
});

export const text = (description: string): Field =>
  plain({ type: 'string', description }, 'text', (x) => typeof x === 'string');

export const flag = (description: string): Field =>
  plain({ type: 'boolean', description }, 'true or false', (x) => typeof x === 'boolean');

export const texts = (description: string): Field =>
  plain(
    { type: 'array', items: { type: 'string' }, description },
    'a list of texts',
    (x) => Array.isArray(x) && x.every((item) => typeof item === 'string'),
  );

export const count = (description: string): Field =>
  plain(
    { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description },
    'a whole number of at least 0',
    (x) => Number.isSafeInteger(x) && (x as number) >= 0,
  );

export const oneOf = (names: readonly (string | number)[], description: string): Field => ({
  schema: { enum: names, description },
  check(value, path) {
    if (names.includes(value as string)) return;
    const near = typeof value === 'string' ? didYouMean(value, names.map(String)) : '';
    throw new ZeroskipError('INVALID_ARGUMENT', `${path}: expected ${names.join(', ')}, found ${shown(value)}${near}`);
  },
});

/** Checks an object by its fields; `what` names it in errors. */
export function checkFields(value: unknown, fields: Fields, path: string, what: string): void {
  if (!isObject(value)) fail(path || 'recipe', `${what}, an object`, value);
  const names = Object.keys(fields);
  for (const [name, own] of Object.entries(value)) {
    const place = path ? `${path}.${name}` : name;
    if (!Object.hasOwn(fields, name)) {
      throw new ZeroskipError(
        'INVALID_ARGUMENT',
        `${place}: unknown field; ${what} has ${names.join(', ')}${didYouMean(name, names)}`,
      );
    }
    if (own !== undefined) fields[name].check(own, place);
  }
}

/** The schema of an object with these fields and no others. */
export const objectSchema = (fields: Fields, more: Schema = {}): Schema => ({
  type: 'object',
  properties: Object.fromEntries(Object.entries(fields).map(([name, { schema }]) => [name, schema])),
  additionalProperties: false,
  ...more,
});
