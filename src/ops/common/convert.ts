import {
  FILL_BYTES,
  FILL_DST,
  FILL_SIZE,
  FILL_VALUE,
  HALO_COUNT,
  HALO_DST,
  HALO_ELEMENTS,
  HALO_H,
  HALO_ORIGIN,
  HALO_PITCH,
  HALO_SIZE,
  HALO_STRIDE,
  HALO_VALUE,
  HALO_W,
} from '../../../assembly/abi/fill.ts';
import { OP_FILL, OP_HALO } from '../../../assembly/abi.ts';
import { ensure } from '../../errors.ts';
import { DENSE, type Layout, type PlanesLayout, sameLayout } from '../../graph/layout.ts';
import { bytesOf, sizeOf } from '../../tensor.ts';
import { type Emitter, type Operand, type View, viewOf } from '../lower.ts';
import { emitCopy } from './copy.ts';

/** Below this many elements a whole fill is cheaper than one halo record for each phase. */
const SMALL = 4096;

/**
 * The image positions that one sub-plane of a planes layout holds: rows `y + i * stepY` for `i < rows` and columns likewise; the first
 * of them stands `offset` elements behind the start of a channel, and rows are `pitch` apart.
 */
interface PhaseSpan {
  /** Elements between the start of a channel and of the sub-plane. */
  start: number;
  offset: number;
  y: number;
  x: number;
  rows: number;
  columns: number;
}

const span = (origin: number, phase: number, step: number, length: number) => {
  const first = Math.max(0, Math.ceil((origin - phase) / step));
  const behind = Math.floor((length - 1 + origin - phase) / step) + 1;
  return { first, position: first * step + phase - origin, count: Math.max(0, behind - first) };
};

/** The sub-planes of `layout` for images of `h` rows and `w` columns; one without phases. */
function phaseSpans(layout: PlanesLayout, h: number, w: number): PhaseSpan[] {
  const spans: PhaseSpan[] = [];
  for (let py = 0; py < layout.phasesY; py++) {
    const rows = span(layout.top, py, layout.stepY, h);
    for (let px = 0; px < layout.phasesX; px++) {
      const columns = span(layout.left, px, layout.stepX, w);
      const start = (py * layout.phasesX + px) * layout.phase;
      spans.push({
        start,
        offset: start + rows.first * layout.pitch + columns.first,
        y: rows.position,
        x: columns.position,
        rows: rows.count,
        columns: columns.count,
      });
    }
  }
  return spans;
}

const isPhased = (layout: Layout): layout is PlanesLayout =>
  layout.kind === 'planes' && (layout.stepY > 1 || layout.stepX > 1);

/** View of the image positions of one sub-plane through a layout without phases. */
function strided(view: View, layout: PlanesLayout, s: PhaseSpan): View {
  const [n, c, y, x] = view.strides;
  return { offset: view.offset + s.y * y + s.x * x, strides: [n, c, y * layout.stepY, x * layout.stepX] };
}

const subPlane = (layout: PlanesLayout, s: PhaseSpan): View => ({
  offset: s.offset,
  strides: [layout.image, layout.stride, layout.pitch, 1],
});

/** Fills `elements` elements of `dst`, a multiple of 4 bytes, with a 32-bit pattern. */
export function emitFill(e: Emitter, dst: Operand, pattern: number, elements = dst.size): void {
  const bytes = elements * bytesOf(dst.type);
  if (bytes > 0) e.record(OP_FILL, FILL_SIZE).at(FILL_DST, dst).int(FILL_BYTES, bytes).int(FILL_VALUE, pattern);
}

/**
 * Writes `pattern` (zero unless given) to every element of a planes operand that is outside of the image: halo, gaps between rows, and
 * the rest of each plane.
 */
