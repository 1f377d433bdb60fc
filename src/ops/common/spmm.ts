import * as F from '../../../assembly/abi/spmm.ts';
import type { Candidate, Demand, Emitter, OffsetGeometry, Operand, Produced, RecordWriter } from '../lower.ts';
import { modelled } from './cost_model.ts';
import { SPMM } from './costs.ts';
import { type LinearLayer, rejectFormat, SPMM_FORMATS, type SpmmFormat, storedWeights, weightFacts } from './linear.ts';
import { packChunks } from './pack_weights.ts';

/** How a layer presents its operands to the SpMM and GEMM kernels. */
export interface SpmmSite {
  inputs: readonly Demand[];
  output: Produced;
  /** Columns over all images, for the cost model. */
  columns: number;
  images: number;
  /** Elements of x, for the cost model. */
  reads: number;
  sparse: 'auto' | 'off';
  /** Input that is added to the output. */
  addend?: number;
  operands(e: Emitter): SpmmOperands;
}

export interface SpmmOperands {
  x: Operand;
  y: Operand;
  /** Element of x under tap 0 of channel 0 for column 0, and of y for row 0, column 0. */
  xStart: number;
  yStart: number;
  cols: number;
  images: number;
  xImage: number;
  yImage: number;
  yRow: number;
  geometry: OffsetGeometry;
  /** Added to y: an operand of the same rows and columns. */
  z?: { operand: Operand; start: number; image: number; row: number };
}

/** Vectors of the widest column tile in the narrow class. */
export const TILE_VECTORS = { csr: 7, bsr2x1: 4, bsr4x1: 2, dense: 2 };

/** Bytes of activations that stay in the second-level cache. */
const CACHE_BYTES = 1 << 20;

/** Channels whose columns under one tile stay in the first-level cache: windows reach over several image rows. */
const SLICE_CHANNELS = { one: 192, window: 96 };

/**
 * One candidate per weight format: `f32_spmm__<format>` and, for dense weights, `f32_gemm__4x8`. Layers of many channels have the sparse
 * formats in slices of columns too.
 */
export function spmmCandidates(layer: LinearLayer, site: SpmmSite): Candidate[] {
  const channels = layer.taps === 1 ? SLICE_CHANNELS.one : SLICE_CHANNELS.window;
  const width = Math.max(channels * layer.taps, Math.ceil(layer.matrix.width / F.MAX_SLICES));
  const long = layer.matrix.width > width;
  return SPMM_FORMATS.flatMap((info) => {
    const whole = candidate(layer, site, info, undefined, long);
    return long && info.format !== 'dense' ? [whole, candidate(layer, site, info, width, long)] : [whole];
  });
}

/** `width`: columns of a slice of the weights; `long`: they have more than that. */
function candidate(
  layer: LinearLayer,
  site: SpmmSite,
  info: SpmmFormat,
  width: number | undefined,
  long: boolean,
): Candidate {
  const stored = storedWeights(layer, info);
  const dense = info.format === 'dense';
  const format = info.format === 'dense' || !width ? info.format : (`${info.format}_sliced` as const);
  return {
    kernel: dense ? 'f32_gemm__4x8' : `f32_spmm__${format}`,
    format,
    reject:
      rejectFormat(layer, info, site.sparse) ??
      (site.addend !== undefined && layer.matrix.rows % info.rows !== 0
        ? `rows are not a multiple of ${info.rows}`
        : undefined),
    ...modelled(`SPMM.${format}`, SPMM[format], spmmTerms(layer, site, info, width, long)),
    inputs: site.inputs,
    output: site.output,
    inplace: site.addend === undefined ? undefined : [site.addend],
    weights: weightFacts(layer, info),
    macs: { kept: stored * site.columns, dense: layer.structure.elements * site.columns },
    emit: (e) => emitSpmm(e, layer, site, info, width, { op: info.spmm[e.engine] }),
  };
}

