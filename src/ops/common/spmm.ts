import * as F from '../../../assembly/abi/spmm.ts';
import type { Candidate, Demand, Emitter, OffsetGeometry, Operand, Produced } from '../lower.ts';
import { type LinearLayer, packWeights, rejectFormat, SPMM_FORMATS, storedWeights, weightFacts } from './linear.ts';

/** How a layer presents its operands to the SpMM and GEMM kernels. */
interface SpmmSite {
  inputs: readonly Demand[];
  output: Produced;
  /** Columns over all images, for the cost model. */
  columns: number;
  sparse: 'auto' | 'off';
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
}

const TILE_OVERHEAD_NS = 3;
const TILE_COLUMNS = 28;

/** One candidate per weight format that has a kernel: `f32_spmm__<format>` and, for dense weights, `f32_gemm__4x8`. */
export function spmmCandidates(layer: LinearLayer, site: SpmmSite): Candidate[] {
  return SPMM_FORMATS.map((info) => {
    const stored = storedWeights(layer, info);
    const tiles = Math.ceil(layer.matrix.rows / info.rows) * Math.ceil(site.columns / TILE_COLUMNS);
    return {
      kernel: info.format === 'dense' ? 'f32_gemm__4x8' : `f32_spmm__${info.format}`,
      format: info.format,
      reject: rejectFormat(layer, info, site.sparse),
      cost: stored * site.columns * info.spmmCost + tiles * TILE_OVERHEAD_NS,
      inputs: site.inputs,
      output: site.output,
      weights: weightFacts(layer, info),
      macs: { kept: stored * site.columns, dense: layer.structure.elements * site.columns },
      emit(e) {
        const o = site.operands(e);
        const packed = packWeights(e, layer, info, o.geometry);
        e.record(info.spmm[e.engine], F.SPMM_SIZE)
          .at(F.SPMM_X, o.x, o.xStart)
          .at(F.SPMM_Y, o.y, o.yStart)
          .constant(F.SPMM_WEIGHTS, packed.weights)
          .constant(F.SPMM_OFFSETS, packed.offsets)
          .constant(F.SPMM_COUNTS, packed.counts)
          .constant(F.SPMM_BIAS, packed.bias)
          .int(F.SPMM_BLOCK_ROWS, packed.blockRows)
          .int(F.SPMM_BLOCKS, packed.blocks)
          .int(F.SPMM_COLS, o.cols)
          .int(F.SPMM_IMAGES, o.images)
          .int(F.SPMM_X_IMAGE, o.xImage * 4)
          .int(F.SPMM_Y_IMAGE, o.yImage * 4)
          .int(F.SPMM_Y_ROW, o.yRow * 4)
          .float(F.SPMM_LO, layer.clamp.lo)
          .float(F.SPMM_HI, layer.clamp.hi);
      },
    };
  });
}

/** Operands of a fully connected layer on features-major values: one image whose columns are the rows of the batch. */
export function columnsOperands(e: Emitter, features: number, batch: number): SpmmOperands {
  const x = e.input(0);
  const y = e.output();
  if (x.layout.kind !== 'columns' || y.layout.kind !== 'columns') throw new TypeError('columns layouts expected');
  const geometry = { channels: features, channelBytes: x.layout.stride * 4, taps: [0] };
  return { x, y, xStart: 0, yStart: 0, cols: batch, images: 1, xImage: 0, yImage: 0, yRow: y.layout.stride, geometry };
}
