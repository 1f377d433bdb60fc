import type { Linear } from '../graph/linear.ts';

/** Share of a pattern's elements that are not zero, from which on it counts as that pattern. */
const FULL = 0.9;

/**
 * How many neighbouring outputs share their zeros: 4 or 2 if the weights are sparse in blocks of outputs, else 1. Rows that are zero
 * do not count: dense filters among zero ones are no blocks.
 */
export function rowBlock(linear: Linear): number {
  const { outs, ins, taps, data, outStride, inStride } = linear;
  let nonZeros = 0;
  let nonZeroRows = 0;
  const blocks = { 2: 0, 4: 0 };
  const seen = { 2: new Uint8Array(ins * taps), 4: new Uint8Array(ins * taps) };
  for (let o = 0; o < outs; o++) {
    for (const size of [2, 4] as const) if (o % size === 0) seen[size].fill(0);
    const before = nonZeros;
    for (let i = 0; i < ins; i++) {
      for (let t = 0; t < taps; t++) {
        if (data[o * outStride + i * inStride + t] === 0) continue;
        nonZeros++;
        for (const size of [2, 4] as const) {
          if (seen[size][i * taps + t]) continue;
          seen[size][i * taps + t] = 1;
          blocks[size]++;
        }
      }
    }
    if (nonZeros > before) nonZeroRows++;
  }
  if (nonZeros >= FULL * nonZeroRows * ins * taps) return 1;
  return ([4, 2] as const).find((size) => nonZeros >= FULL * size * blocks[size]) ?? 1;
}

/** Of `channels`, ascending, those whose whole aligned block of `size` is among them. */
export function wholeBlocks(channels: readonly number[], size: number, outs: number): number[] {
  const counts = new Map<number, number>();
  for (const c of channels) counts.set(Math.floor(c / size), (counts.get(Math.floor(c / size)) ?? 0) + 1);
  return channels.filter((c) => {
    const block = Math.floor(c / size);
    return counts.get(block) === Math.min(size, outs - block * size);
  });
}
