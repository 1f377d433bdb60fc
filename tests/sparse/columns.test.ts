import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeCsc, encodeColumns, encodeCsc } from '../../src/sparse/columns.ts';
import { wholeRows } from '../../src/sparse/matrix.ts';
import { sparseTensor } from '../support/nets.ts';

test('columns of 5 x 2 are padded to 8 rows', () => {
  const columns = encodeColumns(wholeRows(5, 2, Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)));
  assert.equal([...columns], [1, 3, 5, 7, 9, 0, 0, 0, 2, 4, 6, 8, 10, 0, 0, 0]);
});

test('blocks of the drawn matrix', () => {
  const csc = encodeCsc(wholeRows(3, 4, Float32Array.of(1, 0, 2, 0, 3, 4, -0, 0, 0, 0, 0, 5)), 2);
  assert.equal([...csc.starts], [0, 1, 2, 3, 4]);
  assert.equal([...csc.blockRows], [0, 0, 0, 1]);
  assert.equal([...csc.values], [1, 3, 0, 4, 2, 0, 5, 0]);
});

test('decoding gives the matrix again', () => {
  for (const [rows, cols] of [
    [0, 3],
    [3, 0],
    [1, 1],
    [7, 5],
    [16, 9],
    [33, 20],
  ]) {
    for (const density of [0, 0.1, 1]) {
      const data = sparseTensor([rows, cols], density, 5).data as Float32Array;
      for (const height of [1, 4])
        assert.equal([...decodeCsc(encodeCsc(wholeRows(rows, cols, data), height), rows, cols)], [...data]);
    }
  }
});

test.run();
