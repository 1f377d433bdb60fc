import { ZeroskipError } from '../errors.ts';
import { UsageError } from './usage.ts';

/**
 * Splits `NAME=VALUE` at the name of an input (which may hold `=` itself); where there is one input only, its name may be left out.
 * @throws UsageError without a name, ZeroskipError `INVALID_ARGUMENT` for a name that is no input
 */
export function namedValue(option: string, text: string, inputs: readonly string[]): { name: string; value: string } {
  const known = inputs.filter((name) => text.startsWith(`${name}=`)).sort((a, b) => b.length - a.length)[0];
  if (known !== undefined) return { name: known, value: text.slice(known.length + 1) };
  const list = inputs.map((name) => `'${name}'`).join(', ') || 'none';
  const equals = text.lastIndexOf('=');
  if (equals >= 0) {
    const message = `--${option}: the model has no input '${text.slice(0, equals)}'; its inputs are ${list}`;
    throw new ZeroskipError('INVALID_ARGUMENT', message);
  }
  if (inputs.length === 1) return { name: inputs[0], value: text };
  throw new UsageError(
    `--${option} is NAME=VALUE where there are several inputs, found '${text}'; the inputs are ${list}`,
  );
}

/** Values by input name. @throws UsageError for a name that is given twice */
export function namedValues(option: string, texts: readonly string[], inputs: readonly string[]): Map<string, string> {
  const values = new Map<string, string>();
  for (const text of texts) {
    const { name, value } = namedValue(option, text, inputs);
    if (values.has(name)) throw new UsageError(`--${option} is given twice for input '${name}'`);
    values.set(name, value);
  }
  return values;
}
