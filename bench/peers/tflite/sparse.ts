import { sizeOf } from '../../../src/tensor.ts';

/**
 * A tensor without its zeros, TFLite's form with one sparse axis: the leading axes are rows, `indices` are positions along the last.
 *
 * ```
 * row r:  values[segments[r]] … values[segments[r + 1] - 1]  at  indices[segments[r]] …
 * ```
 */
export interface SparseRows {
  shape: readonly number[];
  segments: Int32Array;
  /** 16 bit where the last axis allows it. */
  indices: Uint16Array | Int32Array;
  values: Float32Array;
}

export function sparseRows(data: Float32Array, shape: readonly number[]): SparseRows {
  const columns = shape[shape.length - 1];
  const rows = sizeOf(shape) / columns;
  const count = data.reduce((n, x) => n + Number(x !== 0), 0);
  const segments = new Int32Array(rows + 1);
  const indices = columns <= 2 ** 16 ? new Uint16Array(count) : new Int32Array(count);
  const values = new Float32Array(count);
  for (let r = 0, at = 0, i = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++, i++) {
      if (data[i] === 0) continue;
      indices[at] = c;
      values[at++] = data[i];
    }
    segments[r + 1] = at;
  }
  return { shape, segments, indices, values };
}

/** The tensor with its zeros. */
export function denseOf({ shape, segments, indices, values }: SparseRows): Float32Array {
  const columns = shape[shape.length - 1];
  const data = new Float32Array(sizeOf(shape));
  for (let r = 0; r + 1 < segments.length; r++) {
    for (let i = segments[r]; i < segments[r + 1]; i++) data[r * columns + indices[i]] = values[i];
  }
  return data;
}
