import { sizeOf } from '../tensor.ts';

/** Row-major, no padding. */
interface DenseLayout {
  kind: 'dense';
}

/**
 * Channel planes of an `[N, C, H, W]` value, each plane with room for a halo of semantic zeros:
 *
 * ```
 *   plane                 pitch
 *   ├──────────────────────────────┤
 *   │ halo row (top)               │   element (n, c, y, x) stands at
 *   │ left │ W elements   │ gap    │     n * image + c * stride + (y + top) * pitch + left + x
 *   │ left │ W elements   │ gap    │   the gap of one row is also the left halo of the next, so that
 *   │ halo row (bottom)            │     pitch >= W + max(left, right)
 * ```
 *
 * With `stepY`, `stepX` > 1 the padded plane is split by stride parity into `phasesY * phasesX` sub-planes of `phase` elements,
 * so that strided loads stay contiguous: the padded position `(r, q) = (y + top, x + left)` stands in sub-plane
 * `(r % stepY) * phasesX + q % stepX` at `floor(r / stepY) * pitch + floor(q / stepX)`.
 *
 * All lengths are in elements.
 */
export interface PlanesLayout {
  kind: 'planes';
  top: number;
  left: number;
  pitch: number;
  stepY: number;
  stepX: number;
  phasesY: number;
  phasesX: number;
  /** Elements of one sub-plane. */
  phase: number;
  /** Elements between channels. */
  stride: number;
  /** Elements between images. */
  image: number;
  /** Whether positions outside the image must read as zero. */
  halo: boolean;
}

/**
 * Features-major: `[..., F]` seen as `[M, F]` is stored as `F` rows of `M` elements, `stride >= M` a multiple of 4:
 * element (m, f) stands at `f * stride + m`.
 */
interface ColumnsLayout {
  kind: 'columns';
  stride: number;
}

/** Where the elements of a value stand in memory. */
export type Layout = DenseLayout | PlanesLayout | ColumnsLayout;

export const DENSE: DenseLayout = { kind: 'dense' };

export const roundUp = (n: number, multiple: number): number => Math.ceil(n / multiple) * multiple;

/** `[M, F]` of a value seen as rows of features: F is the last dim. */
export function rowsAndFeatures(dims: readonly number[]): [rows: number, features: number] {
  const features = dims.length ? dims[dims.length - 1] : 1;
  return [sizeOf(dims.slice(0, -1)), features];
}

export function columnsLayout(dims: readonly number[]): ColumnsLayout {
  return { kind: 'columns', stride: roundUp(Math.max(1, rowsAndFeatures(dims)[0]), 4) };
}

/** Elements that a value of `dims` occupies under `layout`; rounded up so that the highest block of weight rows needs no tail. */
export function layoutSize(layout: Layout, dims: readonly number[]): number {
  switch (layout.kind) {
    case 'dense':
      return roundUp(sizeOf(dims), 32);
    case 'columns':
      return roundUp(rowsAndFeatures(dims)[1], 4) * layout.stride;
    case 'planes':
      return dims[0] * layout.image;
  }
}

export function sameLayout(a: Layout, b: Layout): boolean {
  if (a.kind !== b.kind) return false;
  const keys = Object.keys(a) as (keyof Layout)[];
  return keys.every((k) => a[k] === b[k]);
}

/** True if planes are split into sub-planes, which no strides describe. */
export const isPhased = (layout: Layout): boolean => layout.kind === 'planes' && layout.stepY * layout.stepX > 1;

/** True if `layout` places the elements of a value exactly as row-major order does. */
export function isDensePlanes(layout: PlanesLayout, dims: readonly number[]): boolean {
  const [n, c, h, w] = dims;
  const plane = h * w;
  return (
    layout.top === 0 &&
    layout.left === 0 &&
    layout.stepY * layout.stepX === 1 &&
    layout.pitch === w &&
    (layout.stride === plane || n * c === 1) &&
    (layout.image === c * plane || n === 1)
  );
}
