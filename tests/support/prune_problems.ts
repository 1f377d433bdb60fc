import { seededRandom } from '../../src/prune/random.ts';
import type { Layer, ScoreContext } from '../../src/prune/types.ts';

/** A layer of its own with the plain layout of W. */
export const plainLayer = (rows: number, cols: number, { groups = 1, taps = 1 } = {}): Layer => ({
  name: 'layer',
  op: taps > 1 || groups > 1 ? 'Conv' : 'Gemm',
  weight: 'w',
  input: 'x',
  output: 'y',
  rows,
  cols,
  groups,
  taps,
  outStride: cols,
  inStride: taps,
  kernel: taps > 1 ? [taps] : [],
  inputDims: [1, cols],
  outputDims: [1, rows],
  macs: rows * cols,
});

/** Numbers in [-1, 1). */
export function uniform(length: number, random: () => number): Float64Array {
  return Float64Array.from({ length }, () => 2 * random() - 1);
}

/** X X^T of `count` columns whose rows depend on each other. */
export function correlated(n: number, count: number, random: () => number): Float64Array {
  const mix = uniform(n * n, random);
  const gram = new Float64Array(n * n);
  for (let k = 0; k < count; k++) {
    const z = uniform(n, random);
    const x = Array.from({ length: n }, (_, i) => z[i] + z.reduce((sum, v, j) => sum + 0.6 * mix[i * n + j] * v, 0));
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) gram[i * n + j] += x[i] * x[j];
  }
  return gram;
}

/** A layer with random weights and correlated inputs, the same for the same seed. */
export function randomContext(layer: Layer, seed: number): ScoreContext & { grams: Float64Array[] } {
  const random = seededRandom(seed);
  const grams = Array.from({ length: layer.groups }, () => correlated(layer.cols, 3 * layer.cols, random));
  const weights = Float32Array.from(uniform(layer.rows * layer.cols, random));
  const length = layer.groups * layer.cols;
  const input = {
    count: 3 * layer.cols,
    squares: new Float64Array(length),
    sums: new Float64Array(length),
    gram: grams,
  };
  return { layer, weights, stats: { input }, random, grams };
}

/** Solves `A x = b` by elimination with pivoting: nothing that the code under test uses. */
export function solveDense(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const n = b.length;
  const m = a.map((row, i) => [...row, b[i]]);
  for (let c = 0; c < n; c++) {
    const pivot = m.slice(c).reduce((best, row, i) => (Math.abs(row[c]) > Math.abs(m[best][c]) ? c + i : best), c);
    [m[c], m[pivot]] = [m[pivot], m[c]];
    for (let r = 0; r < n; r++) {
      if (r === c) continue;
      const factor = m[r][c] / m[c][c];
      for (let k = c; k <= n; k++) m[r][k] -= factor * m[c][k];
    }
  }
  return m.map((row, i) => row[n] / row[i]);
}

/** The least `(v - w)^T H (v - w)` over all v that are zero outside of `kept`, and that v. */
export function bestRefit(
  h: Float64Array,
  w: ArrayLike<number>,
  kept: readonly number[],
): { v: number[]; loss: number } {
  const n = w.length;
  const hw = Array.from({ length: n }, (_, i) => sum(n, (j) => h[i * n + j] * w[j]));
  const solved = solveDense(
    kept.map((i) => kept.map((j) => h[i * n + j])),
    kept.map((i) => hw[i]),
  );
  const v = new Array<number>(n).fill(0);
  kept.forEach((i, k) => {
    v[i] = solved[k];
  });
  return { v, loss: lossOf(h, w, v) };
}

export function lossOf(h: Float64Array, w: ArrayLike<number>, v: ArrayLike<number>): number {
  const n = w.length;
  return sum(n, (i) => sum(n, (j) => (v[i] - w[i]) * h[i * n + j] * (v[j] - w[j])));
}

const sum = (n: number, f: (i: number) => number): number => {
  let total = 0;
  for (let i = 0; i < n; i++) total += f(i);
  return total;
};

/** All subsets of `k` of the numbers below n. */
export function subsets(n: number, k: number, from = 0): number[][] {
  if (k === 0) return [[]];
  return Array.from({ length: n - from }, (_, i) => from + i).flatMap((first) =>
    subsets(n, k - 1, first + 1).map((rest) => [first, ...rest]),
  );
}
