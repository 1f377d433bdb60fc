import type { Resize } from './options.ts';

/** For each of a run of positions the `count` neighbours that it is a weighted sum of: `y[i] = sum_k weights[i * count + k] * x[first[i] + k]`. */
export interface Taps {
  first: Int32Array;
  count: number;
  weights: Float64Array;
}

const triangle = (x: number): number => Math.max(0, 1 - Math.abs(x));

/** The cubic convolution of Keys (1981). */
const cubic = (a: number) => (signed: number) => {
  const x = Math.abs(signed);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((x - 5) * x + 8) * x * a - 4 * a : 0;
};

/** The constants of Pillow, and of `torch.nn.functional.interpolate` and OpenCV. */
const ANTIALIASED_CUBIC = cubic(-0.5);
const CUBIC = cubic(-0.75);

/** The weights of the pixels around position `i`, by their numbers. */
type Weigh = (i: number, add: (pixel: number, weight: number) => void) => void;

/** Widened by `s` where that is above 1, cut off at the edges, and made to sum to 1. */
function widened(n: number, s: number, reach: number, filter: (x: number) => number): Weigh {
  const wide = Math.max(s, 1);
  return (i, add) => {
    const centre = (i + 0.5) * s;
    const from = Math.max(0, Math.floor(centre - reach * wide + 0.5));
    const to = Math.min(n, Math.floor(centre + reach * wide + 0.5));
    let total = 0;
    for (let j = from; j < to; j++) total += filter((j + 0.5 - centre) / wide);
    for (let j = from; j < to; j++) add(j, filter((j + 0.5 - centre) / wide) / total);
  };
}

/** The `2 * reach` nearest pixels; those at the edges repeat beyond them. */
function nearby(n: number, s: number, reach: number, filter: (x: number) => number): Weigh {
  return (i, add) => {
    const centre = (i + 0.5) * s - 0.5;
    const from = Math.floor(centre) - reach + 1;
    for (let j = from; j < from + 2 * reach; j++) add(Math.min(Math.max(j, 0), n - 1), filter(j - centre));
  };
}

function weighing(n: number, s: number, resize: Resize, antialias: boolean): Weigh {
  switch (resize) {
    case 'nearest':
      return (i, add) => add(Math.min(Math.floor((i + 0.5) * s), n - 1), 1);
    case 'area':
      return (i, add) => {
        const [from, to] = [i * s, Math.min((i + 1) * s, n)];
        for (let j = Math.floor(from); j < to; j++) add(j, (Math.min(to, j + 1) - Math.max(from, j)) / (to - from));
      };
    case 'bilinear':
      return antialias ? widened(n, s, 1, triangle) : nearby(n, s, 1, triangle);
    case 'bicubic':
      return antialias ? widened(n, s, 2, ANTIALIASED_CUBIC) : nearby(n, s, 2, CUBIC);
  }
}

/**
 * What `length` positions from `from` on see when `n` pixels become `m`. With `s = n / m`, the position `i` has its centre at `(i + 0.5) s`
 * (half-pixel centres, `align_corners=False`):
 *
 * - `nearest`: the pixel `floor((i + 0.5) s)`, which is Pillow's NEAREST and torch's `nearest-exact`.
 * - `area`: the mean over `[i s, (i + 1) s)`, pixels counted by the share of them that lies in it, as OpenCV's INTER_AREA does when it shrinks.
 * - `bilinear`, `bicubic`: `w[j] = f((j + 0.5 - (i + 0.5) s) / max(s, 1))` divided by their sum (antialiased), or
 *   `w[j] = f(j + 0.5 - (i + 0.5) s)` of the nearest pixels; f is `1 - |x|`, or Keys' cubic with a = -0.5 (antialiased) or -0.75.
 */
export function tapsOf(n: number, m: number, from: number, length: number, resize: Resize, antialias: boolean): Taps {
  const weigh = weighing(n, n / m, resize, antialias);
  const first = new Int32Array(length);
  const rows: number[][] = [];
  let count = 1;
  for (let i = 0; i < length; i++) {
    const row: number[] = [];
    weigh(from + i, (pixel, weight) => {
      // Weights of 0 at both ends would only widen the window.
      if (weight === 0 && row.length === 0) return;
      if (row.length === 0) first[i] = pixel;
      row[pixel - first[i]] = (row[pixel - first[i]] ?? 0) + weight;
    });
    while (row.at(-1) === 0) row.pop();
    count = Math.max(count, row.length);
    rows.push(row);
  }
  const weights = new Float64Array(length * count);
  rows.forEach((row, i) => {
    const shift = Math.max(0, first[i] + count - n);
    first[i] -= shift;
    weights.set(row, i * count + shift);
  });
  return { first, count, weights };
}
