import { ensure } from '../errors.ts';
import type { Matrix } from './matrix.ts';

/** Rows of a panel. */
export const PANEL_ROWS = 4;

/** Columns that are packed at a time: the part of a panel that is written stays in cache. */
const STRIP = 128;

/**
 * Packs a dense matrix into panels of four rows, column by column, so that a kernel reads the weights in order:
 *
 * ```
 *   W           panel 0                     panel 1 (padded with zero rows)
 *     a b         a c e g | b d f h           i . . . | j . . .
 *     c d
 *     e f       panels[ceil(rows / 4)][cols][4]
 *     g h
 *     i j
 * ```
 */
export function encodePanels(matrix: Matrix): Float32Array {
  const { rows, cols, width, data } = matrix;
  const panels = new Float32Array(Math.ceil(rows / PANEL_ROWS) * cols * PANEL_ROWS);
  for (let top = 0; top < rows; top += PANEL_ROWS) {
    for (let first = 0; first < width; first += STRIP) {
      const last = Math.min(first + STRIP, width);
      for (let r = top; r < Math.min(top + PANEL_ROWS, rows); r++) {
        const from = r * width;
        const to = top * cols + matrix.first(r) * PANEL_ROWS + r - top;
        for (let i = first; i < last; i++) panels[to + i * PANEL_ROWS] = data[from + i];
      }
    }
  }
  return panels;
}

/** The dense row-major `rows x cols` matrix. */
export function decodePanels(panels: Float32Array, rows: number, cols: number): Float32Array {
  validatePanels(panels, rows, cols, 'panels');
  const dense = new Float32Array(rows * cols);
  for (let r = 0; r < rows; r++) {
    const base = (r - (r % PANEL_ROWS)) * cols + (r % PANEL_ROWS);
    for (let c = 0; c < cols; c++) dense[r * cols + c] = panels[base + c * PANEL_ROWS];
  }
  return dense;
}

/** @throws ZeroskipError `INVALID_MODEL` that names `what` if the length does not fit the shape. */
export function validatePanels(panels: Float32Array, rows: number, cols: number, what: string): void {
  const expected = Math.ceil(rows / PANEL_ROWS) * cols * PANEL_ROWS;
  ensure(
    panels.length === expected,
    'INVALID_MODEL',
    () => `${what}: expected ${expected} values, found ${panels.length}`,
  );
}
