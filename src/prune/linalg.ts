import { ensure } from '../errors.ts';

/**
 * The Hessian of the squared error of a layer, `H = X X^T + damp * mean(diag(X X^T)) * I`, up to the factor 2 that nothing here depends on.
 * An input that was always zero has a diagonal of that damping alone, so that its weights go at next to no loss; without damping it gets
 * a millionth of the mean, and 1 where all are zero.
 *
 * @param gram X X^T, `[n, n]`; not changed
 * @param damp share of the mean of the diagonal, 0.01 in SparseGPT
 */
export function damped(gram: Float64Array, n: number, damp: number): Float64Array {
  const h = gram.slice();
  let trace = 0;
  for (let i = 0; i < n; i++) trace += h[i * n + i];
  const mean = trace > 0 ? trace / n : 1;
  for (let i = 0; i < n; i++) {
    const at = i * n + i;
    if (h[at] === 0) h[at] = mean * Math.max(damp, trace > 0 ? 1e-6 : 1);
    else h[at] += mean * damp;
  }
  return h;
}

/** `sum over k < length of a[i + k] * b[j + k]` */
export function dot(a: Float64Array, i: number, b: Float64Array, j: number, length: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let k = 0;
  for (; k + 3 < length; k += 4) {
    s0 += a[i + k] * b[j + k];
    s1 += a[i + k + 1] * b[j + k + 1];
    s2 += a[i + k + 2] * b[j + k + 2];
    s3 += a[i + k + 3] * b[j + k + 3];
  }
  for (; k < length; k++) s0 += a[i + k] * b[j + k];
  return s0 + s1 + (s2 + s3);
}

/**
 * The Cholesky factor L of a symmetric positive definite A: `A = L L^T`, L lower triangular, both `[n, n]` row-major.
 *
 * @param what names the matrix in the error
 * @throws ZeroskipError `INVALID_ARGUMENT` if A is not positive definite in double precision
 */
export function cholesky(a: Float64Array, n: number, what: string): Float64Array {
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const row = i * n;
    for (let j = 0; j < i; j++) l[row + j] = (a[row + j] - dot(l, row, l, j * n, j)) / l[j * n + j];
    const rest = a[row + i] - dot(l, row, l, row, i);
    ensure(
      rest > 0 && rest < Number.POSITIVE_INFINITY,
      'INVALID_ARGUMENT',
      () => `${what}: not positive definite at row ${i}; more calibration data or a larger damp helps`,
    );
    l[row + i] = Math.sqrt(rest);
  }
  return l;
}

/** The inverse of a lower triangular matrix, by forward substitution. */
export function inverseOfLower(l: Float64Array, n: number): Float64Array {
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const row = i * n;
    for (let k = 0; k < i; k++) {
      const factor = l[row + k];
      if (factor !== 0) for (let j = 0, from = k * n; j <= k; j++) inverse[row + j] -= factor * inverse[from + j];
    }
    const pivot = l[row + i];
    inverse[row + i] = 1;
    for (let j = 0; j <= i; j++) inverse[row + j] /= pivot;
  }
  return inverse;
}

/**
 * The inverse of a symmetric positive definite matrix, `A^-1 = L^-T L^-1`.
 * @throws ZeroskipError as {@link cholesky}
 */
export function inverseOf(a: Float64Array, n: number, what: string): Float64Array {
  const m = inverseOfLower(cholesky(a, n, what), n);
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const row = i * n;
    for (let k = i; k < n; k++) {
      const factor = m[k * n + i];
      if (factor !== 0) for (let j = 0, from = k * n; j <= i; j++) inverse[row + j] += factor * m[from + j];
    }
    for (let j = 0; j < i; j++) inverse[j * n + i] = inverse[row + j];
  }
  return inverse;
}

/**
 * The upper triangular U with `H^-1 = U^T U`, as SparseGPT reads it: row j holds `[H^-1]` of the inputs from j on once those before are
 * eliminated, divided by the root of its diagonal. With the order of rows and columns reversed, `J H J = L L^T`, it is `U = J L^-1 J`.
 *
 * @throws ZeroskipError as {@link cholesky}
 */
export function inverseFactor(h: Float64Array, n: number, what: string): Float64Array {
  return inverseOfLower(cholesky(h.toReversed(), n, what), n).reverse();
}

/** Solves `L L^T x = b` in place of b. */
export function choleskySolve(l: Float64Array, n: number, b: Float64Array): void {
  for (let i = 0; i < n; i++) b[i] = (b[i] - dot(l, i * n, b, 0, i)) / l[i * n + i];
  for (let i = n - 1; i >= 0; i--) {
    const x = b[i] / l[i * n + i];
    b[i] = x;
    for (let j = 0; j < i; j++) b[j] -= l[i * n + j] * x;
  }
}

/** The rows and columns `indices` of a square matrix. */
export function submatrix(a: Float64Array, n: number, indices: ArrayLike<number>): Float64Array {
  const k = indices.length;
  const sub = new Float64Array(k * k);
  for (let i = 0; i < k; i++) for (let j = 0, row = indices[i] * n; j < k; j++) sub[i * k + j] = a[row + indices[j]];
  return sub;
}

/** `x^T A x` of a symmetric A. */
export function quadratic(a: Float64Array, n: number, x: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < n; i++) {
    if (x[i] === 0) continue;
    let row = 0;
    for (let j = 0; j < n; j++) row += a[i * n + j] * x[j];
    sum += row * x[i];
  }
  return sum;
}
