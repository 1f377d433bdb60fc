import { countBlocks } from './bsr.ts';
import type { Matrix } from './matrix.ts';

/** Patterns found in a weight matrix by counting. */
export interface Structure {
  /** Stored elements, and how many of them are not zero. */
  elements: number;
  nonZeros: number;
  /** Blocks of R x 1 outputs that hold a non-zero. */
  blocks2x1: number;
  blocks4x1: number;
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
  for (let r = 0; r < rows; r++) {
    let inRow = 0;
    for (let i = 0; i < width; i += 4) {
      let inGroup = 0;
      for (let j = i; j < Math.min(i + 4, width); j++) if (data[r * width + j] !== 0) inGroup++;
      inRow += inGroup;
      nOf4 = Math.max(nOf4, inGroup);
    }
    nonZeros += inRow;
    if (inRow === 0) zeroRows++;
  }
  return {
    elements: rows * width,
    nonZeros,
    blocks2x1: countBlocks(matrix, 2),
    blocks4x1: countBlocks(matrix, 4),
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
  if (s.nonZeros >= 0.9 * s.blocks4x1 * 4) return `blocks 4x1${zeroFilters}`;
  if (s.nonZeros >= 0.9 * s.blocks2x1 * 2) return `blocks 2x1${zeroFilters}`;
  // By chance no group of a sparse matrix may be full: N:4 is a structure where its groups are.
  if (s.nOf4 > 0 && s.nOf4 < 4 && s.nonZeros >= 0.9 * (s.elements / 4) * s.nOf4) return `${s.nOf4}:4${zeroFilters}`;
  return `unstructured${zeroFilters}`;
}
