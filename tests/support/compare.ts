import { showDims, type Tensor } from '../../src/tensor.ts';

const show = (x: number | bigint): string => (Object.is(x, -0) ? '-0' : String(x));

/** `max |a - b| / max(max |b|, 1e-6)` over the finite elements of b; infinite where a differs from a NaN or infinity of b. */
export function relativeError(a: Tensor, b: Tensor): number {
  let error = 0;
  let scale = 1e-6;
  for (let i = 0; i < b.size; i++) {
    const x = Number(a.data[i]);
    const y = Number(b.data[i]);
    if (!Number.isFinite(y)) {
      if (!Object.is(x, y)) return Number.POSITIVE_INFINITY;
      continue;
    }
    scale = Math.max(scale, Math.abs(y));
    error = Math.max(error, Math.abs(x - y));
    if (Number.isNaN(x)) return Number.POSITIVE_INFINITY;
  }
  return error / scale;
}

/** The same elements; zeros of both signs differ, all NaNs are equal. */
export const identical = (a: Tensor, b: Tensor): boolean =>
  a.size === b.size && a.data.every((x: number | bigint, i: number) => Object.is(x, b.data[i]));

/** What is wrong with `found`, or undefined. */
export function difference(found: Tensor, expected: Tensor, exact: boolean, tolerance = 1e-5): string | undefined {
  if (found.type !== expected.type) return `type ${expected.type} expected, found ${found.type}`;
  if (showDims(found.dims) !== showDims(expected.dims)) {
    return `dims ${showDims(expected.dims)} expected, found ${showDims(found.dims)}`;
  }
  if (exact || expected.type !== 'float32') {
    if (identical(found, expected)) return undefined;
    const i = Array.from(expected.data as ArrayLike<number | bigint>).findIndex(
      (x, at) => !Object.is(x, found.data[at]),
    );
    return `element ${i}: ${show(expected.data[i])} expected, found ${show(found.data[i])}`;
  }
  const error = relativeError(found, expected);
  return error < tolerance ? undefined : `error ${error}`;
}
