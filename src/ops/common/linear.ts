import * as abi from '../../../assembly/abi.ts';
import { type Bsr, encodeBsr } from '../../sparse/bsr.ts';
import type { Matrix } from '../../sparse/matrix.ts';
import { encodePanels, PANEL_ROWS } from '../../sparse/panels.ts';
import { type SlicedBsr, sliceColumns } from '../../sparse/slices.ts';
import { describeStructure, detectStructure, type Structure, sparsityOf } from '../../sparse/structure.ts';
import type { Candidate, ConstRef, Emitter, LowerCall, OffsetGeometry, SlicedFormat, WeightFormat } from '../lower.ts';

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
    bias: bias ?? new Float32Array(matrix.rows),
    clamp: call.node.clamp ?? { lo: Number.NEGATIVE_INFINITY, hi: Number.POSITIVE_INFINITY },
    structure: structureOf(matrix),
  };
}

/** Counting a large matrix takes time, and every plan and both engine classes ask for it. */
const structures = new WeakMap<Float32Array, Structure>();

function structureOf(matrix: Matrix): Structure {
  let found = structures.get(matrix.data);
  if (!found) {
    found = detectStructure(matrix);
    structures.set(matrix.data, found);
  }
  return found;
}

/** Facts of a weight format that the linear kernels share. */
export interface FormatInfo {
  format: Exclude<WeightFormat, SlicedFormat>;
  /** Rows of a weight block. */
  rows: number;
  spmm: { narrow: number; wide: number };
  spmv: number;
}

export const FORMATS: readonly FormatInfo[] = [
  {
    format: 'csr',
    rows: 1,
    spmm: { narrow: abi.OP_SPMM_CSR_NARROW, wide: abi.OP_SPMM_CSR_WIDE },
    spmv: abi.OP_SPMV_CSR,
  },
  {
    format: 'bsr2x1',
    rows: 2,
    spmm: { narrow: abi.OP_SPMM_BSR2_NARROW, wide: abi.OP_SPMM_BSR2_WIDE },
    spmv: abi.OP_SPMV_BSR2,
  },
  {
    format: 'bsr4x1',
    rows: 4,
    spmm: { narrow: abi.OP_SPMM_BSR4_NARROW, wide: abi.OP_SPMM_BSR4_WIDE },
    spmv: abi.OP_SPMV_BSR4,
  },
  {
    format: 'dense',
    rows: PANEL_ROWS,
    spmm: { narrow: abi.OP_GEMM_PLANES_NARROW, wide: abi.OP_GEMM_PLANES_WIDE },
    spmv: abi.OP_SPMV_DENSE,
  },
];

