import {
  WHERE_A,
  WHERE_A_STEP,
  WHERE_A0,
  WHERE_B,
  WHERE_B_STEP,
  WHERE_B0,
  WHERE_C,
  WHERE_C_STEP,
  WHERE_C0,
  WHERE_COLS,
  WHERE_ELEMENT,
  WHERE_N0,
  WHERE_OUTER,
  WHERE_Y,
  WHERE_Y0,
} from '../abi/where';
import { arenaBytes, field, readable, writable } from '../bounds';
import { shareEnd, shareStart } from '../prelude';
import { storeLanes } from '../tail';

/** A row of words, four at a time. */
function words(record: usize, c: usize, a: usize, b: usize, y: usize): void {
  const cStep = load<usize>(record, WHERE_C_STEP);
  const aStep = load<usize>(record, WHERE_A_STEP);
  const bStep = load<usize>(record, WHERE_B_STEP);
  const zero = i32x4.splat(0);
  const oneC = i32x4.splat(load<u8>(c));
  const oneA = v128.load32_splat(a);
  const oneB = v128.load32_splat(b);
  for (let n = load<i32>(record, WHERE_COLS); n > 0; n -= 4, y += 16) {
    const bytes = cStep ? i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(c))) : oneC;
    const wideA = aStep ? v128.load(a) : oneA;
    const wideB = bStep ? v128.load(b) : oneB;
    storeLanes(y, v128.bitselect(wideA, wideB, i32x4.ne(bytes, zero)), n);
    c += cStep << 2;
    a += aStep << 2;
    b += bStep << 2;
  }
}

/** A row of other elements. */
function elements<T>(record: usize, c: usize, a: usize, b: usize, y: usize): void {
  const cStep = load<usize>(record, WHERE_C_STEP);
  const aStep = load<usize>(record, WHERE_A_STEP);
  const bStep = load<usize>(record, WHERE_B_STEP);
  for (let n = load<i32>(record, WHERE_COLS); n > 0; n--, y += sizeof<T>()) {
    store<T>(y, load<u8>(c) ? load<T>(a) : load<T>(b));
    c += cStep;
    a += aStep;
    b += bStep;
  }
}

/** y = condition ? a : b. Threads share the rows. */
export function where(record: usize, thread: i32, threads: i32): void {
  let rows = 1;
  for (let i = 0; i < WHERE_OUTER; i++) rows *= load<i32>(record + (i << 2), WHERE_N0);
  const element = load<i32>(record, WHERE_ELEMENT);
  const last = shareEnd(rows, thread, threads);
  for (let r = shareStart(rows, thread, threads); r < last; r++) {
    let c = load<usize>(record, WHERE_C);
    let a = load<usize>(record, WHERE_A);
    let b = load<usize>(record, WHERE_B);
    let y = load<usize>(record, WHERE_Y);
    let rest = r;
    for (let loop = record + ((WHERE_OUTER - 1) << 2); rest != 0; loop -= 4) {
      const count = load<i32>(loop, WHERE_N0);
      const i: usize = rest % count;
      rest /= count;
      c += i * load<usize>(loop, WHERE_C0);
      a += i * load<usize>(loop, WHERE_A0);
      b += i * load<usize>(loop, WHERE_B0);
      y += i * load<usize>(loop, WHERE_Y0);
    }
    if (element == 4) words(record, c, a, b, y);
    else if (element == 8) elements<u64>(record, c, a, b, y);
    else elements<u8>(record, c, a, b, y);
  }
}

export function checkWhere(record: usize): i32 {
  const element = field(record, WHERE_ELEMENT);
  if (element != 1 && element != 4 && element != 8) return WHERE_ELEMENT;
  const cols = field(record, WHERE_COLS);
  if (cols < 1) return WHERE_COLS;
  const cStep = field(record, WHERE_C_STEP);
  const aStep = field(record, WHERE_A_STEP);
  const bStep = field(record, WHERE_B_STEP);
  if (cStep > 1) return WHERE_C_STEP;
  if (aStep != 0 && aStep != element) return WHERE_A_STEP;
  if (bStep != 0 && bStep != element) return WHERE_B_STEP;
  let total = cols * element;
  // A vector is read wherever a row starts, and up to three elements behind its end.
  let cBytes = cols + 3;
  let aBytes = cols * aStep + 16;
  let bBytes = cols * bStep + 16;
  let yBytes = cols * element;
  for (let loop = 0; loop < WHERE_OUTER << 2; loop += 4) {
    const count = field(record, WHERE_N0 + loop);
    if (count < 1) return WHERE_N0 + loop;
    total *= count;
    cBytes += (count - 1) * field(record, WHERE_C0 + loop);
    aBytes += (count - 1) * field(record, WHERE_A0 + loop);
    bBytes += (count - 1) * field(record, WHERE_B0 + loop);
    yBytes += (count - 1) * field(record, WHERE_Y0 + loop);
  }
  if (total > arenaBytes()) return WHERE_COLS;
  if (!readable(field(record, WHERE_C), cBytes)) return WHERE_C;
  if (!readable(field(record, WHERE_A), aBytes)) return WHERE_A;
  if (!readable(field(record, WHERE_B), bBytes)) return WHERE_B;
  if (!writable(field(record, WHERE_Y), yBytes)) return WHERE_Y;
  return 0;
}
