import * as C from '../../../assembly/abi/csc.ts';
import { FILL_BYTES, FILL_DST, FILL_SIZE } from '../../../assembly/abi/fill.ts';
import { SPMM_LIVE, SPMM_ZERO } from '../../../assembly/abi/spmm.ts';
import * as T from '../../../assembly/abi/tiles.ts';
import { OP_FILL, OP_GEMM_LIVE, OP_SPMM_CSC_NARROW, OP_SPMM_CSC_WIDE, OP_TILES } from '../../../assembly/abi.ts';
import type { Bsr } from '../../sparse/bsr.ts';
import { type Csc, columnsOf } from '../../sparse/csc.ts';
import { MatrixCache } from '../../sparse/matrix.ts';
import { type Candidate, type Emitter, type Operand, ZERO_TILE, type ZeroStats } from '../lower.ts';
import { emitSkip } from './control.ts';
import { LIVE } from './costs.ts';
import { hasFiniteWeights, type LinearLayer, SPMM_FORMATS } from './linear.ts';
import { encodeWhole } from './pack_weights.ts';
import { emitSpmm, type SpmmOperands, type SpmmSite } from './spmm.ts';

/** Where tiles may be skipped. */
interface LiveSite extends SpmmSite {
  /** Zeros to expect in x. */
  zeros: ZeroStats;
  /** Magnitude up to which a number counts as zero; undefined: nothing is skipped. */
  threshold: number | undefined;
}

const OP_CSC = { narrow: OP_SPMM_CSC_NARROW, wide: OP_SPMM_CSC_WIDE };

/** Rows whose sums under a tile stay in the first-level cache. */
const CSC_ROWS = 384;

/** Bytes of a weight of the second packing: value and row number. */
const CSC_BYTES = 6;

/** Vectors of a tile of dense weights. */
const DENSE_VECTORS = 2;

/**
 * Share of the runs of `length` neighbours in a channel plane that are all zero: the logarithm of the share is taken to be linear in the
 * length, as it is for zeros that fall independently.
 */
export function zeroRuns({ elements, tiles }: ZeroStats, length: number): number {
  if (tiles <= 0) return 0;
  return Math.min(1, elements * (tiles / elements) ** ((length - 1) / (ZERO_TILE - 1)));
}

/**
 * Kernels that skip what `x` has of all-zero tiles, where calibration has found some: `f32_gemm__4x8_live` for dense weights and
 * `f32_spmm__csc` for the best of the sparse formats in `statics`. A skipped zero is not multiplied, so the weights have to be finite.
 */
export function liveCandidates(layer: LinearLayer, site: LiveSite, statics: readonly Candidate[]): Candidate[] {
  if (site.zeros.tiles <= 0 || site.threshold === undefined) return [];
  const usable = statics.filter(({ reject }) => !reject);
  const dense = usable.find(({ format }) => format === 'dense');
  const sparse = usable.filter(({ format }) => format !== 'dense').sort((a, b) => a.cost - b.cost)[0];
  const reject = hasFiniteWeights(layer.matrix) ? undefined : 'weights are not all finite';
  const found: Candidate[] = [];
  if (dense) found.push({ ...gemmLive(layer, site, dense), reject });
  if (sparse) found.push({ ...csc(layer, site, sparse), reject });
  return found;
}

function gemmLive(layer: LinearLayer, site: LiveSite, dense: Candidate): Candidate {
  const live = 1 - zeroRuns(site.zeros, DENSE_VECTORS * 4);
  return {
    ...dense,
    kernel: 'f32_gemm__4x8_live',
    model: undefined,
    cost: dense.cost * live + layer.matrix.cols * site.columns * LIVE.dense.input,
    emit(e) {
      const count = e.scratch(1);
      e.record(OP_FILL, FILL_SIZE).at(FILL_DST, count).int(FILL_BYTES, 4);
      const info = SPMM_FORMATS.find(({ format }) => format === 'dense')!;
      const o = site.operands(e);
      emitSpmm(e, layer, site, info, undefined, {
        op: OP_GEMM_LIVE,
        finish: (record) => record.at(SPMM_LIVE, count).float(SPMM_ZERO, site.threshold ?? 0),
      });
      const total = layer.matrix.cols * Math.ceil(o.cols / 4) * o.images;
      e.counter({ unit: 'tiles', operand: count, element: 0, total, limit: total });
    },
  };
}

