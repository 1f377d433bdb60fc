import { ensure } from '../errors.ts';
import type { Matrix } from './matrix.ts';

/** Columns of a row block. */
export const ROW_BLOCK = 4;

/**
 * Block sparse rows with blocks of 1 row x 4 columns, aligned to multiples of 4: one vector load reads the inputs of a block.
 *
 * ```
 *   W                      counts   columns   values
 *     a b . .  . . . .       1        0        a b . .
 *     . . . .  . . . .       0
 *     . . . c  d e f .       2        0 4      . . . c | d e f .
 * ```
 *
 * `columns` are those of the first element, 16 bits wide where they fit. The number of columns is a multiple of 4: behind the last column
 * of an input stands what is not to be multiplied, not even by zero.
 */
export interface RowBlocks {
  rows: number;
  cols: number;
  counts: Uint32Array;
  columns: Uint16Array | Uint32Array;
  /** f32[blocks][4] */
  values: Float32Array;
}

/** Encodes the blocks that hold a non-zero. Rows are stored whole, in a multiple of 4 columns. */
export function encodeRowBlocks({ rows, cols, width, data }: Matrix): RowBlocks {
  ensure(width === cols && cols % ROW_BLOCK === 0, 'INTERNAL', () => `${cols} columns do not fall into blocks`);
  const counts = new Uint32Array(rows);
  const starts: number[] = [];
  for (let r = 0; r < rows; r++) {
    for (let at = r * cols; at < (r + 1) * cols; at += ROW_BLOCK) {
      if (data[at] === 0 && data[at + 1] === 0 && data[at + 2] === 0 && data[at + 3] === 0) continue;
      counts[r]++;
      starts.push(at);
    }
  }
  const columns = cols <= 0x10000 ? new Uint16Array(starts.length) : new Uint32Array(starts.length);
  const values = new Float32Array(starts.length * ROW_BLOCK);
  starts.forEach((at, i) => {
    columns[i] = at % cols;
    for (let k = 0; k < ROW_BLOCK; k++) values[i * ROW_BLOCK + k] = data[at + k];
  });
  return { rows, cols, counts, columns, values };
}

/** The dense row-major `rows x cols` matrix. */
export function decodeRowBlocks({ rows, cols, counts, columns, values }: RowBlocks): Float32Array {
  const dense = new Float32Array(rows * cols);
  let block = 0;
  counts.forEach((count, r) => {
    for (const stop = block + count; block < stop; block++) {
      dense.set(values.subarray(block * ROW_BLOCK, (block + 1) * ROW_BLOCK), r * cols + columns[block]);
    }
  });
  return dense;
}

/**
 * Checks lengths, and that columns are multiples of 4 in `[0, cols)` that ascend within a row.
 * @throws ZeroskipError `INVALID_MODEL` that names `what`.
 */
export function validateRowBlocks({ rows, cols, counts, columns, values }: RowBlocks, what: string): void {
  const check = (ok: boolean, message: () => string) => ensure(ok, 'INVALID_MODEL', () => `${what}: ${message()}`);
  check(cols % ROW_BLOCK === 0, () => `expected a multiple of ${ROW_BLOCK} columns, found ${cols}`);
  check(counts.length === rows, () => `expected ${rows} rows, found ${counts.length}`);
  const blocks = counts.reduce((sum, n) => sum + n, 0);
  check(columns.length === blocks, () => `the counts add up to ${blocks} blocks, found ${columns.length} columns`);
  check(values.length === blocks * ROW_BLOCK, () => `expected ${blocks * ROW_BLOCK} values, found ${values.length}`);
  let block = 0;
  counts.forEach((count, r) => {
    for (let previous = -1, stop = block + count; block < stop; block++) {
      const column = columns[block];
      check(column < cols, () => `row ${r}: column ${column} is outside of ${cols} columns`);
      check(column % ROW_BLOCK === 0, () => `row ${r}: column ${column} is not a multiple of ${ROW_BLOCK}`);
      check(column > previous, () => `row ${r}: columns have to ascend, found ${column} after ${previous}`);
      previous = column;
    }
  });
}
