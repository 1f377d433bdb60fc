import * as C from '../../../assembly/abi/columns.ts';
import * as N from '../../../assembly/abi/nonzero.ts';
import * as abi from '../../../assembly/abi.ts';
import { COLUMN_PAD, type Csc, encodeColumns, encodeCsc } from '../../sparse/columns.ts';
import { type Matrix, MatrixCache } from '../../sparse/matrix.ts';
import type { Candidate, ConstRef, Emitter, LowerCall, Operand } from '../lower.ts';
import { emitSkip } from './control.ts';
import { modelled } from './cost_model.ts';
import { SKIP } from './costs.ts';
import { hasFiniteWeights, type LinearLayer } from './linear.ts';
import { CACHE_BYTES, type SpmvSite } from './spmv.ts';

/** Vectors of a batch: beyond them an element of the weights is used so often that columns of activations are the better operand. */
const MOST_ROWS = 8;

/** Weights by columns: dense, or blocks of R outputs x 1 input. */
interface ColumnFormat {
  format: 'columns' | 'csc' | 'csc4x1';
  height: number;
  op: number;
}

const FORMATS: readonly ColumnFormat[] = [
  { format: 'columns', height: COLUMN_PAD, op: abi.OP_COLUMNS_DENSE },
  { format: 'csc', height: 1, op: abi.OP_COLUMNS_CSC },
  { format: 'csc4x1', height: 4, op: abi.OP_COLUMNS_CSC4 },
];

/**
 * Kernels that walk the columns of the inputs which are not zero: `f32_gemv_skip__columns`, `f32_spmv_skip__csc` and `…__csc4x1`. Each
 * counts first, and takes the fastest of the kernels `statics` instead where more inputs are live than pay; so the weights are stored in
 * both ways.
 */
export function skipCandidates(
  call: LowerCall,
  layer: LinearLayer,
  site: SpmvSite,
  statics: readonly Candidate[],
): Candidate[] {
  const { threshold } = call;
  if (threshold === undefined || site.batch > MOST_ROWS) return [];
  const usable = statics.filter(({ reject }) => !reject);
  if (usable.length === 0) return [];
  const still = usable.reduce((a, b) => (b.cost < a.cost ? b : a));
  return FORMATS.map((info) => candidate(call, layer, site, still, info, threshold));
}

function candidate(
  call: LowerCall,
  layer: LinearLayer,
  site: SpmvSite,
  still: Candidate,
  info: ColumnFormat,
  threshold: number,
): Candidate {
  const { rows, cols } = layer.matrix;
  const total = site.batch * cols;
  const stored = storedWeights(layer, info);
  const numbers =
    info.format === 'columns' ? 0 : (stored / info.height) * (rows <= 0x10000 * info.height ? 2 : 4) + cols * 4 + 4;
  const timeOf = (live: number) =>
    modelled(`SKIP.${info.format}`, SKIP[info.format], terms(layer, site, info, stored, live));
  // Both ways have counted before they part.
  const scan = SKIP[info.format].input * total;
  const limit = most(total, (live) => timeOf(live).cost - scan <= still.cost);
  const zeros = call.zeros(0).elements;
  const live = Math.round(total * (1 - zeros));
  const skipping = zeros > 0 && live <= limit ? timeOf(live) : undefined;
  const { weights } = still;
  return {
    ...still,
    kernel: `f32_${info.format === 'columns' ? 'gemv' : 'spmv'}_skip__${info.format}`,
    reject: rejectFormat(call, layer, site, info),
    cost: skipping?.cost ?? scan + still.cost,
    model: skipping?.model,
    skips: true,
    weights: weights && { ...weights, bytes: weights.bytes + stored * 4 + numbers },
    note: `${info.format} and ${still.format ?? 'dense'} weights: ${still.kernel} runs where more than ${limit} of ${total} inputs are not zero`,
    emit(e) {
      const live = emitScan(e, site, cols, threshold);
      const condition = { operand: live.counts, type: 'u32', limit } as const;
      emitSkip(e, condition, true, () => emitColumns(e, layer, site, info, live));
      emitSkip(e, condition, false, () => still.emit(e));
      e.counter({ unit: 'inputs', operand: live.counts, element: 0, total, limit });
    },
  };
}

function storedWeights({ matrix, structure }: LinearLayer, { format, height }: ColumnFormat): number {
  if (format === 'columns') return Math.ceil(matrix.rows / height) * height * matrix.cols;
  return format === 'csc' ? structure.nonZeros : structure.outputBlocks[4] * height;
}

