import {
  TILES_ELEMENTS,
  TILES_IMAGE,
  TILES_IMAGES,
  TILES_LIMIT,
  TILES_LIVE,
  TILES_PLANE,
  TILES_PLANES,
  TILES_X,
  TILES_ZERO,
  ZERO_TILE,
} from '../abi/tiles';
import { arenaBytes, field, readable, writable } from '../bounds';
import { anyAbove, magnitude4 } from '../prelude';

/** Whether a vector of `[at, end)` holds an element above `zero`. */
function isLive(at: usize, end: usize, zero: v128): bool {
  // The first vector decides for most tiles.
  if (anyAbove(magnitude4(v128.load(at)), zero)) return true;
  let most = i32x4.splat(0);
  for (at += 16; at < end; at += 16) most = i32x4.max_s(most, magnitude4(v128.load(at)));
  return anyAbove(most, zero);
}

/** One thread counts: what comes next depends on all of it. */
export function tiles(record: usize, thread: i32, _threads: i32): void {
  if (thread != 0) return;
  const zero = v128.load32_splat(record, TILES_ZERO);
  const limit = load<u32>(record, TILES_LIMIT);
  const bytes = <usize>((load<u32>(record, TILES_ELEMENTS) + 3) & ~3) << 2;
  let live: u32 = 0;
  for (let i: u32 = 0; i < load<u32>(record, TILES_IMAGES); i++) {
    let plane = load<usize>(record, TILES_X) + <usize>i * load<u32>(record, TILES_IMAGE);
    for (let p: u32 = 0; p < load<u32>(record, TILES_PLANES) && live <= limit; p++) {
      const end = plane + bytes;
      for (let at = plane; at < end; at += ZERO_TILE * 4)
        live += <u32>isLive(at, min(at + ZERO_TILE * 4, end), zero);
      plane += load<u32>(record, TILES_PLANE);
    }
  }
  store<u32>(load<usize>(record, TILES_LIVE), live);
}

export function checkTiles(record: usize): i32 {
  if (!writable(field(record, TILES_LIVE), 4)) return TILES_LIVE;
  const images = field(record, TILES_IMAGES);
  const planes = field(record, TILES_PLANES);
  const bytes = Math.ceil(field(record, TILES_ELEMENTS) / 4) * 16;
  // Planes do not overlap: the work of a record is then bounded by the arena.
  const elements = Math.max(images, 1) * Math.max(planes, 1) * Math.max(field(record, TILES_ELEMENTS), 1);
  if (elements * 4 > arenaBytes()) return TILES_PLANES;
  if (images == 0 || planes == 0) return 0;
  const reach = (images - 1) * field(record, TILES_IMAGE) + (planes - 1) * field(record, TILES_PLANE) + bytes;
  return readable(field(record, TILES_X), reach) ? 0 : TILES_X;
}
