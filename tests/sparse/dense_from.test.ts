import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type BsrArrays, type CsrArrays, denseFrom } from '../../src/sparse/dense_from.ts';
import { expectError } from '../support/graphs.ts';

const csr: CsrArrays = { format: 'csr', rows: 3, cols: 3, rowPtr: [0, 2, 2, 3], colIdx: [0, 2, 1], values: [1, 2, 3] };
const bsr: BsrArrays = {
  format: 'bsr',
  rows: 3,
  cols: 5,
  blockRows: 2,
  blockCols: 3,
  rowPtr: [0, 1, 2],
  colIdx: [0, 1],
  values: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
};

test('CSR', () => assert.equal([...denseFrom(csr, 'f')], [1, 0, 2, 0, 0, 0, 0, 3, 0]));

test('BSR blocks may overhang the matrix', () =>
  assert.equal([...denseFrom(bsr, 'f')], [1, 2, 3, 0, 0, 4, 5, 6, 0, 0, 0, 0, 0, 7, 8]));

test('an empty matrix has no entries', () =>
  assert.equal([...denseFrom({ ...csr, rowPtr: [0, 0, 0, 0], colIdx: [], values: [] }, 'f')], new Array(9).fill(0)));

const bad: [string, CsrArrays | BsrArrays, RegExp][] = [
  ['rowPtr falls', { ...csr, rowPtr: [0, 2, 1, 3] }, /f: rowPtr rises/],
  ['rowPtr beyond the entries', { ...csr, rowPtr: [0, 9, 2, 3] }, /rowPtr rises/],
  ['rowPtr not whole', { ...csr, rowPtr: [0, 1.5, 2, 3] }, /rowPtr rises/],
  ['rowPtr too short', { ...csr, rowPtr: [0, 3] }, /rowPtr has 4 entries, found 2/],
  ['rowPtr does not start at 0', { ...csr, rowPtr: [1, 2, 2, 3] }, /starts with 0/],
  ['rowPtr ends early', { ...csr, rowPtr: [0, 2, 2, 2] }, /ends with 3/],
  ['a column out of range', { ...csr, colIdx: [0, 3, 1] }, /colIdx of row 0/],
  ['a negative column', { ...csr, colIdx: [-1, 2, 1] }, /colIdx of row 0/],
  ['columns that do not ascend', { ...csr, colIdx: [2, 2, 1] }, /ascends.*found 2 after 2/],
  ['too few values', { ...csr, values: [1, 2] }, /values has 3 entries, found 2/],
  ['too few block values', { ...bsr, values: [1, 2] }, /values has 12 entries/],
  ['a block column out of range', { ...bsr, colIdx: [0, 2] }, /within 0 … 1/],
  ['no rows', { ...csr, rows: 0 }, /rows is a whole number >= 1/],
  ['blocks of no rows', { ...bsr, blockRows: 0 }, /blockRows/],
  ['a huge matrix', { ...csr, rows: 2 ** 20, cols: 2 ** 20 }, /too large/],
];

for (const [name, matrix, message] of bad) {
  test(`refuses ${name}`, () => expectError('INVALID_ARGUMENT', message, () => denseFrom(matrix, 'f')));
}

test.run();