function csc(layer: LinearLayer, site: LiveSite, base: Candidate): Candidate {
  const info = SPMM_FORMATS.find(({ format }) => format === base.format!.replace('_sliced', ''))!;
  const bsr = encodeWhole(layer.matrix, info);
  const stored = bsr.columns.length * info.rows;
  const { rows, cols } = layer.matrix;
  const fixed = (rows * LIVE.csc.row + cols * LIVE.csc.input) * site.columns;
  const all = stored * site.columns * LIVE.csc.weight;
  const scan = site.reads * LIVE.tiles.element;
  const skipped = zeroRuns(site.zeros, ZERO_TILE);
  /** Share of live tiles up to which walking columns is the faster way. */
  const most = Math.max(0, Math.min(1, (base.cost - fixed) / Math.max(all, 1)));
  const live = 1 - skipped;
  return {
    ...base,
    kernel: 'f32_spmm__csc',
    model: undefined,
    cost: scan + (live <= most ? fixed + all * live : base.cost),
    weights: base.weights && { ...base.weights, bytes: base.weights.bytes + stored * CSC_BYTES },
    emit(e) {
      const o = site.operands(e);
      const count = e.scratch(1);
      const total = o.images * o.geometry.channels * Math.ceil(o.geometry.channelBytes / (4 * ZERO_TILE));
      const limit = Math.floor(total * most);
      emitTiles(e, o, count, limit, site.threshold ?? 0);
      const condition = { operand: count, type: 'u32', limit } as const;
      emitSkip(e, condition, true, () => emitCsc(e, layer, o, bsr, site.threshold ?? 0));
      emitSkip(e, condition, false, () => base.emit(e));
      e.counter({ unit: 'tiles', operand: count, element: 0, total, limit });
    },
  };
}

function emitTiles(e: Emitter, o: SpmmOperands, count: Operand, limit: number, zero: number): void {
  e.record(OP_TILES, T.TILES_SIZE)
    .at(T.TILES_X, o.x)
    .at(T.TILES_LIVE, count)
    .int(T.TILES_PLANES, o.geometry.channels)
    .int(T.TILES_PLANE, o.geometry.channelBytes)
    .int(T.TILES_ELEMENTS, o.geometry.channelBytes / 4)
    .int(T.TILES_IMAGES, o.images)
    .int(T.TILES_IMAGE, o.xImage * 4)
    .int(T.TILES_LIMIT, limit)
    .float(T.TILES_ZERO, zero);
}

const columns = new MatrixCache<Csc>();

function emitCsc(e: Emitter, layer: LinearLayer, o: SpmmOperands, bsr: Bsr, zero: number): void {
  const { rows, cols } = layer.matrix;
  const offsets = e.offsets(cols, o.geometry);
  const bias = e.constant(layer.bias);
  const chunk = Math.ceil(rows / Math.max(1, Math.ceil(rows / CSC_ROWS)));
  for (let row = 0; row < rows; row += chunk) {
    const height = Math.min(chunk, rows - row);
    const part = columns.get(layer.matrix, `${bsr.blockRows} ${row}`, () => columnsOf(bsr, row, height));
    const record = e
      .record(OP_CSC[e.engine], C.CSC_SIZE)
      .at(C.CSC_X, o.x, o.xStart)
      .at(C.CSC_Y, o.y, o.yStart + row * o.yRow)
      .constant(C.CSC_WEIGHTS, e.constant(part.values))
      .constant(C.CSC_PLACES, e.offsets(part.rows, { channels: height, channelBytes: o.yRow * 4, taps: [0] }))
      .constant(C.CSC_STARTS, e.constant(part.starts))
      .constant(C.CSC_OFFSETS, offsets)
      .constant(C.CSC_BIAS, bias, row * 4)
      .int(C.CSC_ROWS, height)
      .int(C.CSC_INPUTS, cols)
      .int(C.CSC_STORED, part.values.length)
      .int(C.CSC_COLS, o.cols)
      .int(C.CSC_IMAGES, o.images)
      .int(C.CSC_X_IMAGE, o.xImage * 4)
      .int(C.CSC_Y_IMAGE, o.yImage * 4)
      .int(C.CSC_Y_ROW, o.yRow * 4)
      .float(C.CSC_LO, layer.clamp.lo)
      .float(C.CSC_HI, layer.clamp.hi)
      .float(C.CSC_ZERO, zero);
    if (!o.z) continue;
    record
      .at(C.CSC_Z, o.z.operand, o.z.start + row * o.z.row)
      .int(C.CSC_Z_IMAGE, o.z.image * 4)
      .int(C.CSC_Z_ROW, o.z.row * 4);
  }
}
