import type { Graph } from '../../graph/ir.ts';
import { rowsOf } from '../criteria/second_order.ts';
import { gramsOf, groupOf, hessiansOf, optimalUpdate } from '../hessian.ts';
import { weightsOf, withWeights } from '../layers.ts';
import { cholesky, choleskySolve, quadratic, submatrix } from '../linalg.ts';
import type { Layer, Mask, Masks, Stats } from '../types.ts';
import type { Repaired } from './repaired.ts';

/** Calibration data by layer name, with X X^T. */
export type LayerStats = ReadonlyMap<string, Stats>;

export interface LeastSquaresOptions {
  /** Ridge towards the weights that are there, as a share of the mean of the diagonal of X X^T; 1e-4 unless told. */
  damp?: number;
}

const RIDGE = 1e-4;

/**
 * Reconstructs the weights that a mask keeps, so that the layer gives what it gave: for each row the `v`, zero where the mask is, with the
 * least
 *
 * `||w X - v X||^2 + ridge ||v - u||^2`, which is `(G_KK + ridge I) v_K = (G w)_K + ridge u_K`, G = X X^T,
 *
 * w the dense row, u what stands there now, K the kept inputs. Rows that share a mask share the factorisation. The error over the data never
 * grows: a row that rounding makes worse stays.
 *
 * A layer with fewer columns of X than a row has kept inputs is left: it would be fitted to noise.
 *
 * @param dense the graph before pruning, @param pruned now: same layers
 * @throws ZeroskipError `INVALID_ARGUMENT` if a layer has no X X^T
 */
export function leastSquares(
  pruned: Graph,
  dense: Graph,
  layers: readonly Layer[],
  masks: Masks,
  stats: LayerStats,
  { damp = RIDGE }: LeastSquaresOptions = {},
): Repaired<Graph> {
  return repairWeights(pruned, layers, masks, stats, (layer, mask, own) => {
    const grams = gramsOf(layer, own, 'least squares');
    const wanted = rowsOf(layer, weightsOf(layer, dense));
    const rows = rowsOf(layer, weightsOf(layer, pruned));
    for (const { group, members } of sameMasks(layer, mask)) {
      fit(grams[group], layer, wanted, rows, members, mask, damp);
    }
    return rows;
  });
}

/**
 * The optimal brain update for given masks: the weights of the dense graph, with what the masks prune shared out among those that stay, over the
 * Hessian that SparseGPT and OBC use.
 *
 * @throws ZeroskipError as {@link leastSquares}
 */
export function optimalBrainUpdate(
  dense: Graph,
  layers: readonly Layer[],
  masks: Masks,
  stats: LayerStats,
  options: LeastSquaresOptions = {},
): Repaired<Graph> {
  return repairWeights(dense, layers, masks, stats, (layer, mask, own) => {
    const hessians = hessiansOf(layer, own, 'optimal brain update', options.damp);
    const rows = rowsOf(layer, weightsOf(layer, dense));
    const { cols } = layer;
    for (const { group, members } of sameMasks(layer, mask)) {
      const shared = mask.subarray(members[0] * cols, (members[0] + 1) * cols);
      optimalUpdate(hessians[group], cols, members.map((r) => rows[r]), shared, `layer '${layer.name}'`); // biome-ignore format: one line
    }
    return rows;
  });
}

function repairWeights(
  graph: Graph,
  layers: readonly Layer[],
  masks: Masks,
  stats: LayerStats,
  repair: (layer: Layer, mask: Mask, stats: Stats) => Float64Array[],
): Repaired<Graph> {
  const result: Omit<Repaired<Graph>, 'graph'> = { changed: [], left: [] };
  const weights = new Map<string, Float32Array>();
  for (const layer of layers) {
    const { name, rows, cols } = layer;
    const mask = masks.get(name);
    if (!mask) continue;
    const own = stats.get(name) ?? {};
    const count = own.input?.count ?? 0;
    let most = 0;
    for (let r = 0; r < rows; r++) most = Math.max(most, mask.subarray(r * cols, (r + 1) * cols).reduce((a, b) => a + b, 0)); // biome-ignore format: one line
    if (own.input && count < most) {
      result.left.push({ name, reason: `${most} weights of an output are fitted to ${count} columns of data` });
      continue;
    }
    const matrix = new Float32Array(rows * cols);
    repair(layer, mask, own).forEach((row, r) => {
      matrix.set(row, r * cols);
    });
    weights.set(name, matrix.map((w, i) => (mask[i] ? w : 0))); // biome-ignore format: one line
    result.changed.push(name);
  }
  return { graph: withWeights(graph, layers, weights), ...result };
}

/** Rows of one group that share their mask. */
function sameMasks(layer: Layer, mask: Mask): { group: number; members: number[] }[] {
  const { rows, cols } = layer;
  const sets = new Map<string, { group: number; members: number[] }>();
  for (let r = 0; r < rows; r++) {
    const group = groupOf(layer, r);
    const key = `${group} ${mask.subarray(r * cols, (r + 1) * cols).join('')}`;
    const set = sets.get(key) ?? { group, members: [] };
    set.members.push(r);
    sets.set(key, set);
  }
  return [...sets.values()];
}

/** Fits the rows `members`, which share a mask, in place. */
function fit(
  gram: Float64Array,
  { name, cols }: Layer,
  wanted: readonly Float64Array[],
  rows: readonly Float64Array[],
  members: readonly number[],
  mask: Mask,
  damp: number,
): void {
  const kept: number[] = [];
  let trace = 0;
  for (let i = 0; i < cols; i++) {
    if (mask[members[0] * cols + i]) kept.push(i);
    trace += gram[i * cols + i];
  }
  const ridge = damp * (trace > 0 ? trace / cols : 1);
  const normal = submatrix(gram, cols, kept);
  for (let k = 0; k < kept.length; k++) normal[k * kept.length + k] += ridge;
  const factor = cholesky(normal, kept.length, `least squares: layer '${name}'`);
  for (const r of members) {
    const [w, u] = [wanted[r], rows[r]];
    const solved = Float64Array.from(kept, (i) => {
      let sum = ridge * u[i];
      for (let j = 0, from = i * cols; j < cols; j++) sum += gram[from + j] * w[j];
      return sum;
    });
    choleskySolve(factor, kept.length, solved);
    const v = new Float64Array(cols);
    kept.forEach((i, k) => {
      v[i] = Math.fround(solved[k]);
    });
    const error = (row: Float64Array): number => quadratic(gram, cols, row.map((x, i) => x - w[i])); // biome-ignore format: one line
    if (error(v) <= error(u)) u.set(v);
  }
}
