import { COPY_D0, COPY_DST, COPY_ELEMENT, COPY_N0, COPY_S0, COPY_SRC } from '../abi/copy';
import { arenaBytes, field, readable, writable } from '../bounds';
import { copyBytes } from '../bytes';
import { shareEnd, shareStart } from '../prelude';

/** `rows` runs of `bytes` contiguous bytes. */
function copyRuns(src: usize, dst: usize, rows: i32, bytes: usize, srcRow: usize, dstRow: usize): void {
  for (; rows > 0; rows--, src += srcRow, dst += dstRow) copyBytes(src, dst, bytes);
}

/** Every second word of src to contiguous words: the two halves of a row by stride parity. */
function copyEven(src: usize, dst: usize, rows: i32, count: i32, srcRow: usize, dstRow: usize): void {
  for (; rows > 0; rows--, src += srcRow, dst += dstRow) {
    let i = 0;
    if (count >= 4) {
      while (i < count) {
        // The last four overlap the ones before.
        i = min(i, count - 4);
        const from = src + (<usize>i << 3);
        v128.store(dst + (<usize>i << 2), v128.shuffle<i32>(v128.load(from), v128.load(from, 16), 0, 2, 4, 6));
        i += 4;
      }
    }
    for (; i < count; i++) store<u32>(dst + (<usize>i << 2), load<u32>(src + (<usize>i << 3)));
  }
}

/** Words that a cache line holds: a stripe of this width is transposed at a time. */
const STRIPE = 16;

/** dst[p][q] = src[q][p] of words, contiguous along p in src and along q in dst. */
function transpose(src: usize, dst: usize, np: i32, nq: i32, srcQ: usize, dstP: usize): void {
  for (let p = 0; p < np; p += STRIPE) {
    transposeStripe(src + (<usize>p << 2), dst + <usize>p * dstP, min(STRIPE, np - p), nq, srcQ, dstP);
  }
}

/** dst[p][q] = src[q][p] of words, contiguous along p in src and along q in dst, by 4x4 blocks. */
function transposeStripe(src: usize, dst: usize, np: i32, nq: i32, srcQ: usize, dstP: usize): void {
  let q = 0;
  for (; q + 4 <= nq; q += 4) {
    let from = src + <usize>q * srcQ;
    let to = dst + (<usize>q << 2);
    let p = 0;
    for (; p + 4 <= np; p += 4, from += 16, to += dstP << 2) {
      const a = v128.load(from);
      const b = v128.load(from + srcQ);
      const c = v128.load(from + 2 * srcQ);
      const d = v128.load(from + 3 * srcQ);
      const ab0 = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
      const ab1 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
      const cd0 = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
      const cd1 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
      v128.store(to, v128.shuffle<i64>(ab0, cd0, 0, 2));
      v128.store(to + dstP, v128.shuffle<i64>(ab0, cd0, 1, 3));
      v128.store(to + 2 * dstP, v128.shuffle<i64>(ab1, cd1, 0, 2));
      v128.store(to + 3 * dstP, v128.shuffle<i64>(ab1, cd1, 1, 3));
    }
    for (; p < np; p++, from += 4, to += dstP) {
      store<u32>(to, load<u32>(from));
      store<u32>(to, load<u32>(from + srcQ), 4);
      store<u32>(to, load<u32>(from + 2 * srcQ), 8);
      store<u32>(to, load<u32>(from + 3 * srcQ), 12);
    }
  }
  for (; q < nq; q++) {
    let from = src + <usize>q * srcQ;
    let to = dst + (<usize>q << 2);
    for (let p = np; p > 0; p--, from += 4, to += dstP) store<u32>(to, load<u32>(from));
  }
}

/** Any strides, one element at a time. */
function copyEach<T>(src: usize, dst: usize, rows: i32, count: i32, srcRow: usize, dstRow: usize, s: usize, d: usize): void {
  for (; rows > 0; rows--, src += srcRow, dst += dstRow) {
    let from = src;
    let to = dst;
    for (let i = count; i > 0; i--, from += s, to += d) store<T>(to, load<T>(from));
  }
}

