import { spawn } from 'node:child_process';

/** What a program that reports its result in one line of JSON printed, and when. */
export interface Printed {
  report: { logits: number[] } & Record<string, unknown>;
  /** Milliseconds from its start to that line. */
  coldMs: number;
}

const TIMEOUT = 60_000;

/**
 * Runs a program in `cwd` until it ends.
 * @throws Error with what it wrote where it fails, or prints no JSON
 */
export function runProgram(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
): Promise<Printed> {
  const began = performance.now();
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT,
  });
  let output = '';
  let errors = '';
  let coldMs = Number.NaN;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (Number.isNaN(coldMs) && output.includes('\n')) coldMs = performance.now() - began;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      try {
        if (code !== 0) throw new Error(`ended with ${signal ?? `exit code ${code}`}`);
        resolve({ report: JSON.parse(output), coldMs });
      } catch (error) {
        reject(new Error(`${command} ${args.join(' ')}: ${(error as Error).message}: ${errors}${output}`));
      }
    });
  });
}
