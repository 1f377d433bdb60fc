import type { Matrix } from './matrix.ts';

/** Heights of the output blocks that kernels are made for. */
export const BLOCK_HEIGHTS = [2, 4, 8, 16, 32] as const;
export type BlockHeight = (typeof BLOCK_HEIGHTS)[number];

/** Columns that are non-zero in the rows of a block so far: a number that is 0 exactly where all are zero, in `[from, to)`. */
interface Hits {
  column: Int32Array;
  from: number;
  to: number;
}

/** Number of blocks of R rows x 1 column that hold a non-zero, for every R in one pass: the hits of two blocks are those of one twice as high. */
export function countOutputBlocks(matrix: Matrix): Record<BlockHeight, number> {
  const { rows, cols, width, data } = matrix;
  const words = new Int32Array(data.buffer, data.byteOffset, data.length);
  const counts = { 2: 0, 4: 0, 8: 0, 16: 0, 32: 0 };
  const levels = BLOCK_HEIGHTS.map((): Hits => ({ column: new Int32Array(cols), from: cols, to: 0 }));
  for (let row = 0; row < rows; row++) {
    const first = matrix.first(row);
    addRow(levels[0], words, row * width, first, width);
    BLOCK_HEIGHTS.every((height, level) => {
      const complete = (row + 1) % height === 0 || row === rows - 1;
      if (complete) counts[height] += take(levels[level], levels[level + 1]);
      return complete;
    });
  }
  return counts;
}

function addRow(hits: Hits, words: Int32Array, start: number, first: number, width: number): void {
  const { column } = hits;
  // The shift drops the sign: -0 is a zero.
  for (let i = 0; i < width; i++) column[first + i] |= words[start + i] << 1;
  widen(hits, first, first + width);
}

/** Number of hits in `hits`, which are added to `next` and cleared. */
function take(hits: Hits, next: Hits | undefined): number {
  const { column, from, to } = hits;
  let count = 0;
  if (next) {
    const sum = next.column;
    for (let i = from; i < to; i++) {
      const hit = column[i];
      // Without a branch: h | -h is negative unless h is 0.
      count += (hit | -hit) >>> 31;
      sum[i] |= hit;
    }
    widen(next, from, to);
  } else {
    for (let i = from; i < to; i++) count += (column[i] | -column[i]) >>> 31;
  }
  column.fill(0, from, Math.max(from, to));
  hits.from = column.length;
  hits.to = 0;
  return count;
}

function widen(hits: Hits, from: number, to: number): void {
  hits.from = Math.min(hits.from, from);
  hits.to = Math.max(hits.to, to);
}