// @ts-ignore: decorator
@inline
function word(record: usize, base: i32, loop: i32): u32 {
  return load<u32>(record + base + (loop << 2));
}

/** dst[sum i_k * D_k] = src[sum i_k * S_k]; threads share the rows of the innermost loop. */
export function copy(record: usize, thread: i32, threads: i32): void {
  const element = load<u32>(record, COPY_ELEMENT);
  const n1 = word(record, COPY_N0, 1);
  const n2 = word(record, COPY_N0, 2);
  const n3 = word(record, COPY_N0, 3);
  const count = word(record, COPY_N0, 4);
  const srcRow = word(record, COPY_S0, 3);
  const dstRow = word(record, COPY_D0, 3);
  const s = word(record, COPY_S0, 4);
  const d = word(record, COPY_D0, 4);
  const rows = word(record, COPY_N0, 0) * n1 * n2 * n3;
  if (count == 0) return;

  let row: u32 = shareStart(rows, thread, threads);
  const last: u32 = shareEnd(rows, thread, threads);
  while (row < last) {
    let outer = row / n3;
    const i3 = row - outer * n3;
    const todo = min(n3 - i3, last - row);
    row += todo;
    const i2 = outer % n2;
    outer /= n2;
    const i1 = outer % n1;
    const i0 = outer / n1;
    const src =
      load<u32>(record, COPY_SRC) +
      i0 * word(record, COPY_S0, 0) +
      i1 * word(record, COPY_S0, 1) +
      i2 * word(record, COPY_S0, 2) +
      i3 * srcRow;
    const dst =
      load<u32>(record, COPY_DST) +
      i0 * word(record, COPY_D0, 0) +
      i1 * word(record, COPY_D0, 1) +
      i2 * word(record, COPY_D0, 2) +
      i3 * dstRow;
    if (s == element && d == element) copyRuns(src, dst, todo, count * element, srcRow, dstRow);
    else if (element == 4 && srcRow == 4 && d == 4) transpose(src, dst, todo, count, s, dstRow);
    else if (element == 4 && s == 4 && dstRow == 4) transpose(src, dst, count, todo, srcRow, d);
    else if (element == 4 && s == 8 && d == 4) copyEven(src, dst, todo, count, srcRow, dstRow);
    else if (element == 4) copyEach<u32>(src, dst, todo, count, srcRow, dstRow, s, d);
    else if (element == 8) copyEach<u64>(src, dst, todo, count, srcRow, dstRow, s, d);
    else if (element == 2) copyEach<u16>(src, dst, todo, count, srcRow, dstRow, s, d);
    else copyEach<u8>(src, dst, todo, count, srcRow, dstRow, s, d);
  }
}

/** A copy writes each element once, so that it never writes more than the arena has. */
export function checkCopy(record: usize): i32 {
  const element = load<u32>(record, COPY_ELEMENT);
  if (element != 1 && element != 2 && element != 4 && element != 8) return COPY_ELEMENT;
  let total: f64 = element;
  let below: f64 = 0;
  let above: f64 = 0;
  let reach: f64 = 0;
  for (let loop = 0; loop < 5; loop++) {
    const count = field(record, COPY_N0 + (loop << 2));
    const s = <f64>load<i32>(record + COPY_S0 + (loop << 2));
    const d = field(record, COPY_D0 + (loop << 2));
    const steps = max(count - 1, 0);
    if (count >= 2147483648.0) return COPY_N0 + (loop << 2);
    total *= count;
    below += steps * min(s, 0);
    above += steps * max(s, 0);
    reach += steps * d;
  }
  if (total == 0) return 0;
  if (total > arenaBytes() || total >= 2147483648.0) return COPY_N0;
  if (!readable(field(record, COPY_SRC) + below, above - below + <f64>element)) return COPY_SRC;
  if (!writable(field(record, COPY_DST), reach + <f64>element)) return COPY_DST;
  return 0;
}
