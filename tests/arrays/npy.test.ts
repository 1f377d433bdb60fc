import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatNpy, parseNpy } from '../../src/arrays/npy.ts';
import { arrayOf, bytesOf, type DType, numbersOf, Tensor } from '../../src/tensor.ts';
import { raises } from '../support/raises.ts';

/** A .npy file with a header of our choice. */
function npy(descr: string, fortran: string, shape: string, elements: ArrayLike<number>, version = 1): Uint8Array {
  const dict = `{'descr': ${descr}, 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`;
  const length = version === 1 ? [dict.length & 255, dict.length >> 8] : [dict.length & 255, dict.length >> 8, 0, 0];
  const text = new TextEncoder().encode(dict);
  return Uint8Array.from([
    0x93,
    ...new TextEncoder().encode('NUMPY'),
    version,
    0,
    ...length,
    ...text,
    ...Array.from(elements),
  ]);
}

const bytesOfFloats = (...x: number[]): Uint8Array => new Uint8Array(Float32Array.from(x).buffer);

const TYPES: DType[] = [
  'float32',
  'float16',
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'bool',
];

for (const type of TYPES) {
  test(`${type} survives writing and reading, of rank 0 to 4`, () => {
    for (const dims of [[], [0], [1], [7], [2, 3], [3, 0, 2], [2, 1, 3, 5]]) {
      const size = dims.reduce((a, b) => a * b, 1);
      const data = new (arrayOf(type))(size);
      for (let i = 0; i < size; i++)
        data[i] = data instanceof BigInt64Array || data instanceof BigUint64Array ? BigInt(i) : i % 2;
      const file = formatNpy(new Tensor(type, data, dims));
      assert.is((file.length - size * bytesOf(type)) % 64, 0, 'the elements are aligned');
      const back = parseNpy(file, 'x.npy');
      assert.is(back.type, type);
      assert.equal(back.dims, dims);
      assert.equal(back.data, data);
    }
  });
}

test('what numpy.save writes for an int64 array of shape (2,)', () => {
  const header = `{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }`.padEnd(117);
  const file = Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1'),
    Buffer.from(`${header}\n`),
    Buffer.from(BigInt64Array.of(-1n, 2n ** 40n).buffer),
  ]);
  assert.equal(parseNpy(file, 'x').data, BigInt64Array.of(-1n, 2n ** 40n));
  assert.equal(formatNpy(new Tensor('int64', BigInt64Array.of(-1n, 2n ** 40n))), new Uint8Array(file));
});

test('versions 2 and 3 have a longer header length', () => {
  for (const version of [2, 3]) {
    const { dims, data } = parseNpy(npy("'<f4'", 'False', '(1, 2)', bytesOfFloats(1, 2), version), 'x');
    assert.equal(dims, [1, 2]);
    assert.equal(data, Float32Array.of(1, 2));
  }
});

test('big-endian elements are swapped', () => {
  assert.equal(
    parseNpy(npy("'>i4'", 'False', '(2,)', [0, 0, 1, 2, 255, 255, 255, 254]), 'x').data,
    Int32Array.of(258, -2),
  );
});

test('column-major arrays become row-major', () => {
  const { data, dims } = parseNpy(npy("'|u1'", 'True', '(2, 3, 2)', [0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11]), 'x');
  assert.equal(dims, [2, 3, 2]);
  assert.equal([...numbersOf(new Tensor('uint8', data))], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
});

test('bad files are refused with what is wrong', () => {
  const four = bytesOfFloats(1);
  raises(() => parseNpy(new Uint8Array(), 'a.npy'), 'FILE_ERROR', /^a\.npy: it is no \.npy file/);
  raises(() => parseNpy(new TextEncoder().encode('PK\x03\x04 this is npz'), 'a.npz'), 'FILE_ERROR', /no \.npy file/);
  raises(() => parseNpy(npy("'<f4'", 'False', '(1,)', four, 4), 'a'), 'FILE_ERROR', /version/);
  raises(() => parseNpy(npy("'<f4'", 'False', '(1,)', four).subarray(0, 30), 'a'), 'FILE_ERROR', /cut off/);
  raises(() => parseNpy(npy("'<f4'", 'False', '(1,)', four).subarray(0, 9), 'a'), 'FILE_ERROR', /cut off/);
  raises(() => parseNpy(npy("'<f4'", 'False', '(2,)', four), 'a'), 'FILE_ERROR', /take 8 bytes, found 4/);
  raises(() => parseNpy(npy("'<f4'", 'False', '(0,)', four), 'a'), 'FILE_ERROR', /take 0 bytes, found 4/);
  raises(() => parseNpy(npy("'<f4'", 'False', '(-1,)', four), 'a'), 'FILE_ERROR', /header/);
  raises(() => parseNpy(npy("'<f4'", 'False', '(99999999999999999999,)', four), 'a'), 'FILE_ERROR', /header/);
  raises(() => parseNpy(npy("[('a', '<f4')]", 'False', '(1,)', four), 'a'), 'FILE_ERROR', /header/);
  raises(() => parseNpy(npy("'<f8'", 'False', '(1,)', new Uint8Array(8)), 'a'), 'TYPE_MISMATCH', /float32/);
  raises(() => parseNpy(npy("'<c8'", 'False', '(1,)', new Uint8Array(8)), 'a'), 'TYPE_MISMATCH', /'<c8'/);
  raises(() => parseNpy(npy("'|O8'", 'False', '(1,)', new Uint8Array(8)), 'a'), 'TYPE_MISMATCH', /'\|O8'/);
});

test.run();
