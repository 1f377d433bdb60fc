import { CAST_COUNT, CAST_FROM, CAST_TO, CAST_X, CAST_Y, TYPE_BOOL, TYPE_COUNT, TYPE_F32, TYPE_I32, TYPE_I64 } from '../abi/cast';
import { arenaBytes, field, readable, writable } from '../bounds';
import { shareEnd, shareStart } from '../prelude';
import { bytesOf } from './compare';

/** Truncates towards zero and saturates; NaN is 0. */
function toInteger(x: f32): i64 {
  if (x != x) return 0;
  if (x >= 9223372036854775807.0) return i64.MAX_VALUE;
  if (x <= -9223372036854775808.0) return i64.MIN_VALUE;
  return <i64>x;
}

function fromInteger(to: u32, y: usize, x: i64): void {
  if (to == TYPE_F32) store<f32>(y, <f32>x);
  else if (to == TYPE_I32) store<i32>(y, <i32>x);
  else if (to == TYPE_I64) store<i64>(y, x);
  else store<u8>(y, to == TYPE_BOOL ? <u8>(x != 0) : <u8>x);
}

/** y = x as another type. Threads share the elements. */
export function cast(record: usize, thread: i32, threads: i32): void {
  const from = load<u32>(record, CAST_FROM);
  const to = load<u32>(record, CAST_TO);
  const count = load<i32>(record, CAST_COUNT);
  const last = shareEnd(count, thread, threads);
  for (let i = shareStart(count, thread, threads); i < last; i++) {
    const x = load<usize>(record, CAST_X) + <usize>i * bytesOf(from);
    const y = load<usize>(record, CAST_Y) + <usize>i * bytesOf(to);
    if (from == TYPE_F32) {
      const value = load<f32>(x);
      if (to == TYPE_F32) store<f32>(y, value);
      else fromInteger(to, y, to == TYPE_BOOL ? <i64>(value != 0) : toInteger(value));
    } else if (from == TYPE_I32) fromInteger(to, y, <i64>load<i32>(x));
    else if (from == TYPE_I64) fromInteger(to, y, load<i64>(x));
    else fromInteger(to, y, <i64>load<u8>(x));
  }
}

export function checkCast(record: usize): i32 {
  const from = load<u32>(record, CAST_FROM);
  const to = load<u32>(record, CAST_TO);
  if (from >= <u32>TYPE_COUNT) return CAST_FROM;
  if (to >= <u32>TYPE_COUNT) return CAST_TO;
  const count = field(record, CAST_COUNT);
  if (count > arenaBytes() || count > 0x7fffffff) return CAST_COUNT;
  if (!readable(field(record, CAST_X), count * <f64>bytesOf(from))) return CAST_X;
  if (!writable(field(record, CAST_Y), count * <f64>bytesOf(to))) return CAST_Y;
  return 0;
}
