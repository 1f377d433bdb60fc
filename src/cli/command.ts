import { type Args, COMMON_OPTIONS, type OptionSpecs } from './args.ts';

/** What a command found: facts for programs and a text for people. */
export interface Result {
  facts: unknown;
  text: string;
}

export interface Command {
  name: string;
  summary: string;
  /** Positional arguments and required options, for the usage line. */
  usage: string;
  options: OptionSpecs;
  /** Paragraphs of the help behind the options. */
  details?: readonly string[];
  examples: readonly string[];
  run(args: Args): Promise<Result>;
}

/** All options that a command takes. */
export const optionsOf = (command: Command): OptionSpecs => ({ ...command.options, ...COMMON_OPTIONS });
