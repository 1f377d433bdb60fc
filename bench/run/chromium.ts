import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { ensure } from '../../src/errors.ts';
import type { Host } from '../lib/results.ts';

const USUAL = '/usr/bin/chromium';

/** Flags that keep Chromium from doing anything beside the page. */
export const FLAGS: readonly string[] = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Path of Chromium: `$CHROMIUM`, or where Debian puts it.
 * @throws ZeroskipError `FILE_ERROR` that says how to get it
 */
export function chromiumPath(): string {
  const path = process.env.CHROMIUM || USUAL;
  const how = `install it ('apt-get install chromium' on Debian), or set CHROMIUM to the path of a Chromium or Chrome`;
  ensure(existsSync(path), 'FILE_ERROR', `there is no Chromium at ${path}: ${how}`);
  return path;
}

export function chromiumHost(path: string): Host {
  const text = execFileSync(path, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return { name: 'chromium', version: /\d+(\.\d+)+/.exec(text)?.[0] ?? 'unknown' };
}
