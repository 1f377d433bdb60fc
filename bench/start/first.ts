/** What a script that is measured has to do: it gets the paths of its model and its input, and reports its first result. */
import { readFileSync } from 'node:fs';
import { largest } from './largest.ts';

/** Paths of the model and the input, from the command line. */
export const [model, input] = process.argv.slice(2);

export const DIMS = [1, 3, 224, 224];
export const DIMS_LAST = [1, 224, 224, 3];

/** The input as floats. */
export function readInput(): Float32Array<ArrayBuffer> {
  const bytes = readFileSync(input);
  const floats = new Float32Array(bytes.length / 4);
  new Uint8Array(floats.buffer).set(bytes);
  return floats;
}

/** Most memory that this process has held. `maxRSS` counts what the parent held when it forked, Linux's `VmHWM` does not. */
function peakBytes(): number {
  try {
    return Number(/^VmHWM:\s*(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

/** Prints the largest output and where it is, and the memory that was taken; the process ends. */
export function done(output: ArrayLike<number>): void {
  process.stdout.write(`${JSON.stringify({ ...largest(output), peakBytes: peakBytes() })}\n`);
  process.exit(0);
}
