import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { createRequire } from 'node:module';
import type { Readable } from 'node:stream';
import { ensure } from '../../src/errors.ts';
import { pinned } from '../lib/pin.ts';
import type { First } from './largest.ts';

/**
 * Path of workerd, which comes with miniflare.
 * @throws ZeroskipError `FILE_ERROR` where it is not there
 */
export function workerdPath(): string {
  let path = 'workerd';
  try {
    path = createRequire(import.meta.resolve('miniflare'))('workerd').default;
  } catch (error) {
    ensure(false, 'FILE_ERROR', `workerd is not installed: ${(error as Error).message}`);
  }
  ensure(existsSync(path), 'FILE_ERROR', `there is no workerd at ${path}`);
  return path;
}

export const workerdVersion = (path: string): string =>
  /\d{4}-\d\d-\d\d/.exec(execFileSync(path, ['--version'], { encoding: 'utf8' }))?.[0] ?? 'unknown';

/** One start of one Worker. */
export interface WorkerStart extends First {
  /** Milliseconds from spawning workerd to the answer. */
  ms: number;
  /** Of these, milliseconds from the request, which is sent as soon as workerd listens. */
  requestMs: number;
  /** Most memory that the process held. */
  peakBytes: number;
}

const PATIENCE = 60_000;

/**
 * Starts workerd with `config`, posts `input` to `path` there and waits for the answer.
 * @throws Error with the answer where it is not a result, or with what workerd wrote where there is none
 */
export async function startWorker(
  workerd: string,
  core: number | undefined,
  config: string,
  input: Uint8Array,
  path = '/',
): Promise<WorkerStart> {
  const [command, args] = pinned(core, workerd, ['serve', '--control-fd=3', config]);
  const began = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe', 'pipe'], timeout: PATIENCE });
  let output = '';
  for (const stream of [child.stdout!, child.stderr!])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const ended = new Promise<never>((_, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) =>
      reject(new Error(`workerd ended with ${signal ?? `exit code ${code}`}: ${output.slice(-500)}`)),
    );
  });
  try {
    const port = await Promise.race([portOf(child.stdio[3] as Readable), ended]);
    const asked = performance.now();
    const { status, body } = await Promise.race([post(port, path, input), ended]);
    const now = performance.now();
    // Where no script answers, what workerd writes says why.
    if (status !== 200) throw new Error(body === 'Internal Server Error' ? errorIn(output) || body : body);
    const first: First = JSON.parse(body);
    return { ...first, ms: now - began, requestMs: now - asked, peakBytes: peakOf(child.pid!) };
  } finally {
    ended.catch(() => undefined);
    child.kill('SIGKILL');
  }
}

/** The first error that workerd wrote, without where it was raised. */
const errorIn = (output: string): string | undefined => /jsg\.Error: (.*?)(?: Refer to: |$)/m.exec(output)?.[1];

/** The port that workerd tells on its control stream. */
function portOf(control: Readable): Promise<number> {
  return new Promise((resolve) => {
    let text = '';
    control.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const port = /"event":"listen".*"port":(\d+)/.exec(text)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
  });
}

function post(port: number, path: string, input: Uint8Array): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, method: 'POST', headers: { 'content-length': input.length } };
    const asking = request(options, async (response) => {
      try {
        let body = '';
        for await (const text of response.setEncoding('utf8')) body += text;
        resolve({ status: response.statusCode!, body });
      } catch (error) {
        reject(error);
      }
    });
    asking.on('error', reject);
    asking.end(input);
  });
}

/** Most memory that a process of Linux has held; NaN elsewhere. */
function peakOf(pid: number): number {
  try {
    return Number(/^VmHWM:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
  } catch {
    return Number.NaN;
  }
}
