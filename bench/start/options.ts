import type { Args, OptionSpecs } from '../../src/cli/args.ts';
import { UsageError } from '../../src/cli/usage.ts';

export const OPTIONS: OptionSpecs = {
  browser: { type: 'boolean', help: 'measure pages in Chromium: first visits and later ones' },
  workerd: { type: 'boolean', help: 'measure Workers in workerd: from its start, and from the first request' },
  repeat: { type: 'string', value: 'N', help: 'starts of each script, or profiles for each page (default: 7)' },
  json: { type: 'string', value: 'FILE', help: 'where the results go (default: a new file in bench/results)' },
  node: { type: 'string', value: 'MAJOR', help: 'measure under this version of Node, taken from npm' },
  core: { type: 'string', value: 'N', help: 'core to pin the processes to (default: the last one); not in Chromium' },
};

/** What the command line asks for. */
export interface Choice {
  host: 'node' | 'chromium' | 'workerd';
  times: number;
  json: string | undefined;
  /** Major version of Node. */
  node: number | undefined;
  core: number | undefined;
}

/** @throws UsageError where options do not go together */
export function chooseFrom(args: Args): Choice {
  const [browser, workerd] = [args.flag('browser'), args.flag('workerd')];
  const node = args.number('node', 20, true);
  const core = args.number('core', 0, true);
  if (browser && workerd) throw new UsageError('--browser and --workerd are two measurements: give one');
  if (browser && core !== undefined) throw new UsageError('--browser starts Chromium on all cores, not on --core');
  if ((browser || workerd) && node !== undefined) throw new UsageError('--node belongs to the measurement in Node');
  return {
    host: browser ? 'chromium' : workerd ? 'workerd' : 'node',
    times: args.number('repeat', 1, true) ?? 7,
    json: args.string('json'),
    node,
    core,
  };
}
