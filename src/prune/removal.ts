import { cholesky, choleskySolve, submatrix } from './linalg.ts';

/**
 * Rows of W whose weights go one chunk of columns after the other, each time the one that costs least, with the optimal brain update of what
 * stays. The inverse Hessian of the columns that are left is kept compact: a removed one trades places with the last.
 *
 * Removing columns P costs `w_P [H^-1]_PP^-1 w_P^T`, changes the row by `w -= w_P [H^-1]_PP^-1 [H^-1]_P:`, and leaves the inverse Hessian
 * `H^-1 - [H^-1]_:P [H^-1]_PP^-1 [H^-1]_P:`, column by column one step of Gaussian elimination.
 */
export class Removal {
  private readonly n: number;
  /** Lower triangle of the inverse, row stride n. */
  private readonly inverse: Float64Array;
  private readonly rows: readonly Float64Array[];
  private readonly chunks: readonly (readonly number[])[];
  /** Place of a column, and the column at a place. */
  private readonly place: Int32Array;
  private readonly column: Int32Array;
  private readonly taken: Uint8Array;
  private readonly pivot: Float64Array;
  private left: number;

  /**
   * @param inverse H^-1, `[n, n]`; not changed
   * @param rows rows of n weights of W; not changed
   */
  constructor(inverse: Float64Array, n: number, rows: readonly Float64Array[], chunks: readonly (readonly number[])[]) {
    this.n = n;
    this.inverse = inverse.slice();
    this.rows = rows.map((row) => row.slice());
    this.chunks = chunks;
    this.place = Int32Array.from({ length: n }, (_, i) => i);
    this.column = this.place.slice();
    this.taken = new Uint8Array(chunks.length);
    this.pivot = new Float64Array(n);
    this.left = n;
  }

  /** The chunk whose removal costs least, among those that may go; the first of equals. */
  cheapest(mayGo?: (chunk: number) => boolean): { chunk: number; loss: number } {
    let chunk = -1;
    let loss = Number.POSITIVE_INFINITY;
    for (let c = 0; c < this.chunks.length; c++) {
      if (this.taken[c] || (mayGo && !mayGo(c))) continue;
      const own = this.lossOf(this.chunks[c]);
      if (own < loss || chunk < 0) {
        chunk = c;
        loss = own;
      }
    }
    return { chunk, loss };
  }

  remove(chunk: number): void {
    this.taken[chunk] = 1;
    for (const column of this.chunks[chunk]) this.removeColumn(this.place[column]);
  }

  private lossOf(chunk: readonly number[]): number {
    const { inverse, n, place, rows } = this;
    let loss = 0;
    if (chunk.length === 1) {
      const p = place[chunk[0]];
      for (const row of rows) loss += row[p] * row[p];
      return loss / inverse[p * n + p];
    }
    const places = Array.from(chunk, (column) => place[column]).sort((a, b) => a - b);
    const factor = cholesky(submatrix(inverse, n, places), places.length, 'obc');
    for (const row of rows) {
      const solved = Float64Array.from(places, (p) => row[p]);
      choleskySolve(factor, places.length, solved);
      places.forEach((p, i) => {
        loss += row[p] * solved[i];
      });
    }
    return loss;
  }

  private removeColumn(p: number): void {
    const { inverse, n, pivot, rows } = this;
    const last = --this.left;
    for (let j = 0; j <= p; j++) pivot[j] = inverse[p * n + j];
    for (let i = p + 1; i <= last; i++) pivot[i] = inverse[i * n + p];
    const diagonal = pivot[p];
    for (const row of rows) {
      const share = row[p] / diagonal;
      if (share !== 0) for (let j = 0; j <= last; j++) row[j] -= share * pivot[j];
      row[p] = row[last];
    }
    for (let i = 0; i <= last; i++) {
      const share = pivot[i] / diagonal;
      if (share !== 0) for (let j = 0, from = i * n; j <= i; j++) inverse[from + j] -= share * pivot[j];
    }
    this.moveLast(p, last);
  }

  private moveLast(p: number, last: number): void {
    const { inverse, n, place, column } = this;
    if (p !== last) {
      inverse.copyWithin(p * n, last * n, last * n + p);
      for (let i = p + 1; i < last; i++) inverse[i * n + p] = inverse[last * n + i];
      inverse[p * n + p] = inverse[last * n + last];
    }
    const moved = column[last];
    column[p] = moved;
    place[moved] = p;
  }
}
