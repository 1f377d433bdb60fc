import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensure } from '../../src/errors.ts';
import { cacheFolder } from './folders.ts';

const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
const folderOf = (major: number): string => cacheFolder(`node-${major}`);

/** Where {@link nodeRelease} keeps the executable of a major version of Node, whether it is there or not. */
export const nodeReleasePath = (major: number): string =>
  join(folderOf(major), 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/**
 * Path of the executable of another major version of Node, from the npm package `node-<platform>-<arch>`; installed into the cache
 * the first time.
 * @throws ZeroskipError `FILE_ERROR` where npm cannot install it
 */
export function nodeRelease(major: number): string {
  const executable = nodeReleasePath(major);
  if (!existsSync(executable)) {
    const folder = folderOf(major);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    try {
      const args = ['install', '--prefix', folder, '--no-audit', '--no-fund', `${name}@${major}`];
      execFileSync('npm', args, { stdio: ['ignore', 'ignore', 'pipe'], shell: process.platform === 'win32' });
    } catch (error) {
      const { stderr } = error as { stderr?: Buffer };
      ensure(
        false,
        'FILE_ERROR',
        `npm cannot install ${name}@${major}: ${lastLine(stderr) ?? (error as Error).message}`,
      );
    }
  }
  return executable;
}

const lastLine = (output?: Buffer): string | undefined => output?.toString().trim().split('\n').at(-1);
