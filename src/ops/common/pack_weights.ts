import { MAX_SLICES } from '../../../assembly/abi/spmm.ts';
import { roundUp } from '../../graph/layout.ts';
import { type Bsr, encodeBsr } from '../../sparse/bsr.ts';
import { type Matrix, MatrixCache } from '../../sparse/matrix.ts';
import { encodePanels } from '../../sparse/panels.ts';
import { encodeRowBlocks, type RowBlocks } from '../../sparse/row_blocks.ts';
import { type SlicedBsr, sliceColumns } from '../../sparse/slices.ts';
import type { ConstRef, Emitter, OffsetGeometry } from '../lower.ts';
import { type FormatInfo, type LinearLayer, type SpmmFormat, storedWeights } from './linear.ts';

interface PackedWeights {
  weights: ConstRef;
  offsets: ConstRef | undefined;
  counts: ConstRef | undefined;
  bias: ConstRef;
  blockRows: number;
  blocks: number;
}

const encoded = new MatrixCache<Bsr | SlicedBsr | RowBlocks | Float32Array>();

/** Packing depends on the format and the shape only, so plans and engine classes share it. */
const encode = encoded.get.bind(encoded) as typeof encoded.get;

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
  const bsr = info.cols > 1 ? encode(matrix, info.format, () => encodeRowBlocks(matrix)) : encodeWhole(matrix, info);
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

/** The non-zero blocks of a layer in a sparse format, not sliced. */
export const encodeWhole = (matrix: Matrix, info: FormatInfo): Bsr =>
  encode(matrix, info.format, () => encodeBsr(matrix, info.rows));

/** Weights of which every chunk of block rows is a record of its own: they stay in the second-level cache for all column tiles. */
export interface ChunkedWeights extends PackedWeights {
  slices: number;
  /** First block row and block, and how many of them. */
  chunks: { row: number; rows: number; block: number; blocks: number }[];
}

/** Bytes of the weights and offsets of a sparse chunk. */
const CHUNK_BYTES = 512 * 1024;

/**
 * Panels of a dense chunk and columns of a slice of it: a quarter of the second-level cache. Chunks are of a multiple of three panels, the
 * rows that the wide class takes at a time.
 */
const DENSE = { panels: 126, columns: 128, group: 3 };

/** {@link packWeights} in chunks; sparse formats in slices of `width` columns where that is given. */
export function packChunks(
  e: Emitter,
  layer: LinearLayer,
  info: SpmmFormat,
  geometry: OffsetGeometry,
  width: number | undefined,
): ChunkedWeights {
  const { matrix } = layer;
  const { format } = info;
  const height = Math.ceil(matrix.rows / info.rows);
  const bytes = storedWeights(layer, info) * 4 * (1 + 1 / info.rows);
  const parts = Math.max(1, Math.round(format === 'dense' ? height / DENSE.panels : bytes / CHUNK_BYTES));
  const even = Math.max(1, Math.ceil(height / parts));
  const chunk = format === 'dense' ? roundUp(even, DENSE.group) : even;
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
    const slices = Math.min(MAX_SLICES, Math.max(1, Math.ceil(matrix.cols / DENSE.columns)));
    return { ...packWeights(e, layer, info, geometry), slices, chunks: cut(() => matrix.cols) };
  }
  const whole = encodeWhole(matrix, info);
  const bsr = width
    ? encode(matrix, `${format}_sliced ${width}`, () => sliceColumns(whole, width, chunk))
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
