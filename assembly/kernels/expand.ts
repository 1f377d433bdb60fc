import {
  EXPAND_CHANNEL_BYTES,
  EXPAND_COUNT,
  EXPAND_DST,
  EXPAND_LIMIT,
  EXPAND_NUMBERS,
  EXPAND_TABLE,
  EXPAND_TAPS,
  EXPAND_WIDTH,
} from '../abi/expand';
import { constantReadable, field, tableWritable } from '../bounds';
import { shareEnd, shareStart } from '../prelude';

// @ts-ignore: decorator
@inline
function numberAt(numbers: usize, width: u32, i: u32): u32 {
  if (numbers == 0) return i;
  return width == 2 ? load<u16>(numbers + (<usize>i << 1)) : load<u32>(numbers + (<usize>i << 2));
}

/** dst[i] = floor(number[i] / taps) * channelBytes + table[number[i] % taps]. */
export function expand(record: usize, thread: i32, threads: i32): void {
  const numbers = load<usize>(record, EXPAND_NUMBERS);
  const width = load<u32>(record, EXPAND_WIDTH);
  const count = load<i32>(record, EXPAND_COUNT);
  const taps = load<u32>(record, EXPAND_TAPS);
  const channelBytes = load<u32>(record, EXPAND_CHANNEL_BYTES);
  const table = load<usize>(record, EXPAND_TABLE);
  const dst = load<usize>(record, EXPAND_DST);
  const last = shareEnd(count, thread, threads);
  let i = shareStart(count, thread, threads);
  if (taps == 1 && width == 2 && numbers != 0) {
    const scale = i32x4.splat(channelBytes);
    const base = v128.load32_splat(table);
    for (; i + 8 <= last; i += 8) {
      const eight = v128.load(numbers + (<usize>i << 1));
      const to = dst + (<usize>i << 2);
      v128.store(to, i32x4.add(i32x4.mul(i32x4.extend_low_i16x8_u(eight), scale), base));
      v128.store(to, i32x4.add(i32x4.mul(i32x4.extend_high_i16x8_u(eight), scale), base), 16);
    }
  }
  for (; i < last; i++) {
    const number = numberAt(numbers, width, i);
    const channel = number / taps;
    const tap = number - channel * taps;
    store<u32>(dst + (<usize>i << 2), channel * channelBytes + load<u32>(table + (<usize>tap << 2)));
  }
}

/** Fails where a row number is not below the limit, so that no offset can point outside of the operand. */
export function checkExpand(record: usize): i32 {
  const numbers = load<usize>(record, EXPAND_NUMBERS);
  const width = load<u32>(record, EXPAND_WIDTH);
  const count = field(record, EXPAND_COUNT);
  const limit = field(record, EXPAND_LIMIT);
  const taps = field(record, EXPAND_TAPS);
  const table = load<usize>(record, EXPAND_TABLE);
  if (width != 2 && width != 4) return EXPAND_WIDTH;
  if (count >= 2147483648.0 || !tableWritable(field(record, EXPAND_DST), count * 4)) return EXPAND_COUNT;
  if (taps == 0) return EXPAND_TAPS;
  if (!constantReadable(field(record, EXPAND_TABLE), taps * 4)) return EXPAND_TABLE;
  if (count == 0) return 0;

  let farthest: u32 = 0;
  for (let tap: u32 = 0, end = <u32>taps; tap < end; tap++) {
    farthest = max(farthest, load<u32>(table + (<usize>tap << 2)));
  }
  const channels = Math.ceil(limit / taps);
  if (max(channels - 1, 0) * field(record, EXPAND_CHANNEL_BYTES) + <f64>farthest >= 4294967296.0) {
    return EXPAND_CHANNEL_BYTES;
  }

  if (numbers == 0) return count > limit ? EXPAND_LIMIT : 0;
  if (!constantReadable(field(record, EXPAND_NUMBERS), count * <f64>width)) return EXPAND_NUMBERS;
  return greatest(numbers, width, <u32>count) < <u32>limit ? 0 : EXPAND_NUMBERS;
}

/** The greatest of `count` numbers, at least one. */
function greatest(numbers: usize, width: u32, count: u32): u32 {
  let top: u32 = 0;
  let i: u32 = 0;
  if (width == 2) {
    let tops = i16x8.splat(0);
    for (; i + 8 <= count; i += 8) tops = i16x8.max_u(tops, v128.load(numbers + (<usize>i << 1)));
    const four = i32x4.max_u(i32x4.extend_low_i16x8_u(tops), i32x4.extend_high_i16x8_u(tops));
    const even = max<u32>(i32x4.extract_lane(four, 0), i32x4.extract_lane(four, 2));
    const odd = max<u32>(i32x4.extract_lane(four, 1), i32x4.extract_lane(four, 3));
    top = max(even, odd);
  }
  for (; i < count; i++) top = max(top, numberAt(numbers, width, i));
  return top;
}
