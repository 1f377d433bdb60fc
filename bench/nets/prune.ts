import type { Pattern } from './net.ts';

/** A weight as a matrix of outputs x columns: `W[o, c] = data[o * outStride + c * columnStride]`. */
export interface Weight {
  data: Float32Array;
  outs: number;
  columns: number;
  outStride: number;
  columnStride: number;
}

/** Outputs of one block. */
export const blockRows = (pattern: Pattern): number => (pattern === 'unstructured' ? 1 : Number(pattern.split('x')[0]));

/**
 * Magnitude pruning of one tensor, in place: sets those `round(share * blocks)` blocks of `rows` outputs x 1 column to zero whose mean
 * square is least. Of equals the first go. The last block row is lower where `rows` does not divide the outputs.
 */
export function prune(weight: Weight, rows: number, share: number): void {
  const scores = rows === 1 ? weight.data : meanSquares(weight, rows);
  const bits = new Uint32Array(scores.buffer, scores.byteOffset, scores.length);
  const count = Math.round(share * bits.length);
  if (count === 0) return;
  const { value, ties } = smallest(bits, count);
  let left = ties;
  for (let b = 0; b < bits.length; b++) {
    const score = bits[b] & MAGNITUDE;
    if (score > value || (score === value && left-- <= 0)) continue;
    if (rows === 1) weight.data[b] = 0;
    else clearBlock(weight, rows, b);
  }
}

/** Without its sign bit a float32 orders like its bits. */
const MAGNITUDE = 0x7fffffff;

/** The `count` smallest magnitudes are those below `value`, and `ties` that are equal to it. */
function smallest(bits: Uint32Array, count: number): { value: number; ties: number } {
  const upper = new Uint32Array(0x8000);
  for (let b = 0; b < bits.length; b++) upper[(bits[b] & MAGNITUDE) >>> 16]++;
  const high = bucketOf(upper, count);
  const lower = new Uint32Array(0x10000);
  for (let b = 0; b < bits.length; b++) if ((bits[b] & MAGNITUDE) >>> 16 === high.bucket) lower[bits[b] & 0xffff]++;
  const low = bucketOf(lower, high.rest);
  return { value: high.bucket * 0x10000 + low.bucket, ties: low.rest };
}

/** The bucket that holds the `count`-th element, and the how many-th of the bucket that is. */
function bucketOf(histogram: Uint32Array, count: number): { bucket: number; rest: number } {
  let bucket = 0;
  let rest = count;
  while (histogram[bucket] < rest) rest -= histogram[bucket++];
  return { bucket, rest };
}

/** `scores[k * columns + c]` = mean of `W[o, c]^2` over the outputs o of block row k. */
function meanSquares({ data, outs, columns, outStride, columnStride }: Weight, rows: number): Float32Array {
  const scores = new Float32Array(Math.ceil(outs / rows) * columns);
  for (let first = 0, at = 0; first < outs; first += rows) {
    const last = Math.min(first + rows, outs);
    for (let c = 0; c < columns; c++, at++) {
      let sum = 0;
      for (let o = first; o < last; o++) sum += data[o * outStride + c * columnStride] ** 2;
      scores[at] = sum / (last - first);
    }
  }
  return scores;
}

function clearBlock({ data, outs, columns, outStride, columnStride }: Weight, rows: number, block: number): void {
  const first = Math.floor(block / columns) * rows;
  const column = block % columns;
  for (let o = first; o < Math.min(first + rows, outs); o++) data[o * outStride + column * columnStride] = 0;
}
