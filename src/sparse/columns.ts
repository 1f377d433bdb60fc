import { type Matrix, runsOf } from './matrix.ts';

/** Rows of a column are padded to a multiple of this. */
export const COLUMN_PAD = 4;

/**
 * Packs a dense matrix column by column, so that a kernel can walk the columns of the inputs that are not zero:
 *
 * ```
 *   W           columns[cols][rows padded to 4]
 *     a b         a c e . | b d f .
 *     c d
 *     e f
 * ```
 */
export function encodeColumns(matrix: Matrix): Float32Array {
  const { rows, cols, width, data } = matrix;
  const height = Math.ceil(rows / COLUMN_PAD) * COLUMN_PAD;
  const columns = new Float32Array(cols * height);
  // In bands of rows, so that the lines that are written stay in cache.
  for (let top = 0; top < rows; top += BAND) {
    const bottom = Math.min(top + BAND, rows);
    for (let i = 0; i < width; i++) {
      for (let r = top; r < bottom; r++) columns[(matrix.first(r) + i) * height + r] = data[r * width + i];
    }
  }
  return columns;
}

/** float32 numbers of a cache line. */
const BAND = 16;

/**
 * Compressed sparse columns with blocks of R rows x 1 column: for each column the blocks that hold a non-zero. R = 1 is CSC.
 *
 * ```
 *   W (R = 2)            starts 0 1 2 3 4
 *     a . b .            blockRows 0 0 0 1   values a e | . f | b . | g .
 *     e f . .
 *     . . . g            values[block][R]; the blocks of column c are [starts[c], starts[c + 1]), by ascending block row;
 *     . . . .            rows behind the last one are padded with zeros
 * ```
 */
export interface Csc {
  height: number;
  starts: Uint32Array;
  blockRows: Uint16Array | Uint32Array;
  values: Float32Array;
}

/** Encodes the non-zero blocks of `height` rows. */
export function encodeCsc(matrix: Matrix, height: number): Csc {
  const { rows, cols, width, data } = matrix;
  const starts = new Uint32Array(cols + 1);
  eachBlock(matrix, height, (_, column) => {
    starts[column + 1]++;
  });
  for (let c = 0; c < cols; c++) starts[c + 1] += starts[c];
  const blocks = starts[cols];
  const count = Math.ceil(rows / height);
  const blockRows = count <= 0x10000 ? new Uint16Array(blocks) : new Uint32Array(blocks);
  const values = new Float32Array(blocks * height);
  const next = starts.slice();
  eachBlock(matrix, height, (row, column, members) => {
    const block = next[column]++;
    blockRows[block] = row / height;
    for (const r of members) values[block * height + r - row] = data[r * width + column - matrix.first(r)];
  });
  return { height, starts, blockRows, values };
}

/** The dense row-major `rows x cols` matrix. */
export function decodeCsc(csc: Csc, rows: number, cols: number): Float32Array {
  const { height, starts, blockRows, values } = csc;
  const dense = new Float32Array(rows * cols);
  for (let c = 0; c < cols; c++) {
    for (let block = starts[c]; block < starts[c + 1]; block++) {
      const row = blockRows[block] * height;
      for (let r = 0; r < height && row + r < rows; r++) dense[(row + r) * cols + c] = values[block * height + r];
    }
  }
  return dense;
}

/** Calls `visit` for every block that holds a non-zero, block row by block row: its first row, its column, the rows that store it. */
function eachBlock(
  matrix: Matrix,
  height: number,
  visit: (row: number, column: number, rows: readonly number[]) => void,
): void {
  const { rows, width, data } = matrix;
  for (let row = 0; row < rows; row += height) {
    for (const run of runsOf(matrix, row, height)) {
      for (let i = 0; i < width; i++) {
        if (run.rows.some((r) => data[r * width + i] !== 0)) visit(row, run.first + i, run.rows);
      }
    }
  }
}
