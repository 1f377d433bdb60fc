import { ensure } from '../errors.ts';
import { type Matrix, runsOf } from './matrix.ts';

/**
 * Block sparse rows with blocks of R rows x 1 column: R neighbouring outputs share one pattern. R = 1 is CSR.
 *
 * ```
 *   W (R = 2)            block row 0: counts[0] = 2   columns 0 2   values a e | b f
 *     a . b .            block row 1: counts[1] = 1   columns 3     values g .
 *     e . f .
 *     . . . g            values[block][R], blocks of a block row by ascending column;
 *     . . . .            rows behind the last one are padded with zeros
 * ```
 *
 * `columns` are numbers, never addresses: 16 bits wide where they fit.
 */
export interface Bsr {
  blockRows: number;
  rows: number;
  cols: number;
  /** Blocks of each block row, `ceil(rows / blockRows)` entries. */
  counts: Uint32Array;
  columns: Uint16Array | Uint32Array;
  values: Float32Array;
}

/** Number of blocks of R rows x 1 column that hold a non-zero. */
export function countBlocks(matrix: Matrix, blockRows: number): number {
  let blocks = 0;
  eachRun(matrix, blockRows, (_, __, hit) => {
    // Without a branch: h | -h is negative unless h is 0.
    for (let i = 0; i < hit.length; i++) blocks += (hit[i] | -hit[i]) >>> 31;
  });
  return blocks;
}

/** Encodes the non-zero blocks of `matrix`. */
export function encodeBsr(matrix: Matrix, blockRows: number): Bsr {
  const { rows, cols, width, data } = matrix;
  const blocks = countBlocks(matrix, blockRows);
  const counts = new Uint32Array(Math.ceil(rows / blockRows));
  const columns = cols <= 0x10000 ? new Uint16Array(blocks) : new Uint32Array(blocks);
  const values = new Float32Array(blocks * blockRows);
  let next = 0;
  eachRun(matrix, blockRows, (row, run, hit) => {
    const before = next;
    for (let i = 0; i < width; i++) {
      if (hit[i] === 0) continue;
      columns[next] = run.first + i;
      for (const r of run.rows) values[next * blockRows + r - row] = data[r * width + i];
      next++;
    }
    counts[row / blockRows] += next - before;
  });
  return { blockRows, rows, cols, counts, columns, values };
}

/** The dense row-major `rows x cols` matrix. */
export function decodeBsr(bsr: Bsr): Float32Array {
  const { blockRows, rows, cols } = bsr;
  const dense = new Float32Array(rows * cols);
  let block = 0;
  bsr.counts.forEach((count, i) => {
    for (const stop = block + count; block < stop; block++) {
      for (let r = 0; r < blockRows && i * blockRows + r < rows; r++) {
        dense[(i * blockRows + r) * cols + bsr.columns[block]] = bsr.values[block * blockRows + r];
      }
    }
  });
  return dense;
}

/**
 * Checks lengths, that columns lie in `[0, cols)` and ascend within a block row.
 * @throws ZeroskipError `INVALID_MODEL` that names `what`.
 */
export function validateBsr(bsr: Bsr, what: string): void {
  const { blockRows, rows, cols, counts, columns, values } = bsr;
  const check = (ok: boolean, message: () => string) => ensure(ok, 'INVALID_MODEL', () => `${what}: ${message()}`);
  const height = Math.ceil(rows / blockRows);
  check(counts.length === height, () => `expected ${height} block rows, found ${counts.length}`);
  const blocks = counts.reduce((sum, n) => sum + n, 0);
  check(columns.length === blocks, () => `the counts add up to ${blocks} blocks, found ${columns.length} columns`);
  check(values.length === blocks * blockRows, () => `expected ${blocks * blockRows} values, found ${values.length}`);
  let block = 0;
  counts.forEach((count, i) => {
    for (let previous = -1, stop = block + count; block < stop; block++) {
      const column = columns[block];
      check(column < cols, () => `block row ${i}: column ${column} is outside of ${cols} columns`);
      check(column > previous, () => `block row ${i}: columns have to ascend, found ${column} after ${previous}`);
      previous = column;
    }
  });
}

interface Run {
  first: number;
  rows: number[];
}

/**
 * Calls `visit` for every run of columns that rows of one block row store, ascending: with the first row of the block row, the run, and
 * for each of its columns a number that is 0 exactly where all its rows are zero.
 */
function eachRun(matrix: Matrix, blockRows: number, visit: (row: number, run: Run, hit: Int32Array) => void): void {
  const { rows, width, data } = matrix;
  const words = new Int32Array(data.buffer, data.byteOffset, data.length);
  const hit = new Int32Array(width);
  for (let row = 0; row < rows; row += blockRows) {
    for (const run of runsOf(matrix, row, blockRows)) {
      hit.fill(0);
      for (const r of run.rows) {
        const start = r * width;
        // The shift drops the sign: -0 is a zero.
        for (let i = 0; i < width; i++) hit[i] |= words[start + i] << 1;
      }
      visit(row, run, hit);
    }
  }
}
