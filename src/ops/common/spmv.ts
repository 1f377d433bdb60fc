import * as F from '../../../assembly/abi/spmv.ts';
import type { Candidate, Demand, OffsetGeometry } from '../lower.ts';
import { modelled } from './cost_model.ts';
import { SPMV } from './costs.ts';
import { FORMATS, type LinearLayer, rejectFormat, storedWeights, weightFacts } from './linear.ts';
import { packWeights } from './pack_weights.ts';

/** A layer that reads `batch` dense vectors of `length` elements. */
export interface SpmvSite {
  inputs: readonly Demand[];
  batch: number;
  length: number;
  geometry: OffsetGeometry;
  sparse: 'auto' | 'off';
}

/** Bytes of weights that stay in the second-level cache between runs. */
export const CACHE_BYTES = 1 << 20;

/** One candidate per weight format: `f32_spmv__<format>` and, for dense weights, `f32_gemv__4x1`. */
export function spmvCandidates(layer: LinearLayer, site: SpmvSite): Candidate[] {
  const { matrix } = layer;
  return FORMATS.map((info) => {
    const stored = storedWeights(layer, info);
    const blockRows = Math.ceil(matrix.rows / info.rows);
    // In memory a row number has become a 32-bit offset.
    const bytes = stored * 4 + (info.format === 'dense' ? 0 : (stored / (info.rows * info.cols)) * 4);
    // The kernels write whole blocks, so the rows of a batch may not be followed by another vector.
    const overhang = site.batch > 1 && matrix.rows % info.rows !== 0;
    return {
      kernel: info.format === 'dense' ? 'f32_gemv__4x1' : `f32_spmv__${info.format}`,
      format: info.format,
      reject:
        rejectFormat(layer, info, site.sparse) ?? (overhang ? `rows are not a multiple of ${info.rows}` : undefined),
      ...modelled(`SPMV.${info.format}`, SPMV[info.format], {
        weight: site.batch * stored,
        row: site.batch * blockRows,
        streamed: site.batch * Math.max(0, bytes - CACHE_BYTES),
      }),
      inputs: site.inputs,
      output: 'dense',
      weights: weightFacts(layer, info),
      macs: { kept: stored * site.batch, dense: layer.structure.elements * site.batch },
      emit(e) {
        const packed = packWeights(e, layer, info, site.geometry);
        e.record(info.spmv[e.engine], F.SPMV_SIZE)
          .at(F.SPMV_X, e.input(0))
          .at(F.SPMV_Y, e.output())
          .constant(F.SPMV_WEIGHTS, packed.weights)
          .constant(F.SPMV_OFFSETS, packed.offsets)
          .constant(F.SPMV_COUNTS, packed.counts)
          .constant(F.SPMV_BIAS, packed.bias)
          .int(F.SPMV_BLOCK_ROWS, packed.blockRows)
          .int(F.SPMV_BLOCKS, packed.blocks)
          .int(F.SPMV_BATCH, site.batch)
          .int(F.SPMV_X_ROW, site.length * 4)
          .int(F.SPMV_Y_ROW, matrix.rows * 4)
          .float(F.SPMV_LO, layer.clamp.lo)
          .float(F.SPMV_HI, layer.clamp.hi);
      },
    };
  });
}
