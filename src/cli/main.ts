import { createRequire } from 'node:module';
import { ZeroskipError } from '../errors.ts';
import { didYouMean } from '../words.ts';
import { apoz } from './apoz.ts';
import { parse } from './args.ts';
import { bench } from './bench.ts';
import { type Command, optionsOf, type Result } from './command.ts';
import { compile } from './compile.ts';
import { printable } from './format.ts';
import { commandHelp, mainHelp } from './help.ts';
import { inspect } from './inspect.ts';
import { profile } from './profile.ts';
import { prune } from './prune.ts';
import { report } from './report.ts';
import { run } from './run.ts';
import { UsageError } from './usage.ts';

const COMMANDS: readonly Command[] = [compile, run, inspect, profile, apoz, prune, report, bench];

/** Exit codes. */
const DONE = 0;
const WRONG_INPUT = 1;
const WRONG_USAGE = 2;

/** Runs one command line and prints what it found. @returns the exit code */
export async function main(argv: readonly string[]): Promise<number> {
  // Whether errors are printed as JSON has to be known before the options are parsed.
  const json = argv.includes('--json');
  try {
    const result = await dispatch(argv);
    print(typeof result === 'string' ? result : json ? JSON.stringify(result.facts, plain, 2) : result.text);
    return DONE;
  } catch (error) {
    const { code, message, exit } = describe(error, argv[0]);
    if (json) print(JSON.stringify({ error: { code, message } }, null, 2));
    else process.stderr.write(printable(`zeroskip: ${code}: ${message}\n`));
    return exit;
  }
}

function dispatch(argv: readonly string[]): Promise<Result> | string {
  const [name, ...rest] = argv;
  if (name === undefined)
    throw new UsageError(`a command is missing: ${COMMANDS.map((command) => command.name).join(', ')}`);
  if (name === '--help' || name === '-h' || (name === 'help' && rest.length === 0)) return mainHelp(COMMANDS);
  if (name === '--version' || name === '-v') return version();
  const wanted = name === 'help' ? rest[0] : name;
  const command = COMMANDS.find((candidate) => candidate.name === wanted);
  if (!command) {
    const names = [...COMMANDS.map((candidate) => candidate.name), '--help', '--version'];
    throw new UsageError(
      `unknown ${wanted.startsWith('-') ? 'option' : 'command'} '${wanted}'${didYouMean(wanted, names)}`,
    );
  }
  const args = parse(name === 'help' ? ['--help'] : rest, optionsOf(command));
  return args.flag('help') ? commandHelp(command) : command.run(args);
}

function version(): string {
  const { version } = createRequire(import.meta.url)('zeroskip/package.json') as { version: string };
  return version;
}

const print = (text: string): void => {
  process.stdout.write(`${printable(text)}\n`);
};

/** int64 data as numbers where they are exact, else as decimal text; infinities as text. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

function describe(error: unknown, command: string | undefined): { code: string; message: string; exit: number } {
  if (error instanceof UsageError) {
    const known = COMMANDS.some(({ name }) => name === command);
    const hint = `see zeroskip ${known ? `${command} ` : ''}--help`;
    const message = error.message.endsWith('?') ? `${error.message} (${hint})` : `${error.message}; ${hint}`;
    return { code: 'USAGE', message, exit: WRONG_USAGE };
  }
  if (error instanceof ZeroskipError) return { code: error.code, message: error.message, exit: WRONG_INPUT };
  const message = error instanceof Error ? error.message : String(error);
  // V8's words for an ArrayBuffer that it cannot get.
  if (error instanceof RangeError && /allocation failed|Invalid typed array length/i.test(message)) {
    return { code: 'OUT_OF_MEMORY', message, exit: WRONG_INPUT };
  }
  return {
    code: 'INTERNAL',
    message: `${message} (this is a fault of zeroskip, not of the command)`,
    exit: WRONG_INPUT,
  };
}
