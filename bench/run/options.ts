import type { Args, OptionSpecs } from '../../src/cli/args.ts';
import { UsageError } from '../../src/cli/usage.ts';
import { listOption } from '../lib/command.ts';
import { NETS, PATTERNS, SPARSITIES } from '../nets/net.ts';
import type { RuntimeName } from '../peers/runtime.ts';
import type { Task } from './protocol.ts';

/** The runtimes that a page can load. */
export const IN_BROWSER: readonly RuntimeName[] = [
  'zeroskip',
  'zeroskip-dense',
  'ort-web',
  'tfjs-wasm',
  'litert',
  'litert-sparse',
];
export const IN_NODE: readonly RuntimeName[] = [...IN_BROWSER, 'ort-node'];

/** Options that say which networks. */
export const TASK_OPTIONS: OptionSpecs = {
  nets: { type: 'string', value: 'LIST', help: `networks, of ${NETS.join(', ')} (default: all)` },
  sparsities: { type: 'string', value: 'LIST', help: `per cent of zeros, of ${SPARSITIES.join(', ')} (default: all)` },
  patterns: { type: 'string', value: 'LIST', help: `of ${PATTERNS.join(', ')} (default: ${PATTERNS[0]})` },
};

export const OPTIONS: OptionSpecs = {
  ...TASK_OPTIONS,
  peers: {
    type: 'string',
    value: 'LIST',
    help: `runtimes beside zeroskip, of ${IN_NODE.slice(1).join(', ')} (default: all that the host can run)`,
  },
  seconds: {
    type: 'string',
    value: 'S',
    help: 'time for the measured runs of one network in one process (default: 6)',
  },
  repeat: {
    type: 'string',
    value: 'N',
    help: 'processes for each network; what fewer than 3 have seen is not quoted (default: 3)',
  },
  json: { type: 'string', value: 'FILE', help: 'where the results go (default: a new file in bench/results)' },
  node: { type: 'string', value: 'MAJOR', help: 'measure under this version of Node, taken from npm' },
  browser: { type: 'boolean', help: 'measure in Chromium: /usr/bin/chromium, or the one that $CHROMIUM names' },
  core: { type: 'string', value: 'N', help: 'core to pin the measuring processes to (default: the last one)' },
};

/** What the command line asks for. */
export interface Choice {
  tasks: Task[];
  runtimes: RuntimeName[];
  seconds: number;
  repeat: number;
  json?: string;
  node?: number;
  browser: boolean;
  core?: number;
}

/**
 * The networks that the options ask for.
 * @throws UsageError naming the option that is wrong
 */
export function tasksFrom(args: Args): Task[] {
  const patterns =
    args.string('patterns') === undefined ? PATTERNS.slice(0, 1) : listOption(args, 'patterns', PATTERNS);
  const sparsities = listOption(args, 'sparsities', SPARSITIES);
  // Without zeros there is nothing that a pattern could arrange.
  const patternsAt = (sparsity: number) => (sparsity === 0 ? PATTERNS.slice(0, 1) : patterns);
  return listOption(args, 'nets', NETS).flatMap((network) =>
    sparsities.flatMap((sparsity) => patternsAt(sparsity).map((pattern): Task => ({ network, sparsity, pattern }))),
  );
}

/** @throws UsageError naming the option that is wrong */
export function chooseFrom(args: Args): Choice {
  const browser = args.flag('browser') ?? false;
  const node = args.number('node', 20, true);
  if (browser && node !== undefined) throw new UsageError('--browser and --node exclude each other');
  const peers = listOption(args, 'peers', (browser ? IN_BROWSER : IN_NODE).slice(1));
  const seconds = args.number('seconds', 0, false) ?? 6;
  if (seconds === 0 || seconds > 3600)
    throw new UsageError(`--seconds is more than 0 and at most 3600, found '${seconds}'`);
  return {
    tasks: tasksFrom(args),
    runtimes: ['zeroskip', ...peers],
    seconds,
    repeat: args.number('repeat', 1, true) ?? 3,
    json: args.string('json'),
    node,
    browser,
    core: args.number('core', 0, true),
  };
}