export function emitHalo(e: Emitter, dst: Operand, pattern = 0): void {
  const layout = dst.layout;
  ensure(layout.kind === 'planes', 'INTERNAL', 'a halo needs a planes layout');
  const [n, c, h, w] = dst.dims;
  if (n * c === 0 || layout.stride === 0) return;
  const regular = n === 1 || layout.image % layout.stride === 0;
  const count = regular ? ((n - 1) * layout.image) / layout.stride + c : c;
  const spans = phaseSpans(layout, h, w);
  for (let image = 0; image < (regular ? 1 : n); image++) {
    spans.forEach((s, i) => {
      const end = i + 1 < spans.length ? spans[i + 1].start : layout.stride;
      const empty = s.rows === 0 || s.columns === 0;
      if (
        end === s.start ||
        (s.offset === s.start && s.rows * layout.pitch === end - s.start && s.columns === layout.pitch)
      )
        return;
      e.record(OP_HALO, HALO_SIZE)
        .at(HALO_DST, dst, image * layout.image + s.start)
        .int(HALO_COUNT, count)
        .int(HALO_STRIDE, layout.stride * 4)
        .int(HALO_ELEMENTS, end - s.start)
        .int(HALO_ORIGIN, empty ? 0 : s.offset - s.start)
        .int(HALO_PITCH, layout.pitch)
        .int(HALO_W, empty ? 0 : s.columns)
        .int(HALO_H, empty ? 0 : s.rows)
        .int(HALO_VALUE, pattern);
    });
  }
}

/** Copies `src` (dense, columns or planes without phases) to the planes of `dst`, phase by phase; clears what is outside of the image. */
function emitToPlanes(e: Emitter, src: Operand, dst: Operand): void {
  const layout = dst.layout;
  ensure(layout.kind === 'planes', 'INTERNAL', 'the destination has a planes layout');
  if (isPhased(src.layout)) {
    const dense = denseScratch(e, src);
    emitConvert(e, src, dense);
    emitToPlanes(e, dense, dst);
    return;
  }
  if (layout.halo) {
    if (isPhased(layout) && dst.size <= SMALL) emitFill(e, dst, 0);
    else emitHalo(e, dst);
  }
  const [n, c, h, w] = dst.dims;
  const from = viewOf(src.layout, src.dims);
  for (const s of phaseSpans(layout, h, w)) {
    emitCopy(e, [n, c, s.rows, s.columns], src, strided(from, layout, s), dst, subPlane(layout, s));
  }
}

const denseScratch = (e: Emitter, like: Operand): Operand => ({
  ...e.scratch(sizeOf(like.dims)),
  type: like.type,
  dims: like.dims,
  layout: DENSE,
});

/** Copies a value from the layout of `src` to the layout of `dst`, whatever they are; a halo is cleared. Types and dims are equal. */
export function emitConvert(e: Emitter, src: Operand, dst: Operand): void {
  if (dst.layout.kind === 'planes') {
    emitToPlanes(e, src, dst);
    return;
  }
  const to = viewOf(dst.layout, dst.dims);
  if (src.layout.kind !== 'planes' || !isPhased(src.layout)) {
    emitCopy(e, src.dims, src, viewOf(src.layout, src.dims), dst, to);
    return;
  }
  const layout = src.layout;
  ensure(
    layout.phasesY === layout.stepY && layout.phasesX === layout.stepX,
    'INTERNAL',
    'sub-planes that are not stored cannot be converted',
  );
  const [n, c, h, w] = src.dims;
  for (const s of phaseSpans(layout, h, w)) {
    emitCopy(e, [n, c, s.rows, s.columns], src, subPlane(layout, s), dst, strided(to, layout, s));
  }
}

/** Modelled time in ns of {@link emitConvert}. */
export function convertCost(dims: readonly number[], from: Layout, to: Layout): number {
  const elements = sizeOf(dims);
  if (sameLayout(from, to)) return 50 + 0.04 * elements;
  if ((from.kind === 'columns') !== (to.kind === 'columns')) return 50 + 0.11 * elements;
  const rows = elements / Math.max(1, dims[dims.length - 1] ?? 1);
  const phased = isPhased(to) ? to : isPhased(from) ? from : undefined;
  if (!phased) return 100 + 0.06 * elements + 2.2 * rows;
  const { phasesY, phasesX, stepY, stepX } = phased;
  const copied = (phasesY * phasesX) / (stepY * stepX);
  return 50 * (phasesY * phasesX + 1) + 0.1 * copied * elements + 3.5 * rows * phasesX * (phasesY / stepY);
}
