import { type Bsr, decodeBsr, encodeBsr, validateBsr } from './bsr.ts';
import type { Matrix } from './matrix.ts';

/**
 * Compressed sparse rows: BSR with blocks of one row.
 *
 * ```
 *   W                 counts   columns   values
 *     a . b .           2       0 2       a b
 *     . . . .           0
 *     . c . .           1       1         c
 * ```
 */
export type Csr = Bsr & { blockRows: 1 };

export const encodeCsr = (matrix: Matrix): Csr => encodeBsr(matrix, 1) as Csr;
export const decodeCsr = (csr: Csr): Float32Array => decodeBsr(csr);
export const validateCsr = (csr: Csr, what: string): void => validateBsr(csr, what);
