import { COPY_D0, COPY_DST, COPY_ELEMENT, COPY_N0, COPY_S0, COPY_SIZE, COPY_SRC } from '../../../assembly/abi/copy.ts';
import { OP_COPY } from '../../../assembly/abi.ts';
import { arrayOf, bytesOf, sizeOf, stridesOf, Tensor } from '../../tensor.ts';
import type { Emitter, Operand, View } from '../lower.ts';

/** One loop of a strided copy; strides in elements. */
export interface Loop {
  count: number;
  src: number;
  dst: number;
}

/** Loops of one record. */
const COPY_LOOPS = 5;

/** More records than this for one copy are refused. */
export const COPY_RECORD_LIMIT = 1024;

/**
 * The loops of a copy over `dims`, outermost first: loops of one step are dropped, loops that continue each other are merged, and
 * the order is by the stride of dst. Where src is contiguous along another loop than dst, that loop comes second to last, so that
 * the kernel transposes blocks.
 */
function copyLoops(dims: readonly number[], src: readonly number[], dst: readonly number[]): Loop[] {
  const loops = dims.map((count, i) => ({ count, src: src[i], dst: dst[i] })).filter((l) => l.count !== 1);
  loops.sort((a, b) => b.dst - a.dst || Math.abs(b.src) - Math.abs(a.src));
  for (let i = loops.length - 2; i >= 0; i--) {
    const outer = loops[i];
    const inner = loops[i + 1];
    if (outer.src !== inner.src * inner.count || outer.dst !== inner.dst * inner.count) continue;
    loops.splice(i, 2, { count: outer.count * inner.count, src: inner.src, dst: inner.dst });
  }
  const last = loops.length - 1;
  const contiguous = loops.findIndex((l) => l.src === 1);
  if (contiguous >= 0 && contiguous < last - 1) loops.splice(last - 1, 0, ...loops.splice(contiguous, 1));
  return loops;
}

/** Records that a copy over `dims` needs at most, whatever the layouts are. */
export function copyRecords(dims: readonly number[]): number {
  const counts = dims.filter((d) => d !== 1).sort((a, b) => a - b);
  return counts.slice(0, -COPY_LOOPS).reduce((product, d) => product * d, 1);
}

/** Splits loops beyond {@link COPY_LOOPS}: the shortest of the outer loops are unrolled. */
function unroll(loops: Loop[]): { loops: Loop[]; unrolled: Loop[] } {
  const kept = [...loops];
  const unrolled: Loop[] = [];
  while (kept.length > COPY_LOOPS) {
    const outer = kept.slice(0, -2);
    const shortest = outer.reduce((best, l, i) => (l.count < outer[best].count ? i : best), 0);
    unrolled.push(...kept.splice(shortest, 1));
  }
  return { loops: kept, unrolled };
}

/**
 * `dst[dstView(i)] = src[srcView(i)]` for every index `i` of `dims`; src may be a constant. Views are in elements; src strides may be
 * negative or zero. The operands have element types of equal size and do not overlap. Emits no record where `dims` has a zero.
 */
export function emitCopy(
  e: Emitter,
  dims: readonly number[],
  src: Operand | Tensor,
  srcView: View,
  dst: Operand,
  dstView: View,
): void {
  if (dims.includes(0)) return;
  if (src instanceof Tensor && srcView.offset !== 0) {
    emitCopy(e, dims, viewed(src, dims, srcView), { offset: 0, strides: stridesOf(dims) }, dst, dstView);
    return;
  }
  const { loops, unrolled } = unroll(copyLoops(dims, srcView.strides, dstView.strides));
  const write = (depth: number, srcOffset: number, dstOffset: number): void => {
    if (depth === unrolled.length) {
      copyRecord(e, loops, src, srcOffset, dst, dstOffset);
      return;
    }
    const loop = unrolled[depth];
    for (let i = 0; i < loop.count; i++) write(depth + 1, srcOffset + i * loop.src, dstOffset + i * loop.dst);
  };
  write(0, srcView.offset, dstView.offset);
}

/** The elements of a constant that a view shows, as a dense constant. */
function viewed(src: Tensor, dims: readonly number[], view: View): Tensor {
  const data = new (arrayOf(src.type))(sizeOf(dims));
  const steps = stridesOf(dims);
  for (let i = 0; i < data.length; i++) {
    const at = steps.reduce((sum, step, k) => sum + (Math.floor(i / step) % dims[k]) * view.strides[k], view.offset);
    data[i] = src.data[at];
  }
  return new Tensor(src.type, data, dims);
}

function copyRecord(
  e: Emitter,
  loops: readonly Loop[],
  src: Operand | Tensor,
  srcOffset: number,
  dst: Operand,
  dstOffset: number,
): void {
  const bytes = bytesOf(src.type);
  const record = e.record(OP_COPY, COPY_SIZE).int(COPY_ELEMENT, bytes).at(COPY_DST, dst, dstOffset);
  if (src instanceof Tensor) record.constant(COPY_SRC, e.constant(srcOffset ? src.data.subarray(srcOffset) : src.data));
  else record.at(COPY_SRC, src, srcOffset);
  const unused = COPY_LOOPS - loops.length;
  for (let k = 0; k < COPY_LOOPS; k++) {
    // A copy of one element has no loops: its innermost loop counts as contiguous.
    const loop =
      k < unused
        ? { count: 1, src: k === COPY_LOOPS - 1 ? 1 : 0, dst: k === COPY_LOOPS - 1 ? 1 : 0 }
        : loops[k - unused];
    record.int(COPY_N0 + 4 * k, loop.count);
    record.int(COPY_S0 + 4 * k, loop.src * bytes);
    record.int(COPY_D0 + 4 * k, loop.dst * bytes);
  }
}
