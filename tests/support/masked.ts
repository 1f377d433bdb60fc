import * as assert from 'uvu/assert';
import type { CompileOptions } from '../../src/compile.ts';
import { compileGraph } from '../../src/compile.ts';
import { evaluate } from '../../src/graph/evaluate.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { OPS } from '../../src/ops/index.ts';
import { load } from '../../src/runtime/load.ts';
import { sizeOf, Tensor } from '../../src/tensor.ts';

export const pixelsOf = (side: readonly number[]): number => side[0] * side[1];

/** Blocks of an image, and which of them a mask lies above 0.5 in, by its maximum over each. */
export function activeIn(mask: Tensor, [h, w]: readonly number[], [bh, bw]: readonly number[]): boolean[] {
  const [gh, gw] = [Math.ceil(h / bh), Math.ceil(w / bw)];
  const images = mask.dims[0];
  const active = new Array<boolean>(images * gh * gw).fill(false);
  (mask.data as Float32Array).forEach((value, at) => {
    const [n, y, x] = [Math.floor(at / (h * w)), Math.floor(at / w) % h, at % w];
    if (value > 0.5) active[(n * gh + Math.floor(y / bh)) * gw + Math.floor(x / bw)] = true;
  });
  return active;
}

/** `dense` in the active blocks, `outside` or 0 elsewhere. */
export function inBlocks(
  dense: Tensor,
  active: readonly boolean[],
  [bh, bw]: readonly number[],
  outside?: Tensor,
): Tensor {
  const [, c, h, w] = dense.dims;
  const [gh, gw] = [Math.ceil(h / bh), Math.ceil(w / bw)];
  const data = (dense.data as Float32Array).map((value, at) => {
    const [n, y, x] = [Math.floor(at / (c * h * w)), Math.floor(at / w) % h, at % w];
    if (active[(n * gh + Math.floor(y / bh)) * gw + Math.floor(x / bw)]) return value;
    return outside ? (outside.data as Float32Array)[at] : 0;
  });
  return new Tensor('float32', data, dense.dims);
}

/** A mask of ones in some blocks, each with the given chance, and of zeros elsewhere. */
export function blockyMask(dims: readonly number[], [bh, bw]: readonly number[], share: number, seed = 1): Tensor {
  const [h, w] = dims.slice(-2);
  const chance = (key: number): number => {
    const t = Math.sin(key * 12.9898 + seed * 78.233) * 43758.5453;
    return t - Math.floor(t);
  };
  const gw = Math.ceil(w / bw);
  const gh = Math.ceil(h / bh);
  const data = Float32Array.from({ length: sizeOf(dims) }, (_, at) => {
    const [n, y, x] = [Math.floor(at / (h * w)), Math.floor(at / w) % h, at % w];
    return chance((n * gh + Math.floor(y / bh)) * gw + Math.floor(x / bw)) < share ? 1 : 0;
  });
  return new Tensor('float32', data, dims);
}

/** Largest difference over the largest magnitude of the second. */
export function errorOf(found: Tensor, expected: Tensor): number {
  const [a, b] = [found.data as Float32Array, expected.data as Float32Array];
  let most = 0;
  let size = 1e-6;
  for (let i = 0; i < b.length; i++) {
    if (!Object.is(a[i], b[i]) && a[i] !== b[i])
      most = Math.max(most, Number.isNaN(a[i] - b[i]) ? Infinity : Math.abs(a[i] - b[i]));
    if (Number.isFinite(b[i])) size = Math.max(size, Math.abs(b[i]));
  }
  return most / size;
}

/**
 * Compiles a masked network with the loop always, with the dense way always, and as the cost model has it; runs each in both engine classes
 * and compares with `expected`, or with the reference of the compiled graph.
 */
export async function checkMasked(
  graph: Graph,
  options: CompileOptions,
  feeds: Record<string, Tensor>,
  expected?: Record<string, Tensor>,
): Promise<void> {
  for (const limit of [1, 0, undefined]) {
    const masks = options.masks!.map((mask) => (limit === undefined ? mask : { ...mask, limit }));
    const { bytes, planSet } = compileGraph(graph, { ...options, masks });
    const wanted = expected ?? evaluate(planSet.plans[0].graph, OPS, feeds);
    for (const engine of ['narrow', 'wide'] as const) {
      const model = await load(bytes, { target: 'simd', engine });
      for (const repeat of [0, 1]) {
        const found = model.runSync(feeds);
        for (const [name, tensor] of Object.entries(wanted)) {
          const error = errorOf(found[name], tensor);
          assert.ok(error <= 1e-5, `limit ${limit}, ${engine}, run ${repeat}: '${name}' is off by ${error}`);
        }
      }
      model.dispose();
    }
  }
}
