import * as F from '../../../assembly/abi/gemm.ts';
import { OP_GEMM } from '../../../assembly/abi.ts';
import type { Clamp } from '../../graph/ir.ts';
import { sizeOf } from '../../tensor.ts';
import type { Candidate, ConstRef, Emitter, LowerCall, Operand, RecordWriter } from '../lower.ts';
import { broadcastSteps, walkBroadcast } from './broadcast.ts';
import type { ProductShape } from './matrix_product.ts';

/** An operand in the arena, or a constant. */
type Source = { operand: Operand } | { ref: ConstRef };

const NS_PER_MAC = 0.06;

/** ns for an element of A that is looked at. */
const NS_PER_SCANNED = 0.02;

/**
 * A product of two dense operands of which at least one is computed at run time: `f32_gemm_rt__4x8`, and `f32_gemm_rt__4x8_live`, which leaves
 * out the columns of A that hold zeros only in four neighbouring rows.
 */
export function batchedGemm(call: LowerCall, shape: ProductShape): Candidate[] {
  const macs = sizeOf(shape.batch) * shape.m * shape.k * shape.n;
  const source = (e: Emitter, index: number): Source => {
    const constant = call.input(index).constant;
    return constant ? { ref: e.constant(constant.data) } : { operand: e.input(index) };
  };
  const candidate = (kernel: string, cost: number, threshold?: number, reject?: string): Candidate => ({
    kernel,
    cost,
    reject,
    inputs: call.inputs.map((value) => (value && !value.constant ? { kind: 'dense' } : { kind: 'none' })),
    output: 'dense',
    macs: { kept: macs, dense: macs },
    emit: (e) => emitGemm(e, shape, [source(e, 0), source(e, 1)], call.node.clamp, threshold),
  });
  const dense = candidate('f32_gemm_rt__4x8', macs * NS_PER_MAC + 50);
  const { threshold } = call;
  const [a, b] = [call.input(0).constant, call.input(1).constant];
  if (threshold === undefined || a || shape.k === 0) return [dense];
  const scanned = sizeOf(shape.batch) * shape.m * shape.k * NS_PER_SCANNED;
  const share = 1 - call.zeros(0).elements;
  const finite = !b || (b.data as Float32Array).every(Number.isFinite);
  const reject = finite ? undefined : 'the constant operand holds numbers that are not finite';
  return [dense, candidate('f32_gemm_rt__4x8_live', share * macs * NS_PER_MAC + scanned + 50, threshold, reject)];
}

function address(record: RecordWriter, field: number, source: Source, elements: number): void {
  if ('ref' in source) record.constant(field, source.ref, elements * 4);
  else record.at(field, source.operand, elements);
}

/**
 * Writes the records of one batched product; the two innermost batch dims run inside a record.
 * @param threshold elements of A up to this magnitude are skipped; undefined: none
 */
function emitGemm(
  e: Emitter,
  shape: ProductShape,
  [a, b]: readonly [Source, Source],
  clamp: Clamp | undefined,
  threshold: number | undefined,
): void {
  const { m, k, n, left, right } = shape;
  const batch = [1, 1, ...shape.batch];
  const sizes = [m * k, k * n, m * n];
  const steps = [left, right, shape.batch].map((dims, i) => broadcastSteps(dims, batch).map((s) => s * sizes[i]));
  const [outer, inner] = batch.slice(-2);
  const live = threshold === undefined ? undefined : e.scratch(1 + 2 * (Math.floor(k / (F.GEMM_GAP + 2)) + 1));
  if (live) {
    const total = Math.ceil(m / 4) * k * outer * inner;
    e.counter({ unit: 'inputs', operand: live, element: 0, total, limit: total });
  }
  const inside = steps.map((s) => s.slice(-2).map((step) => step * 4));
  walkBroadcast(
    batch.slice(0, -2),
    steps.map((s) => s.slice(0, -2)),
    ([aStart, bStart, yStart]) => {
      const record = e.record(OP_GEMM, F.GEMM_SIZE);
      address(record, F.GEMM_A, a, aStart);
      address(record, F.GEMM_B, b, bStart);
      record
        .at(F.GEMM_Y, e.output(), yStart)
        .int(F.GEMM_OUTER, outer)
        .int(F.GEMM_INNER, inner)
        .int(F.GEMM_M, m)
        .int(F.GEMM_N, n)
        .int(F.GEMM_K, k)
        .int(F.GEMM_A_ROW, k * 4)
        .int(F.GEMM_A_STEP, 4)
        .int(F.GEMM_B_ROW, n * 4)
        .int(F.GEMM_Y_ROW, n * 4)
        .int(F.GEMM_A_OUTER, inside[0][0])
        .int(F.GEMM_A_INNER, inside[0][1])
        .int(F.GEMM_B_OUTER, inside[1][0])
        .int(F.GEMM_B_INNER, inside[1][1])
        .int(F.GEMM_Y_OUTER, inside[2][0])
        .int(F.GEMM_Y_INNER, inside[2][1])
        .float(F.GEMM_LO, clamp?.lo ?? Number.NEGATIVE_INFINITY)
        .float(F.GEMM_HI, clamp?.hi ?? Number.POSITIVE_INFINITY)
        .float(F.GEMM_THRESHOLD, threshold ?? 0);
      if (live) record.at(F.GEMM_LIVE, live);
    },
  );
}
