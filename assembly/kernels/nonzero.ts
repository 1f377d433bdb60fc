import {
  NONZERO_COLS,
  NONZERO_COUNTS,
  NONZERO_LIST,
  NONZERO_LIST_ROW,
  NONZERO_ROWS,
  NONZERO_THRESHOLD,
  NONZERO_X,
  NONZERO_X_ROW,
} from '../abi/nonzero';
import { field, readable, writable } from '../bounds';

// The numbers of the bits that are set in each mask of four, u32[16][4].
const lanes: usize = memory.data<u32>([
  0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 1, 2, 0, 0, 0, 1, 2, 0, 3, 0, 0, 0, 0, 3, 0, 0, 1, 3, 0, 0,
  0, 1, 3, 0, 2, 3, 0, 0, 0, 2, 3, 0, 1, 2, 3, 0, 0, 1, 2, 3,
]);

/** Bit i set: element i of the four at x is live. */
// @ts-ignore: decorator
@inline
function liveMask(x: usize, threshold: v128): i32 {
  return i32x4.bitmask(v128.not(f32x4.le(f32x4.abs(v128.load(x)), threshold)));
}

/** Appends the numbers of the set bits, from `first` on; whole vectors are stored. */
// @ts-ignore: decorator
@inline
function append(list: usize, first: i32, mask: i32): usize {
  v128.store(list, i32x4.add(i32x4.splat(first), v128.load(lanes + (<usize>mask << 4))));
  return list + (<usize>popcnt<i32>(mask) << 2);
}

/** Number of live elements among the `cols` at x; their numbers go to `list`. */
function scanRow(x: usize, cols: i32, list: usize, threshold: v128): u32 {
  const start = list;
  let i = 0;
  for (; i + 8 <= cols; i += 8, x += 32) {
    list = append(list, i, liveMask(x, threshold));
    list = append(list, i + 4, liveMask(x + 16, threshold));
  }
  for (; i < cols; i += 4, x += 16) {
    const mask = liveMask(x, threshold);
    list = append(list, i, cols - i < 4 ? mask & ((1 << (cols - i)) - 1) : mask);
  }
  return <u32>((list - start) >> 2);
}

/** One thread does it all: it takes less time than a barrier. */
export function nonzero(record: usize, thread: i32, _threads: i32): void {
  if (thread != 0) return;
  const rows = load<i32>(record, NONZERO_ROWS);
  const cols = load<i32>(record, NONZERO_COLS);
  const threshold = v128.load32_splat(record, NONZERO_THRESHOLD);
  const counts = load<usize>(record, NONZERO_COUNTS);
  let x = load<usize>(record, NONZERO_X);
  let list = load<usize>(record, NONZERO_LIST);
  let total: u32 = 0;
  for (let r = 0; r < rows; r++) {
    const count = scanRow(x, cols, list, threshold);
    store<u32>(counts + (<usize>r << 2), count, 4);
    total += count;
    x += load<u32>(record, NONZERO_X_ROW);
    list += load<u32>(record, NONZERO_LIST_ROW);
  }
  store<u32>(counts, total);
}

export function checkNonzero(record: usize): i32 {
  const rows = field(record, NONZERO_ROWS);
  const cols = field(record, NONZERO_COLS);
  if (cols > 0x7ffffff0) return NONZERO_COLS;
  if (rows > 0x7ffffff0) return NONZERO_ROWS;
  if (!writable(field(record, NONZERO_COUNTS), rows * 4 + 4)) return NONZERO_COUNTS;
  if (rows == 0 || cols == 0) return 0;
  const bytes = Math.ceil(cols / 4) * 16;
  if (!readable(field(record, NONZERO_X), (rows - 1) * field(record, NONZERO_X_ROW) + bytes)) return NONZERO_X;
  // Lists may not overlap: the work of a record is then bounded by the arena.
  if (field(record, NONZERO_LIST_ROW) < bytes) return NONZERO_LIST_ROW;
  return writable(field(record, NONZERO_LIST), (rows - 1) * field(record, NONZERO_LIST_ROW) + bytes) ? 0 : NONZERO_LIST;
}
