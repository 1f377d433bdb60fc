import type { OptionSpec } from './args.ts';
import { type Command, optionsOf } from './command.ts';

const WIDTH = 96;

/** Words of `text` in lines of at most `width` characters. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line ? `${line} ${word}` : word;
  }
  return [...lines, line];
}

/** Two columns, the second wrapped. */
function list(rows: readonly (readonly [string, string])[]): string[] {
  const indent = Math.max(...rows.map(([left]) => left.length)) + 4;
  return rows.flatMap(([left, right]) =>
    wrap(right, WIDTH - indent).map((line, i) => (i === 0 ? `  ${left}` : '').padEnd(indent) + line),
  );
}

function showOption(name: string, { short, value, type }: OptionSpec): string {
  return `${short ? `-${short}, ` : ''}--${name}${type === 'string' ? ` ${value ?? 'VALUE'}` : ''}`;
}

/** `zeroskip --help` */
export function mainHelp(commands: readonly Command[]): string {
  return [
    'zeroskip: compiles pruned neural networks into packages that skip their zeros, and runs them in WebAssembly',
    '',
    'Usage: zeroskip COMMAND …',
    '',
    'Commands:',
    ...list(commands.map(({ name, summary }) => [name, summary] as const)),
    '',
    'Options:',
    ...list([
      ['--help', 'print this help; zeroskip COMMAND --help: that of a command, with examples'],
      ['--version', 'print the version'],
    ]),
    '',
    'Exit codes: 0 done, 1 a file or value is wrong, 2 the command line is wrong.',
    '',
    'Examples:',
    ...commands.map(({ examples }) => `  ${examples[0]}`),
  ].join('\n');
}

/** `zeroskip COMMAND --help` */
export function commandHelp(command: Command): string {
  const { name, summary, usage, details = [], examples } = command;
  return [
    `zeroskip ${name}: ${summary}`,
    '',
    `Usage: zeroskip ${name} ${usage}`,
    '',
    'Options:',
    ...list(Object.entries(optionsOf(command)).map(([option, spec]) => [showOption(option, spec), spec.help] as const)),
    ...details.flatMap((text) => ['', ...wrap(text, WIDTH)]),
    '',
    'Examples:',
    ...examples.map((example) => `  ${example}`),
  ].join('\n');
}
