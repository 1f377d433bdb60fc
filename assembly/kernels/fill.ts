import {
  FILL_BYTES,
  FILL_DST,
  FILL_VALUE,
  HALO_COUNT,
  HALO_DST,
  HALO_ELEMENTS,
  HALO_H,
  HALO_ORIGIN,
  HALO_PITCH,
  HALO_STRIDE,
  HALO_VALUE,
  HALO_W,
} from '../abi/fill';
import { field, writable } from '../bounds';
import { shareEnd, shareStart } from '../prelude';

/** Stores `value` to `[at, end)`, a multiple of 4 bytes; the last vector overlaps the one before. */
// @ts-ignore: decorator
@inline
function fillWords(at: usize, end: usize, value: i32): void {
  if (end - at < 16) {
    for (; at < end; at += 4) store<i32>(at, value);
    return;
  }
  const pattern = i32x4.splat(value);
  const lastVector = end - 16;
  for (; at < lastVector; at += 16) v128.store(at, pattern);
  v128.store(lastVector, pattern);
}

/** dst[i] = value for the words of a range. */
export function fill(record: usize, thread: i32, threads: i32): void {
  const dst = load<usize>(record, FILL_DST);
  const words = load<u32>(record, FILL_BYTES) >> 2;
  const value = load<i32>(record, FILL_VALUE);
  const first = dst + (<usize>shareStart(words, thread, threads) << 2);
  const last = dst + (<usize>shareEnd(words, thread, threads) << 2);
  // An empty fill beyond the memory would trap.
  if (first >= last) return;
  if (value == 0) memory.fill(first, 0, last - first);
  else fillWords(first, last, value);
}

export function checkFill(record: usize): i32 {
  const bytes = field(record, FILL_BYTES);
  if ((load<u32>(record, FILL_BYTES) & 3) != 0) return FILL_BYTES;
  return writable(field(record, FILL_DST), bytes) ? 0 : FILL_DST;
}

/** Stores `value` to the `gap` words that follow each of `rows` image rows. */
// @ts-ignore: decorator
@inline
function fillGaps(at: usize, rows: i32, pitchBytes: usize, gap: u32, value: i32): void {
  if (gap == 1) {
    for (; rows > 0; rows--, at += pitchBytes) store<i32>(at, value);
  } else if (gap == 2) {
    const pair = (<i64>value << 32) | <i64>(<u32>value);
    for (; rows > 0; rows--, at += pitchBytes) store<i64>(at, pair);
  } else if (gap > 2) {
    const bytes = <usize>gap << 2;
    for (; rows > 0; rows--, at += pitchBytes) fillWords(at, at + bytes, value);
  }
}

/** plane[i] = value for every element of a plane that is outside of its image. */
export function halo(record: usize, thread: i32, threads: i32): void {
  const dst = load<usize>(record, HALO_DST);
  const count = load<i32>(record, HALO_COUNT);
  const stride = load<usize>(record, HALO_STRIDE);
  const bytes = load<usize>(record, HALO_ELEMENTS) << 2;
  const origin = load<usize>(record, HALO_ORIGIN) << 2;
  const pitch = load<u32>(record, HALO_PITCH);
  const w = load<u32>(record, HALO_W);
  const h = load<i32>(record, HALO_H);
  const value = load<i32>(record, HALO_VALUE);
  const last = shareEnd(count, thread, threads);
  for (let i = shareStart(count, thread, threads); i < last; i++) {
    const plane = dst + <usize>i * stride;
    const end = plane + bytes;
    if (h == 0 || w == 0) {
      fillWords(plane, end, value);
      continue;
    }
    const firstGap = plane + origin + (<usize>w << 2);
    fillWords(plane, plane + origin, value);
    fillGaps(firstGap, h - 1, <usize>pitch << 2, pitch - w, value);
    fillWords(firstGap + (<usize>(h - 1) * pitch << 2), end, value);
  }
}

export function checkHalo(record: usize): i32 {
  const count = field(record, HALO_COUNT);
  const elements = field(record, HALO_ELEMENTS);
  const pitch = field(record, HALO_PITCH);
  const w = field(record, HALO_W);
  const h = field(record, HALO_H);
  if (count == 0) return 0;
  if (count >= 2147483648.0) return HALO_COUNT;
  if (elements == 0) return HALO_ELEMENTS;
  if (count > 1 && field(record, HALO_STRIDE) < elements * 4) return HALO_STRIDE;
  if (!writable(field(record, HALO_DST), (count - 1) * field(record, HALO_STRIDE) + elements * 4)) return HALO_DST;
  if (pitch < w) return HALO_PITCH;
  if (h > 0 && w > 0 && field(record, HALO_ORIGIN) + (h - 1) * pitch + w > elements) return HALO_H;
  return 0;
}
