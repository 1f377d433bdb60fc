import { checkSparsity } from './patterns.ts';
import type { Layer } from './types.ts';

/**
 * Share of weights that each layer keeps, by Erdos-Renyi-kernel:
 *
 * ```
 *   d(l) = min(1, e * raw(l)),   raw(l) = (in + out + kh + kw + ...) / (in * out * kh * kw * ...)
 *   sum over l of d(l) * size(l) = (1 - sparsity) * sum over l of size(l)
 * ```
 *
 * `in` are the inputs of one group. Where `e * raw(l)` would exceed 1, the layer stays dense and the others are scaled down until the sum holds.
 *
 * Evci et al. 2020, "Rigging the Lottery: Making All Tickets Winners"; Mocanu et al. 2018.
 *
 * @throws ZeroskipError `INVALID_ARGUMENT` unless 0 <= sparsity < 1
 */
export function erkDensities(layers: readonly Layer[], sparsity: number): number[] {
  checkSparsity(sparsity);
  const sizes = layers.map(({ rows, cols }) => rows * cols);
  const raw = layers.map(
    ({ rows, cols, taps, kernel }, i) => (rows + cols / taps + kernel.reduce((sum, k) => sum + k, 0)) / sizes[i],
  );
  const dense = new Set<number>();
  const wanted = (1 - sparsity) * sizes.reduce((sum, n) => sum + n, 0);
  for (;;) {
    const sum = (of: (i: number) => number, from: (i: number) => boolean): number =>
      sizes.reduce((total, _, i) => total + (from(i) ? of(i) : 0), 0);
    const left =
      wanted -
      sum(
        (i) => sizes[i],
        (i) => dense.has(i),
      );
    const scale =
      left /
      sum(
        (i) => raw[i] * sizes[i],
        (i) => !dense.has(i),
      );
    const rest = raw.flatMap((r, i) => (dense.has(i) ? [] : [r]));
    const most = Math.max(0, ...rest);
    if (!(most * scale > 1)) return raw.map((r, i) => (dense.has(i) ? 1 : r * scale));
    raw.forEach((r, i) => {
      if (r === most) dense.add(i);
    });
  }
}