/** Weights that a format stores, padding and zeros inside its blocks included. */
export function storedWeights(layer: LinearLayer, info: FormatInfo): number {
  const { structure, matrix } = layer;
  switch (info.format) {
    case 'csr':
      return structure.nonZeros;
    case 'bsr2x1':
      return structure.blocks2x1 * 2;
    case 'bsr4x1':
      return structure.blocks4x1 * 4;
    case 'dense':
      return Math.ceil(matrix.rows / PANEL_ROWS) * PANEL_ROWS * matrix.cols;
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
  return undefined;
}

/** Facts for `inspect`. */
export function weightFacts(layer: LinearLayer, info: FormatInfo): Candidate['weights'] {
  const stored = storedWeights(layer, info);
  const blockRows = Math.ceil(layer.matrix.rows / info.rows);
  const numbers =
    info.format === 'dense' ? 0 : (stored / info.rows) * (layer.matrix.cols <= 0x10000 ? 2 : 4) + blockRows * 4;
  return {
    structure: describeStructure(layer.structure),
    sparsity: sparsityOf(layer.structure),
    bytes: stored * 4 + numbers,
  };
}

interface PackedWeights {
  weights: ConstRef;
  offsets: ConstRef | undefined;
  counts: ConstRef | undefined;
  bias: ConstRef;
  blockRows: number;
  blocks: number;
}

type Encoded = Bsr | SlicedBsr | Float32Array;

const encoded = new WeakMap<Float32Array, Map<string, Encoded>>();

/** Packing depends on the format only, so plans and engine classes share it. */
function encode<T extends Encoded>(matrix: Matrix, key: WeightFormat, make: () => T): T {
  let formats = encoded.get(matrix.data);
  if (!formats) {
    formats = new Map();
    encoded.set(matrix.data, formats);
  }
  let packed = formats.get(key);
  if (!packed) {
    packed = make();
    formats.set(key, packed);
  }
  return packed as T;
}

/** Puts the weights of a layer into the package and has their row numbers expanded for `geometry`. */
export function packWeights(e: Emitter, layer: LinearLayer, info: FormatInfo, geometry: OffsetGeometry): PackedWeights {
  const { matrix } = layer;
  if (info.format === 'dense') {
    return {
      weights: e.constant(encode(matrix, 'dense', () => encodePanels(matrix))),
      offsets: e.offsets(matrix.cols, geometry),
      counts: undefined,
      ...packBias(e, layer, info),
      blocks: matrix.cols,
    };
  }
  const bsr = encodeWhole(matrix, info);
  return {
    weights: e.constant(bsr.values),
    offsets: e.offsets(bsr.columns, geometry),
    counts: e.constant(bsr.counts),
    ...packBias(e, layer, info),
    blocks: bsr.columns.length,
  };
}

function packBias(e: Emitter, layer: LinearLayer, info: FormatInfo): { bias: ConstRef; blockRows: number } {
  const blockRows = Math.ceil(layer.matrix.rows / info.rows);
  const bias = new Float32Array(blockRows * info.rows);
  bias.set(layer.bias);
  return { bias: e.constant(bias), blockRows };
}

const encodeWhole = (matrix: Matrix, info: FormatInfo): Bsr =>
  encode(matrix, info.format, () => encodeBsr(matrix, info.rows));

/** Weights of which every chunk of block rows is a record of its own: they stay in the second-level cache for all column tiles. */
export interface ChunkedWeights extends PackedWeights {
  slices: number;
  /** First block row and block, and how many of them. */
  chunks: { row: number; rows: number; block: number; blocks: number }[];
}

/** Bytes of the weights and offsets of a sparse chunk. */
const CHUNK_BYTES = 256 * 1024;

/** Rows of a dense chunk and columns of a slice of it: half of the second-level cache. */
const DENSE = { rows: 512, columns: 256 };

/** {@link packWeights} in chunks; sparse formats in slices of `width` columns where that is given. */
export function packChunks(
  e: Emitter,
  layer: LinearLayer,
  info: FormatInfo,
  geometry: OffsetGeometry,
  width: number | undefined,
): ChunkedWeights {
  const { matrix } = layer;
  const { format } = info;
  const height = Math.ceil(matrix.rows / info.rows);
  const bytes = storedWeights(layer, info) * 4 * (1 + 1 / info.rows);
  const chunk =
    format === 'dense'
      ? DENSE.rows / info.rows
      : Math.max(1, Math.ceil(height / Math.max(1, Math.round(bytes / CHUNK_BYTES))));
  const chunks: ChunkedWeights['chunks'] = [];
  const cut = (blocksOf: (row: number, rows: number) => number): ChunkedWeights['chunks'] => {
    for (let row = 0, block = 0; row < height || row === 0; row += chunk) {
      const rows = Math.min(chunk, height - row);
      const blocks = blocksOf(row, rows);
      chunks.push({ row, rows, block, blocks });
      block += blocks;
    }
    return chunks;
  };
  if (format === 'dense') {
    const slices = Math.max(1, Math.ceil(matrix.cols / DENSE.columns));
    return { ...packWeights(e, layer, info, geometry), slices, chunks: cut(() => matrix.cols) };
  }
  const whole = encodeWhole(matrix, info);
  const bsr = width
    ? encode(matrix, `${format}_sliced`, () => sliceColumns(whole, width, chunk))
    : { ...whole, slices: 1 };
  const { slices, counts } = bsr;
  return {
    weights: e.constant(bsr.values),
    offsets: e.offsets(bsr.columns, geometry),
    counts: e.constant(counts),
    ...packBias(e, layer, info),
    blocks: bsr.columns.length,
    slices,
    chunks: cut((row, rows) => counts.subarray(row * slices, (row + rows) * slices).reduce((sum, n) => sum + n, 0)),
  };
}
