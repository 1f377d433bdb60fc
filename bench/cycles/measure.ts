import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ensure } from '../../src/errors.ts';
import type { Curve, Way } from './results.ts';

const CHILD = fileURLToPath(new URL('child.mjs', import.meta.url));

export interface Cycling {
  /** Path of the package. */
  package: string;
  way: Way;
  cycles: number;
  /** A sample behind so many cycles. */
  every: number;
  collect: boolean;
}

/** A program that runs `child.mjs`, and its arguments before the name of that file. */
export type Program = readonly [command: string, ...args: string[]];

/**
 * Runs cycles in a process of its own.
 * @throws ZeroskipError `INTERNAL` with what it printed where it fails
 */
export async function measureCycles([command, ...args]: Program, cycling: Cycling, script = CHILD): Promise<Curve> {
  const child = spawn(command, [...args, script, JSON.stringify(cycling)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  ensure(code === 0, 'INTERNAL', () => `${script} ended with exit code ${code}: ${errors.slice(-1000)}`);
  const { samples, memoryBytes } = JSON.parse(printed);
  return { way: cycling.way, collect: cycling.collect, samples, memoryBytes };
}
