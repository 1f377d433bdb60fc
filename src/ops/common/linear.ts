import * as abi from '../../../assembly/abi.ts';
import type { BlockHeight } from '../../sparse/count.ts';
import { type Matrix, MatrixCache } from '../../sparse/matrix.ts';
import { PANEL_ROWS } from '../../sparse/panels.ts';
import { ROW_BLOCK } from '../../sparse/row_blocks.ts';
import { describeStructure, detectStructure, type Structure, sparsityOf } from '../../sparse/structure.ts';
import type { Candidate, LowerCall, SlicedFormat, WeightFormat } from '../lower.ts';

/**
 * What Conv, Gemm and MatMul with constant weights have in common: `Y = clamp(W X + bias)`, W of `rows` outputs and
 * `channels * taps` columns; column number = channel * taps + tap.
 */
export interface LinearLayer {
  matrix: Matrix;
  taps: number;
  bias: Float32Array;
  clamp: { lo: number; hi: number };
  structure: Structure;
}

export function linearLayer(call: LowerCall, matrix: Matrix, taps: number, bias?: Float32Array): LinearLayer {
  return {
    matrix,
    taps,
    // Sums that do not start at -0 never come to it, whatever zeros are added.
    bias: bias?.map((b) => b + 0) ?? new Float32Array(matrix.rows),
    clamp: call.node.clamp ?? { lo: Number.NEGATIVE_INFINITY, hi: Number.POSITIVE_INFINITY },
    structure: structureOf(matrix),
  };
}

const structures = new MatrixCache<Structure>();

const structureOf = (matrix: Matrix): Structure => structures.get(matrix, 'structure', () => detectStructure(matrix));

/** Facts of a weight format that the linear kernels share. */
export interface FormatInfo {
  format: Exclude<WeightFormat, SlicedFormat>;
  /** Rows and columns of a weight block. */
  rows: number;
  cols: number;
  /** Op codes; formats without an SpMM kernel serve single vectors. */
  spmm?: { narrow: number; wide: number };
  spmv: { narrow: number; wide: number };
}

export type SpmmFormat = FormatInfo &
  Required<Pick<FormatInfo, 'spmm'>> & { format: 'csr' | 'bsr2x1' | 'bsr4x1' | 'dense' };

const both = (op: number) => ({ narrow: op, wide: op });

export const FORMATS: readonly FormatInfo[] = [
  {
    format: 'csr',
    rows: 1,
    cols: 1,
    spmm: { narrow: abi.OP_SPMM_CSR_NARROW, wide: abi.OP_SPMM_CSR_WIDE },
    spmv: both(abi.OP_SPMV_CSR),
  },
  {
    format: 'bsr2x1',
    rows: 2,
    cols: 1,
    spmm: { narrow: abi.OP_SPMM_BSR2_NARROW, wide: abi.OP_SPMM_BSR2_WIDE },
    spmv: both(abi.OP_SPMV_BSR2),
  },
  {
    format: 'bsr4x1',
    rows: 4,
    cols: 1,
    spmm: { narrow: abi.OP_SPMM_BSR4_NARROW, wide: abi.OP_SPMM_BSR4_WIDE },
    spmv: both(abi.OP_SPMV_BSR4),
  },
  {
    format: 'bsr8x1',
    rows: 8,
    cols: 1,
    spmv: both(abi.OP_SPMV_BSR8),
  },
  {
    format: 'bsr16x1',
    rows: 16,
    cols: 1,
    spmv: both(abi.OP_SPMV_BSR16),
  },
  {
    format: 'bsr32x1',
    rows: 32,
    cols: 1,
    spmv: { narrow: abi.OP_SPMV_BSR32_NARROW, wide: abi.OP_SPMV_BSR32_WIDE },
  },
  {
    format: 'bsr1x4',
    rows: 1,
    cols: ROW_BLOCK,
    spmv: both(abi.OP_SPMV_BSR1X4),
  },
  {
    format: 'dense',
    rows: PANEL_ROWS,
    cols: 1,
    spmm: { narrow: abi.OP_GEMM_PLANES_NARROW, wide: abi.OP_GEMM_PLANES_WIDE },
    spmv: both(abi.OP_SPMV_DENSE),
  },
];

export const SPMM_FORMATS = FORMATS.filter((info): info is SpmmFormat => info.spmm !== undefined);

/** Weights that a format stores, padding and zeros inside its blocks included. */
export function storedWeights(layer: LinearLayer, info: FormatInfo): number {
  const { structure, matrix } = layer;
  switch (info.format) {
    case 'csr':
      return structure.nonZeros;
    case 'bsr1x4':
      return structure.inputBlocks * ROW_BLOCK;
    case 'dense':
      return Math.ceil(matrix.rows / PANEL_ROWS) * PANEL_ROWS * matrix.cols;
    default:
      return structure.outputBlocks[info.rows as BlockHeight] * info.rows;
  }
}

/** Why `info` may not store the weights of `layer`, or undefined. */
export function rejectFormat(layer: LinearLayer, info: FormatInfo, sparse: 'auto' | 'off'): string | undefined {
  const { matrix, structure } = layer;
  const grouped = matrix.width !== matrix.cols;
  if (info.format === 'dense') return grouped ? 'grouped: the dense matrix is mostly structural zeros' : undefined;
  // The blocks of grouped weights are the only dense ones; CSR stores all of them where there is no zero.
  const allStored = grouped && (info.format === 'bsr4x1' || structure.nonZeros === structure.elements);
  if (sparse === 'off' && !allStored) return 'sparse kernels are off';
  if (!grouped && structure.nonZeros === structure.elements) return 'no zeros';
  if (matrix.cols % info.cols !== 0) return `inputs are not a multiple of ${info.cols}`;
  return undefined;
}

/** Facts for `inspect`. */
export function weightFacts(layer: LinearLayer, info: FormatInfo): Candidate['weights'] {
  const stored = storedWeights(layer, info);
  const blockRows = Math.ceil(layer.matrix.rows / info.rows);
  const numbers =
    info.format === 'dense'
      ? 0
      : (stored / (info.rows * info.cols)) * (layer.matrix.cols <= 0x10000 ? 2 : 4) + blockRows * 4;
  return {
    structure: describeStructure(layer.structure),
    sparsity: sparsityOf(layer.structure),
    bytes: stored * 4 + numbers,
  };
}

const finite = new MatrixCache<{ all: boolean }>();

/** Kernels that leave out products with a zero need finite weights: `0 * Inf` would not be 0. */
export const hasFiniteWeights = (matrix: Matrix): boolean =>
  finite.get(matrix, 'finite', () => ({ all: matrix.data.every((w) => Number.isFinite(w)) })).all;
