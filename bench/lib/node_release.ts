import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensure, ZeroskipError } from '../../src/errors.ts';
import { cacheFolder } from './folders.ts';

const windows = process.platform === 'win32';

/** The npm package of Node's releases for this platform. */
export const NODE_PACKAGE = `node-${windows ? 'win' : process.platform}-${process.arch}`;

/** How long npm may take, in milliseconds. */
const PATIENCE = 600_000;

interface Options {
  /** The package that has the executable. */
  name?: string;
  /** Milliseconds after which npm is stopped. */
  patience?: number;
}

/**
 * Path of the executable of another major version of Node, from the npm package `node-<platform>-<arch>`; installed into the cache
 * the first time, whole or not at all.
 * @throws ZeroskipError `FILE_ERROR` where npm cannot install it, or where what it installs does not run here
 */
export function nodeRelease(major: number, { name = NODE_PACKAGE, patience = PATIENCE }: Options = {}): string {
  const folder = cacheFolder(`node-${major}`);
  const executable = join(folder, 'node_modules', name, 'bin', windows ? 'node.exe' : 'node');
  if (existsSync(executable)) return executable;
  const part = `${folder}.${process.pid}.part`;
  mkdirSync(part, { recursive: true });
  try {
    writeFileSync(join(part, 'package.json'), '{ "private": true }\n');
    install(part, `${name}@${major}`, patience);
    const found = versionOf(executable.replace(folder, part));
    ensure(found.startsWith(`v${major}.`), 'FILE_ERROR', `${name}@${major} is Node ${found}`);
    rmSync(folder, { recursive: true, force: true });
    renameSync(part, folder);
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
  return executable;
}

/** Soon and once. */
const RETRY = ['--fetch-retries=1', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=1000'];

function install(folder: string, wanted: string, patience: number): void {
  const args = ['install', '--prefix', folder, '--no-audit', '--no-fund', ...RETRY, wanted];
  try {
    execFileSync('npm', args, { stdio: ['ignore', 'ignore', 'pipe'], shell: windows, timeout: patience });
  } catch (cause) {
    const { code, stderr, message } = cause as { code?: string; stderr?: Buffer; message: string };
    const reason =
      code === 'ETIMEDOUT' ? `it took more than ${patience / 1000} s` : (reasonIn(stderr?.toString() ?? '') ?? message);
    throw new ZeroskipError('FILE_ERROR', `npm cannot install ${wanted}: ${reason}`, { cause });
  }
}

/** What npm says is wrong, without its code and its remarks. */
export const reasonIn = (stderr: string): string | undefined =>
  /^npm (?:error|ERR!) (?!code |errno |syscall |A complete log)(?:network )?(.*\S)$/m.exec(stderr)?.[1];

function versionOf(executable: string): string {
  try {
    return execFileSync(executable, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  } catch (cause) {
    const { message } = cause as Error;
    throw new ZeroskipError('FILE_ERROR', `${executable} does not run on this machine: ${message}`, { cause });
  }
}
