import type { Bsr } from './bsr.ts';

/**
 * Weights by column, for kernels that walk the inputs: column i has the weights from `starts[i]` to `starts[i + 1]`, by ascending row.
 *
 * ```
 *   W     a . b     starts 0 2 3 4   rows 0 1 | 2 | 0   values a c | d | b
 *         c . .
 *         . d .
 * ```
 */
export interface Csc {
  starts: Uint32Array;
  rows: Uint16Array | Uint32Array;
  values: Float32Array;
}

/**
 * Rows `[first, first + rows)` of the matrix that `bsr` stores; zeros inside its blocks are stored too, and rows are counted from `first`
 * on. Of both bounds of the range only the last row may lie inside a block.
 */
export function columnsOf(bsr: Bsr, first: number, rows: number): Csc {
  const { blockRows, cols, columns, values, counts } = bsr;
  const starts = new Uint32Array(cols + 1);
  const visit = (each: (column: number, row: number, value: number) => void): void => {
    let block = 0;
    counts.forEach((count, blockRow) => {
      for (const stop = block + count; block < stop; block++) {
        for (let r = 0; r < blockRows; r++) {
          const row = blockRow * blockRows + r - first;
          if (row >= 0 && row < rows) each(columns[block], row, values[block * blockRows + r]);
        }
      }
    });
  };
  visit((column) => starts[column + 1]++);
  for (let i = 0; i < cols; i++) starts[i + 1] += starts[i];
  const stored = starts[cols];
  const next = starts.slice();
  const csc = {
    starts,
    rows: rows <= 0x10000 ? new Uint16Array(stored) : new Uint32Array(stored),
    values: new Float32Array(stored),
  };
  visit((column, row, value) => {
    const at = next[column]++;
    csc.rows[at] = row;
    csc.values[at] = value;
  });
  return csc;
}