/** Op code of the records, and what fills the fields that only some of them have. */
interface SpmmRecords {
  op: number;
  finish?(record: RecordWriter): void;
}

/** The records of a layer, one for each chunk of rows. */
export function emitSpmm(
  e: Emitter,
  layer: LinearLayer,
  site: SpmmSite,
  info: SpmmFormat,
  width: number | undefined,
  { op, finish }: SpmmRecords,
): void {
  const o = site.operands(e);
  const dense = info.format === 'dense';
  const packed = packChunks(e, layer, info, o.geometry, width);
  for (const { row, rows, block, blocks } of packed.chunks) {
    const record = e
      .record(op, F.SPMM_SIZE)
      .at(F.SPMM_X, o.x, o.xStart)
      .at(F.SPMM_Y, o.y, o.yStart + row * info.rows * o.yRow)
      .constant(F.SPMM_WEIGHTS, packed.weights, (dense ? row * blocks : block) * info.rows * 4)
      .constant(F.SPMM_OFFSETS, packed.offsets, dense ? 0 : block * 4)
      .constant(F.SPMM_COUNTS, packed.counts, row * packed.slices * 4)
      .constant(F.SPMM_BIAS, packed.bias, row * info.rows * 4)
      .int(F.SPMM_BLOCK_ROWS, rows)
      .int(F.SPMM_BLOCKS, blocks)
      .int(F.SPMM_COLS, o.cols)
      .int(F.SPMM_IMAGES, o.images)
      .int(F.SPMM_X_IMAGE, o.xImage * 4)
      .int(F.SPMM_Y_IMAGE, o.yImage * 4)
      .int(F.SPMM_Y_ROW, o.yRow * 4)
      .float(F.SPMM_LO, layer.clamp.lo)
      .float(F.SPMM_HI, layer.clamp.hi)
      .int(F.SPMM_SLICES, packed.slices);
    finish?.(record);
    if (!o.z) continue;
    record
      .at(F.SPMM_Z, o.z.operand, o.z.start + row * info.rows * o.z.row)
      .int(F.SPMM_Z_IMAGE, o.z.image * 4)
      .int(F.SPMM_Z_ROW, o.z.row * 4);
  }
}

/**
 * `weight`: stored weights times columns, which are rounded up to vectors; `row`: block rows times tiles times slices; `long`: the weights
 * of layers whose columns leave the first-level cache; `far`: elements of x and y that leave the second-level cache.
 */
function spmmTerms(
  layer: LinearLayer,
  { columns, images, reads }: SpmmSite,
  info: SpmmFormat,
  width: number | undefined,
  long: boolean,
) {
  const stored = storedWeights(layer, info);
  const vectors = Math.ceil(columns / Math.max(1, images) / 4);
  const tiles = Math.ceil(vectors / TILE_VECTORS[info.format]) * images;
  const slices = width ? Math.ceil(layer.matrix.width / width) : 1;
  const weight = stored * vectors * 4 * images;
  const moved = reads + layer.matrix.rows * columns;
  return {
    weight,
    row: Math.ceil(layer.matrix.rows / info.rows) * tiles * slices,
    long: long && !width && info.format !== 'dense' ? weight : 0,
    far: moved * 4 > CACHE_BYTES ? moved : 0,
  };
}

/** Operands of a fully connected layer on features-major values: one image whose columns are the rows of the batch. */
export function columnsOperands(e: Emitter, features: number, batch: number): SpmmOperands {
  const x = e.input(0);
  const y = e.output();
  if (x.layout.kind !== 'columns' || y.layout.kind !== 'columns') throw new TypeError('columns layouts expected');
  const geometry = { channels: features, channelBytes: x.layout.stride * 4, taps: [0] };
  return { x, y, xStart: 0, yStart: 0, cols: batch, images: 1, xImage: 0, yImage: 0, yRow: y.layout.stride, geometry };
}
