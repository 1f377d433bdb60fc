import { TYPE_COUNT, TYPE_F32, TYPE_I32, TYPE_I64 } from '../abi/cast';
import {
  COMPARE_A,
  COMPARE_A_STEP,
  COMPARE_A0,
  COMPARE_AND,
  COMPARE_B,
  COMPARE_B_STEP,
  COMPARE_B0,
  COMPARE_COLS,
  COMPARE_EQUAL,
  COMPARE_GREATER,
  COMPARE_GREATER_OR_EQUAL,
  COMPARE_KIND,
  COMPARE_KINDS,
  COMPARE_LESS,
  COMPARE_LESS_OR_EQUAL,
  COMPARE_N0,
  COMPARE_OUTER,
  COMPARE_TYPE,
  COMPARE_Y,
  COMPARE_Y0,
} from '../abi/compare';
import { arenaBytes, field, readable, writable } from '../bounds';
import { shareEnd, shareStart } from '../prelude';

/** Bytes of an element. */
export function bytesOf(type: u32): u32 {
  if (type == TYPE_I64) return 8;
  return type == TYPE_F32 || type == TYPE_I32 ? 4 : 1;
}

// @ts-ignore: decorator
@inline
function compared<T>(kind: i32, a: T, b: T): bool {
  const none = <T>0;
  if (kind == COMPARE_EQUAL) return a == b;
  if (kind == COMPARE_GREATER) return a > b;
  if (kind == COMPARE_GREATER_OR_EQUAL) return a >= b;
  if (kind == COMPARE_LESS) return a < b;
  if (kind == COMPARE_LESS_OR_EQUAL) return a <= b;
  if (kind == COMPARE_AND) return a != none && b != none;
  return a != none || b != none;
}

function row<T>(record: usize, a: usize, b: usize, y: usize): void {
  const kind = load<i32>(record, COMPARE_KIND);
  const aStep = load<usize>(record, COMPARE_A_STEP);
  const bStep = load<usize>(record, COMPARE_B_STEP);
  for (let n = load<i32>(record, COMPARE_COLS); n > 0; n--, a += aStep, b += bStep, y++) {
    store<u8>(y, <u8>compared<T>(kind, load<T>(a), load<T>(b)));
  }
}

/** y = a op b. Threads share the rows. */
export function compare(record: usize, thread: i32, threads: i32): void {
  let rows = 1;
  for (let i = 0; i < COMPARE_OUTER; i++) rows *= load<i32>(record + (i << 2), COMPARE_N0);
  const type = load<u32>(record, COMPARE_TYPE);
  const last = shareEnd(rows, thread, threads);
  for (let r = shareStart(rows, thread, threads); r < last; r++) {
    let a = load<usize>(record, COMPARE_A);
    let b = load<usize>(record, COMPARE_B);
    let y = load<usize>(record, COMPARE_Y);
    let rest = r;
    for (let loop = record + ((COMPARE_OUTER - 1) << 2); rest != 0; loop -= 4) {
      const count = load<i32>(loop, COMPARE_N0);
      const i: usize = rest % count;
      rest /= count;
      a += i * load<usize>(loop, COMPARE_A0);
      b += i * load<usize>(loop, COMPARE_B0);
      y += i * load<usize>(loop, COMPARE_Y0);
    }
    if (type == TYPE_F32) row<f32>(record, a, b, y);
    else if (type == TYPE_I32) row<i32>(record, a, b, y);
    else if (type == TYPE_I64) row<i64>(record, a, b, y);
    else row<u8>(record, a, b, y);
  }
}

export function checkCompare(record: usize): i32 {
  if (load<u32>(record, COMPARE_KIND) >= <u32>COMPARE_KINDS) return COMPARE_KIND;
  const type = load<u32>(record, COMPARE_TYPE);
  if (type >= <u32>TYPE_COUNT) return COMPARE_TYPE;
  const cols = field(record, COMPARE_COLS);
  if (cols < 1) return COMPARE_COLS;
  let total = cols;
  const element = <f64>bytesOf(type);
  let aBytes = (cols - 1) * field(record, COMPARE_A_STEP) + element;
  let bBytes = (cols - 1) * field(record, COMPARE_B_STEP) + element;
  let yBytes = cols;
  for (let loop = 0; loop < COMPARE_OUTER << 2; loop += 4) {
    const count = field(record, COMPARE_N0 + loop);
    if (count < 1) return COMPARE_N0 + loop;
    total *= count;
    aBytes += (count - 1) * field(record, COMPARE_A0 + loop);
    bBytes += (count - 1) * field(record, COMPARE_B0 + loop);
    yBytes += (count - 1) * field(record, COMPARE_Y0 + loop);
  }
  if (total > arenaBytes() || total > 0x7fffffff) return COMPARE_COLS;
  if (!readable(field(record, COMPARE_A), aBytes)) return COMPARE_A;
  if (!readable(field(record, COMPARE_B), bBytes)) return COMPARE_B;
  if (!writable(field(record, COMPARE_Y), yBytes)) return COMPARE_Y;
  return 0;
}
