import { broadcastSteps, walkBroadcast } from './broadcast.ts';

/** Batch dims of both operands (before broadcasting), the broadcast batch dims, and the matrix sizes of a batched product. */
export interface ProductShape {
  left: readonly number[];
  right: readonly number[];
  batch: readonly number[];
  m: number;
  k: number;
  n: number;
}

/** Broadcast of two shapes; a dim is undefined where they do not fit. */
export function broadcastShapes(a: readonly number[], b: readonly number[]): (number | undefined)[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const p = a[i - rank + a.length] ?? 1;
    const q = b[i - rank + b.length] ?? 1;
    if (p === 1) return q;
    return q === 1 || p === q ? p : undefined;
  });
}

/**
 * The definition of a batched matrix product: `y[s, m, n] = sum_k a[s, m, k] * b[s, k, n]` for every index s of `batch`;
 * the batch dims of a (`left`) and b (`right`) broadcast. All row-major; y is written.
 */
export function matrixProduct(a: Float32Array, b: Float32Array, y: Float32Array, shape: ProductShape): void {
  const { left, right, batch, m, k, n } = shape;
  let at = 0;
  walkBroadcast(batch, [broadcastSteps(left, batch), broadcastSteps(right, batch)], ([ia, ib]) => {
    for (let r = 0; r < m; r++) {
      for (let c = 0; c < n; c++) {
        let sum = 0;
        for (let i = 0; i < k; i++) sum += a[(ia * m + r) * k + i] * b[(ib * k + i) * n + c];
        y[at++] = sum;
      }
    }
  });
}
