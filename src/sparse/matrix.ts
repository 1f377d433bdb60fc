/**
 * A weight matrix of `rows` x `cols` of which every row stores a run of `width` columns and is zero elsewhere.
 * A fully connected layer or an ungrouped convolution stores whole rows (`width = cols`, `first = 0`); row r of a grouped
 * convolution stores the columns of its group.
 *
 * ```
 *   data[r * width + i] = W[r, first(r) + i],   0 <= i < width
 * ```
 */
export interface Matrix {
  rows: number;
  cols: number;
  width: number;
  data: Float32Array;
  first(row: number): number;
}

/** A matrix whose rows are stored whole. */
export const wholeRows = (rows: number, cols: number, data: Float32Array): Matrix => ({
  rows,
  cols,
  width: cols,
  data,
  first: () => 0,
});

/** Rows `[row, row + count)` that exist, grouped by their first stored column, ascending. */
export function runsOf(matrix: Matrix, row: number, count: number): { first: number; rows: number[] }[] {
  const runs = new Map<number, number[]>();
  for (let r = row; r < Math.min(row + count, matrix.rows); r++) {
    const rows = runs.get(matrix.first(r));
    if (rows) rows.push(r);
    else runs.set(matrix.first(r), [r]);
  }
  return [...runs].map(([first, rows]) => ({ first, rows })).sort((a, b) => a.first - b.first);
}

/**
 * Remembers what was made of a matrix, under a key, for as long as its elements live: packing and counting take time, and every plan and
 * engine class asks. Matrices of other shapes may share the elements.
 */
export class MatrixCache<T> {
  private readonly entries = new WeakMap<Float32Array, Map<string, T>>();

  get<U extends T>(matrix: Matrix, key: string, make: () => U): U {
    const { data, rows, cols, width } = matrix;
    const made = this.entries.get(data) ?? new Map<string, T>();
    this.entries.set(data, made);
    const full = `${key} ${rows} ${cols} ${width}`;
    if (!made.has(full)) made.set(full, make());
    return made.get(full) as U;
  }
}