/** The largest whole number up to `end` for which `holds`, which does for all smaller ones; 0 if for none. */
function most(end: number, holds: (n: number) => boolean): number {
  let [low, high] = [0, end];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * `input`: all inputs, which are looked at; `weight`: stored weights of live inputs; `live`: live inputs; `row`: outputs, which are set and
 * clamped; `streamed`: bytes that come from beyond the second-level cache, of the inputs that are live in any vector of the batch.
 */
function terms(
  { matrix }: LinearLayer,
  { batch }: SpmvSite,
  { format, height }: ColumnFormat,
  stored: number,
  live: number,
) {
  const total = batch * matrix.cols;
  const share = live / Math.max(1, total);
  const bytes = stored * (format === 'columns' ? 4 : 4 + 4 / height);
  return {
    input: total,
    weight: stored * batch * share,
    live,
    row: batch * matrix.rows,
    streamed: (1 - (1 - share) ** batch) * Math.max(0, bytes - CACHE_BYTES),
  };
}

function rejectFormat(
  call: LowerCall,
  layer: LinearLayer,
  site: SpmvSite,
  { format }: ColumnFormat,
): string | undefined {
  const { matrix, structure } = layer;
  // A zero that is skipped is not multiplied by them.
  if (!hasFiniteWeights(matrix)) return 'weights are not all finite';
  if (site.batch > 1 && matrix.rows % COLUMN_PAD !== 0) return `rows are not a multiple of ${COLUMN_PAD}`;
  if (format === 'columns') return undefined;
  if (call.sparse === 'off') return 'sparse kernels are off';
  return structure.nonZeros === structure.elements ? 'no zeros' : undefined;
}

/** What a scan leaves: counts[0] live inputs over all vectors, counts[1 + n] of vector n, whose numbers stand in row n of the lists. */
interface Live {
  counts: Operand;
  lists: Operand;
  rowBytes: number;
}

function emitScan(e: Emitter, { batch, length }: SpmvSite, cols: number, threshold: number): Live {
  const entries = Math.ceil(cols / 4) * 4;
  const live = { counts: e.scratch(1 + batch), lists: e.scratch(batch * entries), rowBytes: entries * 4 };
  e.record(abi.OP_NONZERO, N.NONZERO_SIZE)
    .at(N.NONZERO_X, e.input(0))
    .at(N.NONZERO_LIST, live.lists)
    .at(N.NONZERO_COUNTS, live.counts)
    .int(N.NONZERO_COLS, cols)
    .int(N.NONZERO_ROWS, batch)
    .int(N.NONZERO_X_ROW, length * 4)
    .int(N.NONZERO_LIST_ROW, live.rowBytes)
    .float(N.NONZERO_THRESHOLD, threshold);
  return live;
}

function emitColumns(e: Emitter, layer: LinearLayer, site: SpmvSite, info: ColumnFormat, live: Live): void {
  const { matrix, clamp } = layer;
  const packed = pack(e, matrix, info);
  const rows = Math.ceil(matrix.rows / COLUMN_PAD) * COLUMN_PAD;
  const bias = new Float32Array(rows);
  bias.set(layer.bias);
  e.record(info.op, C.COLUMNS_SIZE)
    .at(C.COLUMNS_X, e.input(0))
    .at(C.COLUMNS_Y, e.output())
    .constant(C.COLUMNS_WEIGHTS, packed.weights)
    .at(C.COLUMNS_LIST, live.lists)
    .at(C.COLUMNS_COUNTS, live.counts, 1)
    .constant(C.COLUMNS_BIAS, e.constant(bias))
    .int(C.COLUMNS_ROWS, rows)
    .int(C.COLUMNS_COLS, matrix.cols)
    .int(C.COLUMNS_BATCH, site.batch)
    .int(C.COLUMNS_X_ROW, site.length * 4)
    .int(C.COLUMNS_Y_ROW, matrix.rows * 4)
    .int(C.COLUMNS_LIST_ROW, live.rowBytes)
    .float(C.COLUMNS_LO, clamp.lo)
    .float(C.COLUMNS_HI, clamp.hi)
    .constant(C.COLUMNS_OFFSETS, packed.offsets)
    .constant(C.COLUMNS_STARTS, packed.starts)
    .int(C.COLUMNS_BLOCKS, packed.blocks);
}

interface PackedColumns {
  weights: ConstRef;
  offsets?: ConstRef;
  starts?: ConstRef;
  blocks: number;
}

const encoded = new MatrixCache<Float32Array | Csc>();

function pack(e: Emitter, matrix: Matrix, { format, height }: ColumnFormat): PackedColumns {
  if (format === 'columns')
    return { weights: e.constant(encoded.get(matrix, format, () => encodeColumns(matrix))), blocks: 0 };
  const csc = encoded.get(matrix, format, () => encodeCsc(matrix, height));
  const channels = Math.ceil(matrix.rows / height);
  return {
    weights: e.constant(csc.values),
    offsets: e.offsets(csc.blockRows, { channels, channelBytes: height * 4, taps: [0] }),
    starts: e.constant(csc.starts),
    blocks: csc.blockRows.length,
  };
}
