import { spawnSync } from 'node:child_process';
import { root } from './sources.ts';

/** Runs a TypeScript file of the project in a process of its own. */
export function runNode(file: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', file, ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, CHROMIUM: '/there/is/no/chromium' },
  });
  return { status, stdout, stderr };
}
