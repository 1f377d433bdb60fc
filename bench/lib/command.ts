import { type Args, type OptionSpecs, parse } from '../../src/cli/args.ts';
import { printable } from '../../src/cli/format.ts';
import { wrap } from '../../src/cli/help.ts';
import { UsageError } from '../../src/cli/usage.ts';
import { ZeroskipError } from '../../src/errors.ts';
import { didYouMean } from '../../src/words.ts';

const WIDTH = 100;

/** A script of the benchmark. */
export interface Script {
  /** As npm runs it: `bench`, `bench:kernels`. */
  name: string;
  summary: string;
  options: OptionSpecs;
  examples: readonly string[];
  /** @returns the exit code */
  run(args: Args): Promise<number>;
}

const HELP: OptionSpecs = { help: { type: 'boolean', short: 'h', help: 'print this help' } };

/** Runs a script on the command line `argv`. @returns the exit code: 1 where something is wrong, 2 where the command line is */
export async function runScript(script: Script, argv: readonly string[]): Promise<number> {
  const fail = (message: string, code: number): number => {
    process.stderr.write(printable(`${script.name}: ${message}\n`));
    return code;
  };
  try {
    const args = parse(argv, { ...script.options, ...HELP });
    if (args.flag('help')) {
      console.log(help(script));
      return 0;
    }
    if (args.positionals.length > 0) throw new UsageError(`unexpected argument '${args.positionals[0]}'`);
    return await script.run(args);
  } catch (error) {
    if (error instanceof UsageError) return fail(`${error.message} (npm run ${script.name} -- --help)`, 2);
    if (error instanceof ZeroskipError) return fail(error.message, 1);
    throw error;
  }
}

function help({ name, summary, options, examples }: Script): string {
  const rows = Object.entries({ ...options, ...HELP }).map(([option, { short, type, value, help }]) => ({
    left: `  ${short ? `-${short}, ` : ''}--${option}${type === 'string' ? ` ${value}` : ''}`,
    right: help,
  }));
  const indent = Math.max(...rows.map(({ left }) => left.length)) + 2;
  const lines = rows.flatMap(({ left, right }) =>
    wrap(right, WIDTH - indent).map((line, i) => (i === 0 ? left : '').padEnd(indent) + line),
  );
  return [`${name}: ${summary}`, '', ...lines, '', ...examples.map((example) => `  npm run ${example}`)].join('\n');
}

/**
 * The comma-separated names of an option, in the order of `known`; all of `known` where the option is absent.
 * @throws UsageError naming the one that is unknown
 */
export function listOption<T extends string | number>(args: Args, name: string, known: readonly T[]): T[] {
  const text = args.string(name);
  if (text === undefined) return [...known];
  const words = text.split(',').map((word) => word.trim());
  for (const word of words) {
    if (known.some((value) => String(value) === word)) continue;
    throw new UsageError(
      `--${name} is a list of ${known.join(', ')}; found '${word}'${didYouMean(word, known.map(String))}`,
    );
  }
  return known.filter((value) => words.includes(String(value)));
}
