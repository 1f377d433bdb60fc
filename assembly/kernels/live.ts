import { MODULE_LISTS } from '../abi';
import { LIVE_COLUMNS, LIVE_LISTS, SPMM_BLOCKS, SPMM_LIVE, SPMM_OFFSETS, SPMM_SLICES, SPMM_ZERO } from '../abi/spmm';
import { field, writable } from '../bounds';
import { anyAbove, magnitude4 } from '../prelude';
import { checkDense } from './spmm';

export { live as gemmLive } from '../generated/gemm';

/** The list of a thread, 0 if it has none; no record can write it. */
export function listOf(thread: i32): usize {
  return thread < LIVE_LISTS ? <usize>MODULE_LISTS + <usize>thread * (LIVE_COLUMNS * 8) : 0;
}

/**
 * Lists the columns of W in a slice whose elements of X under a tile of `vectors`, at most 2, are not all zero: pairs of the byte offset
 * from x and the bytes from the weights of a panel to those of the column.
 * @returns how many there are; `count`, all of them, for a thread without a list
 */
export function listLive(record: usize, x: usize, vectors: i32, start: u32, count: u32, thread: i32): u32 {
  const list = listOf(thread);
  if (list == 0) return count;
  const zero = v128.load32_splat(record, SPMM_ZERO);
  const second = <usize>(vectors - 1) << 4;
  let end = list;
  let o = load<usize>(record, SPMM_OFFSETS) + (<usize>start << 2);
  const last = o + (<usize>count << 2);
  for (let w = start << 4; o < last; w += 16) {
    const offset = load<u32>(o);
    const p = x + <usize>offset;
    store<u32>(end, offset);
    store<u32>(end, w, 4);
    const most = i32x4.max_s(magnitude4(v128.load(p)), magnitude4(v128.load(p + second)));
    end += <usize>anyAbove(most, zero) << 3;
    o += 4;
  }
  return <u32>(end - list) >> 3;
}

export function checkGemmLive(record: usize): i32 {
  const wrong = checkDense(record);
  if (wrong != 0) return wrong;
  if (Math.ceil(field(record, SPMM_BLOCKS) / field(record, SPMM_SLICES)) > LIVE_COLUMNS) return SPMM_SLICES;
  return writable(field(record, SPMM_LIVE), 4) ? 0 : SPMM_LIVE;
}
