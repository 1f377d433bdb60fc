import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/sources.ts';
import { bytesLoaded } from './bytes.ts';
import type { Host } from './host.ts';
import { runProgram } from './process.ts';

const program = join(root, 'node_modules', '.bin', 'deno');

export const denoHost: Host = {
  name: 'Deno',
  example: 'deno',
  unavailable: () => (existsSync(program) ? undefined : 'the npm package deno is not installed'),
  async run(site) {
    const env = { DENO_DIR: join(site.folder, '.deno'), DENO_NO_UPDATE_CHECK: '1' };
    const args = ['run', '--cached-only', '--allow-read', 'main.ts'];
    const { report, coldMs } = await runProgram(program, args, site.folder, env);
    return { logits: report.logits, coldMs, bytes: await bytesLoaded(site, 'main.ts', report.variant) };
  },
};
