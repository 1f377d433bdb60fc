import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/sources.ts';
import { bytesLoaded } from './bytes.ts';
import type { Host } from './host.ts';
import { runProgram } from './process.ts';

/** The executables lie in packages of their own, one for each platform; npm installs those that fit. */
const builds = join(root, 'node_modules', '@oven');
const names = existsSync(builds) ? readdirSync(builds).sort() : [];
export const bunPath = names.map((name) => join(builds, name, 'bin', 'bun')).find(existsSync);

export const bunHost: Host = {
  name: 'Bun',
  example: 'bun',
  unavailable: () => (bunPath ? undefined : 'the npm package bun is not installed'),
  async run(site) {
    const { report, coldMs } = await runProgram(bunPath!, ['run', '--no-install', 'main.ts'], site.folder);
    return {
      logits: report.logits,
      coldMs,
      bytes: await bytesLoaded(site, 'main.ts', report.variant, ['bun', 'node']),
    };
  },
};
