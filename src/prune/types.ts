/**
 * A layer whose weights can be pruned, as a matrix W of `rows` outputs by `cols` inputs: row r is output r of a Conv, Gemm or MatMul, column
 * `i * taps + t` is input i of its group at tap t of the filter. Weight (r, i, t) stands at `r * outStride + i * inStride + t` of the
 * initializer.
 */
export interface Layer {
  /** Name of the node, which is how users name the layer. */
  name: string;
  op: 'Conv' | 'Gemm' | 'MatMul';
  /** Names of the values: initializer, input, output. */
  weight: string;
  input: string;
  output: string;
  rows: number;
  cols: number;
  groups: number;
  /** Extents of a filter, of which `taps` is the product; none for Gemm and MatMul. */
  kernel: readonly number[];
  taps: number;
  outStride: number;
  inStride: number;
  /** Dims of input and output for the shapes that were bound. */
  inputDims: readonly number[];
  outputDims: readonly number[];
  /** Multiplications of the dense layer in one run. */
  macs: number;
}

/** For each weight of W, row-major, 1 if it is kept and 0 if it is pruned. */
export type Mask = Uint8Array;

/** Masks by layer name; layers without one are dense. */
export type Masks = ReadonlyMap<string, Mask>;

/**
 * Which sets of weights of W are kept or pruned together:
 *
 * - `unstructured`: every weight by itself
 * - `n:m`: of every m consecutive inputs of a row (same tap), n are kept
 * - `block`: blocks of `rows` outputs by `cols` inputs (same tap)
 * - `channel`: whole rows: filters, channels, neurons
 */
export type Pattern =
  | { kind: 'unstructured' }
  | { kind: 'n:m'; n: number; m: number }
  | { kind: 'block'; rows: number; cols: number }
  | { kind: 'channel' };

/**
 * What calibration data say of a layer's input: X has a column for each sample and position, a row for each column of W. A grouped Conv has one X
 * for each group; the rows of group g stand from `g * cols` on.
 */
export interface InputStats {
  /** Samples times positions: columns of X. */
  count: number;
  /** Squared L2 norm of each row of X: sum over n of X[c, n]^2; `groups * cols` of them, as of `sums`. */
  squares: Float64Array;
  /** Sum of each row of X. */
  sums: Float64Array;
  /** X X^T, `[cols, cols]` row-major, where a criterion asks for it; of each group of a grouped Conv by itself. */
  gram?: readonly Float64Array[];
}

/** What calibration data say of the activation behind a layer, by output. */
export interface OutputStats {
  count: number;
  /** Average percentage of zeros, 0 to 1. */
  apoz: Float64Array;
  /** Mean of the activation. */
  mean: Float64Array;
}

export interface Stats {
  input?: InputStats;
  output?: OutputStats;
}

/** What a criterion may look at. */
export interface ScoreContext {
  layer: Layer;
  /** W, row-major `[rows, cols]`; not to be changed. */
  weights: Float32Array;
  stats: Stats;
  /** Scale of the batch normalisation behind the layer, by output, if there is one. */
  gamma?: ArrayLike<number>;
  /** Uniform in [0, 1). */
  random(): number;
}

/** The order in which a layer loses its weights: found once, it serves every sparsity. */
export interface Trace {
  solve(sparsity: number): { mask: Mask; weights: Float32Array };
}

/** How important weights or whole outputs are; what has the smallest score goes first. */
export interface Criterion {
  /** As in the literature, in lower case. */
  name: string;
  /** One line for the help, with the paper. */
  summary: string;
  /** Calibration data that it needs. */
  needs: 'nothing' | 'inputs' | 'gram' | 'outputs';
  /** `row` if weights compare within their row only, which then keeps its share of an unstructured pattern. */
  per?: 'row';
  /** Scores of different layers are of one scale; others are normalised by layer before they compare. */
  comparable?: true;
  /** Score of each weight, `[rows, cols]` row-major. */
  weights?(context: ScoreContext): Float32Array;
  /** Score of each output, for the pattern `channel`. */
  channels?(context: ScoreContext): Float32Array;
  /** For criteria that update the weights that stay: removes the share `sparsity` of the layer in `pattern`. */
  solve?(context: ScoreContext, pattern: Pattern, sparsity: number): { mask: Mask; weights: Float32Array };
  /** For criteria whose `solve` finds an order that does not depend on the sparsity. */
  trace?(context: ScoreContext, pattern: Pattern): Trace;
}
