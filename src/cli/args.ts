import { parseArgs } from 'node:util';
import { didYouMean } from '../words.ts';
import { UsageError } from './usage.ts';

/** An option of a command, with what `--help` says about it. */
export interface OptionSpec {
  type: 'string' | 'boolean';
  short?: string;
  multiple?: boolean;
  /** Placeholder of its value. */
  value?: string;
  help: string;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** Options of every command. */
export const COMMON_OPTIONS: OptionSpecs = {
  json: { type: 'boolean', help: 'print the facts as JSON' },
  help: { type: 'boolean', short: 'h', help: 'print this help' },
};

type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/** The parsed options of one command line. */
export class Args {
  private readonly values: Values;
  readonly positionals: readonly string[];

  constructor(values: Values, positionals: readonly string[]) {
    this.values = values;
    this.positionals = positionals;
  }

  string(name: string): string | undefined {
    return this.values[name] as string | undefined;
  }

  strings(name: string): string[] {
    return (this.values[name] as string[] | undefined) ?? [];
  }

  /** True, false, or undefined where the option is absent. */
  flag(name: string): boolean | undefined {
    return this.values[name] as boolean | undefined;
  }

  required(name: string, what: string): string {
    const value = this.string(name);
    if (value === undefined) throw new UsageError(`--${name} is missing: ${what}`);
    return value;
  }

  choice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const value = this.string(name);
    if (value === undefined || choices.includes(value as T)) return value as T | undefined;
    throw new UsageError(`--${name} is ${choices.join(' or ')}, found '${value}'`);
  }

  /** A number of at least `least`. */
  number(name: string, least: number, whole: boolean): number | undefined {
    const text = this.string(name);
    if (text === undefined) return undefined;
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (Number.isFinite(value) && value >= least && (!whole || Number.isSafeInteger(value))) return value;
    throw new UsageError(`--${name} is a ${whole ? 'whole ' : ''}number of at least ${least}, found '${text}'`);
  }

  /** The one positional argument. */
  only(what: string): string {
    const [first, second] = this.positionals;
    if (first === undefined) throw new UsageError(`${what} is missing`);
    if (second !== undefined) throw new UsageError(`one ${what} is expected, found a second argument '${second}'`);
    return first;
  }
}

/**
 * Parses the arguments behind the command's name.
 * @throws UsageError naming the argument that is wrong
 */
export function parse(argv: readonly string[], specs: OptionSpecs): Args {
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, { type, short, multiple = false }]) => [
      name,
      short ? { type, short, multiple } : { type, multiple },
    ]),
  );
  const config = { args: [...argv], options, allowPositionals: true, allowNegative: true };
  const { tokens } = parseArgs({ ...config, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind !== 'option' || Object.hasOwn(specs, token.name)) continue;
    const names = Object.keys(specs).map((name) => `--${name}`);
    throw new UsageError(`unknown option '${token.rawName}'${didYouMean(token.rawName, names)}`);
  }
  try {
    const { values, positionals } = parseArgs(config);
    return new Args(values as Values, positionals);
  } catch (error) {
    throw new UsageError((error as Error).message.split('\n')[0]);
  }
}
