import { uniform } from '../../src/cli/random.ts';
import type { Layer, ScoreContext, Stats } from '../../src/prune/types.ts';

/** A layer by itself: a Conv with a filter of extents `kernel`, or a Gemm if there is none. */
export function layerWith(
  name: string,
  rows: number,
  ins: number,
  { kernel = [], groups = 1 }: { kernel?: readonly number[]; groups?: number } = {},
): Layer {
  const taps = kernel.reduce((product, k) => product * k, 1);
  const cols = ins * taps;
  return {
    name,
    op: kernel.length ? 'Conv' : 'Gemm',
    weight: `${name}.weight`,
    input: `${name}.in`,
    output: `${name}.out`,
    rows,
    cols,
    groups,
    kernel,
    taps,
    outStride: cols,
    inStride: taps,
    inputDims: [1, ins * groups, ...kernel],
    outputDims: [1, rows, ...kernel.map(() => 1)],
    macs: rows * cols,
  };
}

/** Normal numbers. */
export function normals(count: number, seed: number): Float32Array {
  const next = uniform(seed);
  const one = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return Float32Array.from({ length: count }, one);
}

/** What a criterion sees of a layer with random weights. */
export const contextOf = (
  layer: Layer,
  seed: number,
  { stats = {}, ...rest }: { stats?: Stats; gamma?: ArrayLike<number>; weights?: Float32Array } = {},
): ScoreContext => ({
  layer,
  weights: normals(layer.rows * layer.cols, seed),
  stats,
  random: uniform(seed),
  ...rest,
});
