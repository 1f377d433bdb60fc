import { ZERO_TILE, type ZeroStats } from '../../src/ops/lower.ts';
import type { Tensor } from '../../src/tensor.ts';

/** The tiles of the channel planes of an `[N, C, ...]` tensor: `[first, end)` of each. */
function* tilesOf({ dims, size }: Tensor): Generator<{ plane: number; first: number; end: number }> {
  const plane = dims.slice(2).reduce((product, d) => product * d, 1);
  for (let at = 0; at < size; at += plane) {
    for (let first = at; first < at + plane; first += ZERO_TILE)
      yield { plane: at / plane, first, end: Math.min(first + ZERO_TILE, at + plane) };
  }
}

/** Makes a share of the tiles of a tensor zero: of every other channel tile by tile, of the others as a whole. */
export function clearTiles(tensor: Tensor, share: number, random: () => number): void {
  let channel = -1;
  let dead = false;
  for (const { plane, first, end } of tilesOf(tensor)) {
    if (plane !== channel) dead = random() < share;
    channel = plane;
    if (plane % 2 === 1 ? dead : random() < share) (tensor.data as Float32Array).fill(0, first, end);
  }
}

/** What calibration would say of `tensor`. */
export function zerosOf(tensor: Tensor): ZeroStats {
  const isZero = (x: number | bigint): boolean => x === 0;
  const data = tensor.data as Float32Array;
  let tiles = 0;
  let zero = 0;
  for (const { first, end } of tilesOf(tensor)) {
    tiles++;
    if (data.subarray(first, end).every(isZero)) zero++;
  }
  return {
    elements: data.filter(isZero).length / Math.max(1, data.length),
    tiles: zero / Math.max(1, tiles),
    measured: true,
  };
}

/** Zeros of the fed channel planes that have some, by value. */
export const zerosOfFeeds = (feeds: Readonly<Record<string, Tensor>>): Map<string, ZeroStats> =>
  new Map(
    Object.entries(feeds)
      .filter(([, { type, dims }]) => type === 'float32' && dims.length === 4)
      .map(([name, tensor]) => [name, zerosOf(tensor)] as const)
      .filter(([, { tiles }]) => tiles > 0),
  );
