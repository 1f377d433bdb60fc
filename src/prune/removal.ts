import { cholesky, choleskySolve, submatrix } from './linalg.ts';

/** Eliminations in one pass. */
const STEPS = 4;

/**
 * Rows of W whose weights go one chunk of columns after the other, each time the one that costs least, with the optimal brain update of what
 * stays. The inverse Hessian of the columns that are left is kept compact: a removed one trades places with the last.
 *
 * Removing columns P costs `w_P [H^-1]_PP^-1 w_P^T`, changes the row by `w -= w_P [H^-1]_PP^-1 [H^-1]_P:`, and leaves the inverse Hessian
 * `H^-1 - [H^-1]_:P [H^-1]_PP^-1 [H^-1]_P:`, column by column one step of Gaussian elimination. Steps are collected and taken four in a pass over
 * the matrix; the diagonal, which losses are made of, is always up to date.
 */
export class Removal {
  private readonly n: number;
  /** Lower triangle of the inverse, row stride n, before the pending steps. */
  private readonly inverse: Float64Array;
  private readonly diagonal: Float64Array;
  /** Columns of the inverse over the roots of their diagonals, to be subtracted as `v v^T`. */
  private readonly pending: readonly Float64Array[];
  private steps = 0;
  private readonly rows: readonly Float64Array[];
  private readonly chunks: readonly (readonly number[])[];
  /** Place of a column, and the column at a place. */
  private readonly place: Int32Array;
  private readonly column: Int32Array;
  private readonly taken: Uint8Array;
  private left: number;

  /**
   * @param inverse H^-1, `[n, n]`; not changed
   * @param rows rows of n weights of W; not changed
   */
  constructor(inverse: Float64Array, n: number, rows: readonly Float64Array[], chunks: readonly (readonly number[])[]) {
    this.n = n;
    this.inverse = inverse.slice();
    this.diagonal = Float64Array.from({ length: n }, (_, i) => inverse[i * n + i]);
    this.pending = Array.from({ length: STEPS }, () => new Float64Array(n));
    this.rows = rows.map((row) => row.slice());
    this.chunks = chunks;
    this.place = Int32Array.from({ length: n }, (_, i) => i);
    this.column = this.place.slice();
    this.taken = new Uint8Array(chunks.length);
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
    const { inverse, diagonal, n, place, rows } = this;
    let loss = 0;
    if (chunk.length === 1) {
      const p = place[chunk[0]];
      for (const row of rows) loss += row[p] * row[p];
      return loss / diagonal[p];
    }
    this.takeSteps();
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
    const { diagonal, rows, pending } = this;
    if (this.steps === STEPS) this.takeSteps();
    const last = --this.left;
    const v = pending[this.steps];
    this.readColumn(p, v);
    const root = Math.sqrt(diagonal[p]);
    for (let j = 0; j <= last; j++) {
      v[j] /= root;
      diagonal[j] -= v[j] * v[j];
    }
    this.steps++;
    for (const row of rows) {
      const share = row[p] / root;
      if (share !== 0) for (let j = 0; j <= last; j++) row[j] -= share * v[j];
      row[p] = row[last];
    }
    this.moveLast(p, last);
  }

  /** The column at place p as it is after the pending steps. */
  private readColumn(p: number, to: Float64Array): void {
    const { inverse, n, left, pending, steps } = this;
    for (let j = 0; j <= p; j++) to[j] = inverse[p * n + j];
    for (let i = p + 1; i <= left; i++) to[i] = inverse[i * n + p];
    for (let s = 0; s < steps; s++) {
      const v = pending[s];
      const share = v[p];
      for (let j = 0; j <= left; j++) to[j] -= share * v[j];
    }
  }

  private takeSteps(): void {
    const { inverse, n, pending, left, steps } = this;
    for (let s = steps; s < STEPS; s++) pending[s].fill(0);
    const [v0, v1, v2, v3] = pending;
    for (let i = 0; i < left; i++) {
      const [a, b, c, d] = [v0[i], v1[i], v2[i], v3[i]];
      const from = i * n;
      for (let j = 0; j <= i; j++) inverse[from + j] -= a * v0[j] + b * v1[j] + (c * v2[j] + d * v3[j]);
    }
    this.steps = 0;
  }

  private moveLast(p: number, last: number): void {
    const { inverse, diagonal, n, place, column, pending, steps } = this;
    if (p !== last) {
      inverse.copyWithin(p * n, last * n, last * n + p);
      for (let i = p + 1; i < last; i++) inverse[i * n + p] = inverse[last * n + i];
      inverse[p * n + p] = inverse[last * n + last];
    }
    diagonal[p] = diagonal[last];
    for (let s = 0; s < steps; s++) pending[s][p] = pending[s][last];
    const moved = column[last];
    column[p] = moved;
    place[moved] = p;
  }
}
