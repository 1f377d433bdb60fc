import { compileGraph } from '../compile.ts';
import { GraphBuilder } from '../graph/builder.ts';
import { load } from '../runtime/load.ts';
import type { Model } from '../runtime/model.ts';
import { Tensor } from '../tensor.ts';

/** Columns of X that are multiplied at once. */
export const DEPTH = 256;
/** Rows of a tile of X X^T at most. */
const TILE = 256;
/** Below it a plain loop is as fast. */
const SMALL = 48;

/** Adds `X X^T` of the first `count` columns of X to `gram`, `[n, n]`; row r of X is `rows[k * stride + first + r]` for column k. */
export type AddGram = (gram: Float64Array, rows: Float32Array, stride: number, first: number, count: number) => void;

/**
 * How to add up `X X^T` for X of n rows and at most {@link DEPTH} columns. Larger ones are multiplied tile by tile by the runtime's own kernels
 * in float32, and summed in float64; only the lower triangle is computed.
 */
export class GramProducts {
  private readonly models = new Map<number, Model>();

  async of(n: number): Promise<AddGram> {
    if (n <= SMALL) return (gram, rows, stride, first, count) => addPlain(gram, n, rows, stride, first, count);
    const tiles = Math.ceil(n / TILE);
    const tile = Math.ceil(n / tiles / 8) * 8;
    const model = this.models.get(tile) ?? (await product(tile));
    this.models.set(tile, model);
    return (gram, rows, stride, first, count) => addTiled(model, tile, gram, n, rows, stride, first, count);
  }

  dispose(): void {
    for (const model of this.models.values()) model.dispose();
    this.models.clear();
  }
}

async function product(tile: number): Promise<Model> {
  const builder = new GraphBuilder('gram');
  const a = builder.input('a', 'float32', [tile, DEPTH]);
  const b = builder.input('b', 'float32', [DEPTH, tile]);
  builder.output(builder.matMul(a, b), 'c');
  return load(compileGraph(builder.build(), { skip: 'off', target: 'simd' }).bytes);
}

function addPlain(
  gram: Float64Array,
  n: number,
  rows: Float32Array,
  stride: number,
  first: number,
  count: number,
): void {
  for (let k = 0; k < count; k++) {
    const from = k * stride + first;
    for (let i = 0; i < n; i++) {
      const x = rows[from + i];
      if (x !== 0) for (let j = 0; j <= i; j++) gram[i * n + j] += x * rows[from + j];
    }
  }
}

function addTiled(
  model: Model,
  tile: number,
  gram: Float64Array,
  n: number,
  rows: Float32Array,
  stride: number,
  first: number,
  count: number,
): void {
  const b = new Float32Array(DEPTH * tile);
  const tiles = Math.ceil(n / tile);
  const transposed = Array.from({ length: tiles }, (_, t) => {
    const a = new Float32Array(tile * DEPTH);
    const size = Math.min(tile, n - t * tile);
    for (let k = 0; k < count; k++)
      for (let i = 0, from = k * stride + first + t * tile; i < size; i++) a[i * DEPTH + k] = rows[from + i];
    return new Tensor('float32', a, [tile, DEPTH]);
  });
  for (let right = 0; right < tiles; right++) {
    const width = Math.min(tile, n - right * tile);
    b.fill(0);
    for (let k = 0; k < count; k++) {
      const from = k * stride + first + right * tile;
      b.set(rows.subarray(from, from + width), k * tile);
    }
    for (let left = right; left < tiles; left++) {
      const { c } = model.runSync({ a: transposed[left], b: new Tensor('float32', b, [DEPTH, tile]) });
      const height = Math.min(tile, n - left * tile);
      for (let i = 0; i < height; i++) {
        const to = (left * tile + i) * n + right * tile;
        const last = Math.min(width, left * tile + i + 1 - right * tile);
        for (let j = 0; j < last; j++) gram[to + j] += (c.data as Float32Array)[i * tile + j];
      }
    }
  }
}

/** Copies the lower triangle to the upper one. */
export function mirror(gram: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) gram[j * n + i] = gram[i * n + j];
}
