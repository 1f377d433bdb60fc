import type { Bsr } from './bsr.ts';

/** A {@link Bsr} in another order: chunks of block rows, in a chunk slices of columns, in a slice block rows. */
export interface SlicedBsr {
  slices: number;
  /** Block rows of a chunk; the last may have fewer. */
  chunk: number;
  /** Numbers of blocks, one for each block row of each slice of each chunk. */
  counts: Uint32Array;
  columns: Bsr['columns'];
  values: Float32Array;
}

/**
 * Reorders the blocks of `bsr` into slices of `width` columns and chunks of `chunk` block rows, so that a kernel can walk all rows of one
 * slice before the next:
 *
 * ```
 *   W (width = 2, chunk = 2)      chunk 0, slice 0: counts 1 1   columns 0 | 1     values a | c
 *     a . b .                              slice 1: counts 1 2   columns 2 | 2 3   values b | d e
 *     . c d e                     chunk 1, slice 0: counts 1     columns 0         values f
 *     f . . .                              slice 1: counts 0
 * ```
 */
export function sliceColumns(bsr: Bsr, width: number, chunk: number): SlicedBsr {
  const { blockRows, cols, columns, values } = bsr;
  const height = bsr.counts.length;
  const slices = Math.max(1, Math.ceil(cols / width));
  const counts = new Uint32Array(slices * height);
  const place = (row: number, block: number): number => {
    const top = row - (row % chunk);
    return top * slices + Math.floor(columns[block] / width) * Math.min(chunk, height - top) + row - top;
  };
  eachBlock(bsr, (row, block) => counts[place(row, block)]++);
  const next = new Uint32Array(counts.length);
  for (let i = 1; i < next.length; i++) next[i] = next[i - 1] + counts[i - 1];
  const sliced = { slices, chunk, counts, columns: columns.slice(), values: new Float32Array(values.length) };
  eachBlock(bsr, (row, block) => {
    const to = next[place(row, block)]++;
    sliced.columns[to] = columns[block];
    for (let r = 0; r < blockRows; r++) sliced.values[to * blockRows + r] = values[block * blockRows + r];
  });
  return sliced;
}

function eachBlock(bsr: Bsr, visit: (row: number, block: number) => void): void {
  let block = 0;
  bsr.counts.forEach((count, row) => {
    for (const stop = block + count; block < stop; block++) visit(row, block);
  });
}
