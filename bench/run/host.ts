import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Machine } from '../lib/machine.ts';
import { pinned } from '../lib/pin.ts';

const DESCRIBE = fileURLToPath(new URL('describe.ts', import.meta.url));

/** The machine as a process of `node` that is pinned to `core` sees it. */
export function machineOf(node: string, core: number | undefined): Machine {
  const [command, args] = pinned(core, node, ['--import', 'tsx', DESCRIBE]);
  return JSON.parse(execFileSync(command, args, { encoding: 'utf8' }));
}
