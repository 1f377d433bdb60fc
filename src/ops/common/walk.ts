import { rowsAndFeatures } from '../../graph/layout.ts';
import { sizeOf } from '../../tensor.ts';
import { flatSpan, type Operand, type Produced, viewOf } from '../lower.ts';
import type { Loop } from './loops.ts';

/**
 * Loops of an elementwise kernel over operands of equal dims and equal kind of layout, and the first element of each operand.
 *
 * dense: all elements; columns: features, then rows; planes: images, channels, then the flat span of a plane, gaps included.
 */
export function elementwiseWalk(operands: readonly Operand[]): { loops: Loop[]; offsets: number[] } {
  const [{ layout, dims }] = operands;
  const views = operands.map((o) => viewOf(o.layout, o.dims));
  const offsets = views.map((v) => v.offset);
  const ones = operands.map(() => 1);
  if (layout.kind === 'dense') return { loops: [{ count: sizeOf(dims), steps: ones }], offsets };
  if (layout.kind === 'columns') {
    const [rows, features] = rowsAndFeatures(dims);
    const steps = views.map((v) => v.strides[dims.length - 1]);
    return {
      loops: [
        { count: features, steps },
        { count: rows, steps: ones },
      ],
      offsets,
    };
  }
  const [n, c, h, w] = dims;
  return {
    loops: [
      { count: n, steps: views.map((v) => v.strides[0]) },
      { count: c, steps: views.map((v) => v.strides[1]) },
      { count: flatSpan(layout, h, w), steps: ones },
    ],
    offsets,
  };
}

/** Contiguous elements of a row of an elementwise kernel in a layout of the given kind. */
export function rowLength(kind: Produced, dims: readonly number[]): number {
  if (kind === 'columns') return rowsAndFeatures(dims)[0];
  return kind === 'planes' ? dims[2] * dims[3] : sizeOf(dims);
}
