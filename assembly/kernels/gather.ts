import {
  GATHER_BYTES,
  GATHER_COUNT,
  GATHER_DATA,
  GATHER_DIM,
  GATHER_INDICES,
  GATHER_OUT,
  GATHER_OUTER,
  GATHER_WIDTH,
} from '../abi/gather';
import { arenaBytes, field, readable, writable } from '../bounds';
import { copyBytes } from '../bytes';
import { shareEnd, shareStart } from '../prelude';

/** out[o][j] = data[o][index[j]]; a negative index counts from the end, and a row of an index out of range is filled with zeros. */
export function gather(record: usize, thread: i32, threads: i32): void {
  const data = load<usize>(record, GATHER_DATA);
  const indices = load<usize>(record, GATHER_INDICES);
  const out = load<usize>(record, GATHER_OUT);
  const count = load<i32>(record, GATHER_COUNT);
  const dim = load<u32>(record, GATHER_DIM);
  const bytes = load<usize>(record, GATHER_BYTES);
  const width = load<i32>(record, GATHER_WIDTH);
  if (bytes == 0 || count == 0) return;
  const rows = load<i32>(record, GATHER_OUTER) * count;
  const last = shareEnd(rows, thread, threads);
  for (let row = shareStart(rows, thread, threads); row < last; row++) {
    const o = row / count;
    const j = row - o * count;
    let index = width == 8 ? load<i64>(indices + (<usize>j << 3)) : <i64>load<i32>(indices + (<usize>j << 2));
    if (index < 0) index += dim;
    const to = out + <usize>row * bytes;
    if (<u64>index >= <u64>dim) memory.fill(to, 0, bytes);
    else if (bytes == 4) store<u32>(to, load<u32>(data + ((<usize>o * dim + <usize>index) << 2)));
    else copyBytes(data + (<usize>o * dim + <usize>index) * bytes, to, bytes);
  }
}

export function checkGather(record: usize): i32 {
  const outer = field(record, GATHER_OUTER);
  const count = field(record, GATHER_COUNT);
  const bytes = field(record, GATHER_BYTES);
  const width = load<u32>(record, GATHER_WIDTH);
  if (width != 4 && width != 8) return GATHER_WIDTH;
  if (bytes == 0 || count == 0 || outer == 0) return 0;
  if (count >= 2147483648.0 || outer * count >= 2147483648.0) return GATHER_COUNT;
  if (outer * count * bytes > arenaBytes()) return GATHER_BYTES;
  if (!readable(field(record, GATHER_INDICES), count * <f64>width)) return GATHER_INDICES;
  if (!readable(field(record, GATHER_DATA), outer * field(record, GATHER_DIM) * bytes)) return GATHER_DATA;
  if (!writable(field(record, GATHER_OUT), outer * count * bytes)) return GATHER_OUT;
  return 0;
}
