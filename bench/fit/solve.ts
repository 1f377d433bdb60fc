/** One measurement: how often each term counts in it, and what it took. */
export interface Point {
  terms: Readonly<Record<string, number>>;
  ns: number;
}

const SWEEPS = 20_000;
const CONVERGED = 1e-10;

/** `sum(constants[term] * terms[term])` */
export const predict = (constants: Readonly<Record<string, number>>, { terms }: Point): number =>
  Object.entries(terms).reduce((sum, [term, count]) => sum + constants[term] * count, 0);

/**
 * Constants >= 0 with the least sum of squared relative errors `(predict / ns - 1)^2`, by coordinate descent on the normal equations. A
 * term that counts in no point keeps its constant of `start`.
 */
export function solve(points: readonly Point[], start: Readonly<Record<string, number>>): Record<string, number> {
  const found: Record<string, number> = { ...start };
  const names = Object.keys(start).filter((name) => points.some(({ terms }) => terms[name] > 0));
  const rows = points.map(({ terms, ns }) => names.map((name) => (terms[name] ?? 0) / ns));
  const product = (i: number, j: number): number => rows.reduce((sum, row) => sum + row[i] * row[j], 0);
  const normal = names.map((_, i) => names.map((__, j) => product(i, j)));
  const right = names.map((_, i) => rows.reduce((sum, row) => sum + row[i], 0));
  const x = names.map((name) => start[name]);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let moved = 0;
    for (const i of names.keys()) {
      const rest = normal[i].reduce((sum, value, j) => (j === i ? sum : sum - value * x[j]), right[i]);
      const next = Math.max(0, rest / normal[i][i]);
      moved = Math.max(moved, Math.abs(next - x[i]) / (next || 1));
      x[i] = next;
    }
    if (moved < CONVERGED) break;
  }
  for (const [i, name] of names.entries()) found[name] = x[i];
  return found;
}

/** Mean and worst of `|predict / ns - 1|`. */
export function errorsOf(constants: Readonly<Record<string, number>>, points: readonly Point[]) {
  const errors = points.map((point) => Math.abs(predict(constants, point) / point.ns - 1));
  return { mean: errors.reduce((sum, e) => sum + e, 0) / (errors.length || 1), worst: Math.max(0, ...errors) };
}
