import { BLOCK_HEIGHTS, type BlockHeight, countOutputBlocks } from './count.ts';
import type { Matrix } from './matrix.ts';

/** Patterns found in a weight matrix by counting. */
export interface Structure {
  /** Stored elements, and how many of them are not zero. */
  elements: number;
  nonZeros: number;
  /** Blocks of R outputs x 1 input that hold a non-zero, by R. */
  outputBlocks: Readonly<Record<BlockHeight, number>>;
  /** Blocks of 1 output x 4 inputs, aligned to multiples of 4, that hold a non-zero. */
  inputBlocks: number;
  /** Rows (filters, neurons) without a non-zero. */
  zeroRows: number;
  /** Smallest N of N:4 along the inputs that every row keeps to, or 0 where the rows are not a multiple of 4 wide. */
  nOf4: number;
}

/** Counts the patterns that kernels are made for. */
export function detectStructure(matrix: Matrix): Structure {
  const { rows, width, data } = matrix;
  let nonZeros = 0;
  let zeroRows = 0;
  let nOf4 = 0;
  let inputBlocks = 0;
  for (let r = 0; r < rows; r++) {
    let inRow = 0;
    for (let i = 0; i < width; i += 4) {
      let inGroup = 0;
      for (let j = i; j < Math.min(i + 4, width); j++) if (data[r * width + j] !== 0) inGroup++;
      inRow += inGroup;
      if (inGroup > 0) inputBlocks++;
      nOf4 = Math.max(nOf4, inGroup);
    }
    nonZeros += inRow;
    if (inRow === 0) zeroRows++;
  }
  return {
    elements: rows * width,
    nonZeros,
    outputBlocks: countOutputBlocks(matrix),
    inputBlocks,
    zeroRows,
    nOf4: width % 4 === 0 ? nOf4 : 0,
  };
}

/** Share of zeros in `[0, 1]`. */
export const sparsityOf = (s: Structure): number => (s.elements === 0 ? 0 : 1 - s.nonZeros / s.elements);

/** Short name of the structure: the largest block whose blocks are mostly full, N:4, unstructured or dense. */
export function describeStructure(s: Structure): string {
  const zeroFilters = s.zeroRows > 0 ? `, ${s.zeroRows} zero rows` : '';
  if (s.nonZeros === s.elements) return 'dense';
  if (s.nonZeros === 0) return 'zero';
  const full = (blocks: number, size: number) => s.nonZeros >= 0.9 * blocks * size;
  const height = BLOCK_HEIGHTS.findLast((rows) => full(s.outputBlocks[rows], rows));
  if (height) return `blocks ${height}x1${zeroFilters}`;
  if (full(s.inputBlocks, 4)) return `blocks 1x4${zeroFilters}`;
  // By chance no group of a sparse matrix may be full: N:4 is a structure where its groups are.
  if (s.nOf4 > 0 && s.nOf4 < 4 && s.nonZeros >= 0.9 * (s.elements / 4) * s.nOf4) return `${s.nOf4}:4${zeroFilters}`;
  return `unstructured${zeroFilters}`;
}
