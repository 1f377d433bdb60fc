import { ensure } from '../errors.ts';

export type Indices = ArrayLike<number>;

/** Compressed sparse rows: row r has `values[rowPtr[r] … rowPtr[r+1])` in the columns `colIdx[…]`, which ascend. */
export interface CsrArrays {
  format: 'csr';
  rows: number;
  cols: number;
  rowPtr: Indices;
  colIdx: Indices;
  values: ArrayLike<number>;
}

/**
 * Block sparse rows: block row r has the blocks `rowPtr[r] … rowPtr[r+1])` in the block columns `colIdx[…]`, which ascend; a block is
 * `blockRows * blockCols` values, row-major.
 *
 * ```
 *   rows = 5, blockRows = 2: three block rows; the last block overhangs the matrix, what stands there is ignored
 * ```
 */
export interface BsrArrays {
  format: 'bsr';
  rows: number;
  cols: number;
  blockRows: number;
  blockCols: number;
  rowPtr: Indices;
  colIdx: Indices;
  values: ArrayLike<number>;
}

const MAX_ELEMENTS = 2 ** 29;

/**
 * The dense row-major matrix `[rows, cols]` of CSR or BSR arrays. `what` names the caller in errors.
 *
 * @throws ZeroskipError `INVALID_ARGUMENT` if an array is missing, row pointers do not rise from 0 to the number of entries, a column
 *   index is out of range or does not ascend within its row, or lengths disagree.
 */
export function denseFrom(matrix: CsrArrays | BsrArrays, what: string): Float32Array {
  const { rows, cols, rowPtr, colIdx, values } = matrix;
  const { blockRows, blockCols } = matrix.format === 'bsr' ? matrix : { blockRows: 1, blockCols: 1 };
  const check = (condition: boolean, message: () => string): void =>
    ensure(condition, 'INVALID_ARGUMENT', () => `${what}: ${message()}`);

  for (const [name, n] of Object.entries({ rows, cols, blockRows, blockCols })) {
    check(Number.isSafeInteger(n) && n >= 1, () => `${name} is a whole number >= 1, found ${n}`);
  }
  for (const [name, array] of Object.entries({ rowPtr, colIdx, values })) {
    check(Array.isArray(array) || ArrayBuffer.isView(array), () => `${name} is an array, found ${array}`);
  }
  check(rows * cols <= MAX_ELEMENTS, () => `${rows} x ${cols} is too large`);
  const stripes = Math.ceil(rows / blockRows);
  const columns = Math.ceil(cols / blockCols);
  const blocks = colIdx.length;
  check(rowPtr.length === stripes + 1, () => `rowPtr has ${stripes + 1} entries, found ${rowPtr.length}`);
  check(
    values.length === blocks * blockRows * blockCols,
    () => `values has ${blocks * blockRows * blockCols} entries, found ${values.length}`,
  );
  check(rowPtr[0] === 0, () => `rowPtr starts with 0, found ${rowPtr[0]}`);
  check(rowPtr[stripes] === blocks, () => `rowPtr ends with ${blocks}, found ${rowPtr[stripes]}`);

  const dense = new Float32Array(rows * cols);
  for (let r = 0; r < stripes; r++) {
    const [first, last] = [rowPtr[r], rowPtr[r + 1]];
    check(
      Number.isInteger(last) && last >= first && last <= blocks,
      () => `rowPtr rises from 0 to ${blocks}, found ${last} after ${first}`,
    );
    for (let b = first, previous = -1; b < last; b++) {
      const column = colIdx[b];
      check(
        Number.isInteger(column) && column > previous && column < columns,
        () => `colIdx of row ${r} ascends within 0 … ${columns - 1}, found ${column} after ${previous}`,
      );
      previous = column;
      for (let i = 0; i < blockRows && r * blockRows + i < rows; i++) {
        for (let j = 0; j < blockCols && column * blockCols + j < cols; j++) {
          const to = (r * blockRows + i) * cols + column * blockCols + j;
          dense[to] = values[(b * blockRows + i) * blockCols + j];
        }
      }
    }
  }
  return dense;
}
