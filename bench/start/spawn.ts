import { spawn } from 'node:child_process';
import { ensure } from '../../src/errors.ts';
import { pinned } from '../lib/pin.ts';
import type { First } from './largest.ts';

/** One start of one script. */
export interface Start extends First {
  /** Milliseconds from the spawning of the process to its printed result. */
  ms: number;
  peakBytes: number;
}

/** Starts `file` under `node` and waits for its result. */
export function start(node: string, core: number | undefined, file: string, args: readonly string[]): Promise<Start> {
  const [command, all] = pinned(core, node, [file, ...args]);
  const began = performance.now();
  const child = spawn(command, all, { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  let errors = '';
  let ms = Number.NaN;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    if (Number.isNaN(ms) && printed.includes('"peakBytes"')) ms = performance.now() - began;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      try {
        ensure(!Number.isNaN(ms), 'INTERNAL', () => `${file} ended with exit code ${code}: ${errors.slice(-500)}`);
        const line = printed.split('\n').find((text) => text.includes('"peakBytes"'))!;
        resolve({ ms, ...JSON.parse(line) });
      } catch (error) {
        reject(error);
      }
    });
  });
}
