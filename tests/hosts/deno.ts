import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/sources.ts';
import { bytesLoaded } from './bytes.ts';
import type { Host } from './host.ts';
import { runProgram } from './process.ts';
import type { Site } from './site.ts';

export const denoPath = join(root, 'node_modules', '.bin', 'deno');

/** Deno keeps what it compiles beside the example and asks nobody for news. */
export const denoEnvironment = ({ folder }: Site) => ({ DENO_DIR: join(folder, '.deno'), DENO_NO_UPDATE_CHECK: '1' });

export const denoHost: Host = {
  name: 'Deno',
  example: 'deno',
  unavailable: () => (existsSync(denoPath) ? undefined : 'the npm package deno is not installed'),
  async run(site) {
    const args = ['run', '--cached-only', '--allow-read', 'main.ts'];
    const { report, coldMs } = await runProgram(denoPath, args, site.folder, denoEnvironment(site));
    return { logits: report.logits, coldMs, bytes: await bytesLoaded(site, 'main.ts', report.variant) };
  },
};
