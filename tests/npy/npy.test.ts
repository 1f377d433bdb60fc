import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ZeroskipError } from '../../src/errors.ts';
import { fromNpy, toNpy } from '../../src/npy.ts';
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
  'float64',
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
      const file = toNpy(new Tensor(type, data, dims));
      assert.is((file.length - size * bytesOf(type)) % 64, 0, 'the elements are aligned');
      const back = fromNpy(file, 'x.npy');
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
  assert.equal(fromNpy(file, 'x').data, BigInt64Array.of(-1n, 2n ** 40n));
  assert.equal(toNpy(new Tensor('int64', BigInt64Array.of(-1n, 2n ** 40n))), new Uint8Array(file));
});

test('versions 2 and 3 have a longer header length', () => {
  for (const version of [2, 3]) {
    const { dims, data } = fromNpy(npy("'<f4'", 'False', '(1, 2)', bytesOfFloats(1, 2), version), 'x');
    assert.equal(dims, [1, 2]);
    assert.equal(data, Float32Array.of(1, 2));
  }
});

test('big-endian elements are swapped', () => {
  assert.equal(
    fromNpy(npy("'>i4'", 'False', '(2,)', [0, 0, 1, 2, 255, 255, 255, 254]), 'x').data,
    Int32Array.of(258, -2),
  );
});

test('column-major arrays become row-major', () => {
  const { data, dims } = fromNpy(npy("'|u1'", 'True', '(2, 3, 2)', [0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11]), 'x');
  assert.equal(dims, [2, 3, 2]);
  assert.equal([...numbersOf(new Tensor('uint8', data))], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
});

test('bad files are refused with what is wrong', () => {
  const four = bytesOfFloats(1);
  raises(() => fromNpy(new Uint8Array(), 'a.npy'), 'FILE_ERROR', /^a\.npy: it is no \.npy file/);
  raises(() => fromNpy(new TextEncoder().encode('PK\x03\x04 this is npz'), 'a.npz'), 'FILE_ERROR', /no \.npy file/);
  raises(() => fromNpy(npy("'<f4'", 'False', '(1,)', four, 4), 'a'), 'FILE_ERROR', /version/);
  raises(() => fromNpy(npy("'<f4'", 'False', '(1,)', four).subarray(0, 30), 'a'), 'FILE_ERROR', /cut off/);
  raises(() => fromNpy(npy("'<f4'", 'False', '(1,)', four).subarray(0, 9), 'a'), 'FILE_ERROR', /cut off/);
  raises(() => fromNpy(npy("'<f4'", 'False', '(2,)', four), 'a'), 'FILE_ERROR', /take 8 bytes, found 4/);
  raises(() => fromNpy(npy("'<f4'", 'False', '(0,)', four), 'a'), 'FILE_ERROR', /take 0 bytes, found 4/);
  raises(() => fromNpy(npy("'<f4'", 'False', '(-1,)', four), 'a'), 'FILE_ERROR', /header/);
  raises(() => fromNpy(npy("'<f4'", 'False', '(99999999999999999999,)', four), 'a'), 'FILE_ERROR', /header/);
  raises(() => fromNpy(npy("[('a', '<f4')]", 'False', '(1,)', four), 'a'), 'FILE_ERROR', /header/);
  raises(() => fromNpy(npy("'<c8'", 'False', '(1,)', new Uint8Array(8)), 'a'), 'TYPE_MISMATCH', /'<c8'/);
  for (const descr of ['|O', '|O8', '<U5', '|S3', '<M8[ns]', '|V8', '#f4'])
    raises(() => fromNpy(npy(`'${descr}'`, 'False', '(1,)', four), 'a'), 'TYPE_MISMATCH', /^a: elements of type/);
});

test('shapes that no array has are refused before anything is made of them', () => {
  const refused = (shape: string) =>
    raises(() => fromNpy(npy("'<f4'", 'False', shape, new Uint8Array()), 'a'), 'FILE_ERROR', /^a: the header/);
  refused('(4294967296, 4294967296)');
  refused('(1 2,)');
  refused('(1,,2)');
  refused('(,)');
  refused('(1.5,)');
  refused(`(${'1, '.repeat(65)})`);
  refused('(1e3,)');
  raises(
    () => fromNpy(npy("'<f4'", 'False', '(1000000000000,)', new Uint8Array()), 'a'),
    'FILE_ERROR',
    /take 4000000000000 bytes, found 0/,
  );
  raises(() => toNpy(new Tensor('uint8', new Uint8Array(1), new Array(65).fill(1))), 'INVALID_ARGUMENT', /64/);
});

test('an ArrayBuffer will do, nothing else', () => {
  const file = toNpy(new Tensor('float32', Float32Array.of(1, 2), [2]));
  assert.equal(fromNpy(file.buffer).data, Float32Array.of(1, 2));
  const within = new Uint8Array(file.length + 3);
  within.set(file, 3);
  assert.equal(fromNpy(within.subarray(3)).data, Float32Array.of(1, 2));
  raises(() => fromNpy('x.npy' as never), 'INVALID_ARGUMENT', /bytes are expected, found string/);
  raises(() => toNpy([1] as never), 'INVALID_ARGUMENT', /Tensor/);
});

test('no damaged file does anything but fail', () => {
  const file = toNpy(new Tensor('int16', Int16Array.of(1, 2, 3, 4, 5, 6), [2, 3]));
  let next = 1;
  for (let round = 0; round < 3000; round++) {
    const damaged = file.slice(0, round % 3 ? file.length : (next >>> 8) % file.length);
    for (let n = 1 + (round & 3); n > 0; n--) {
      next = Math.imul(next, 1103515245) + 12345;
      damaged[6 + ((next >>> 8) % 78)] = next >>> 24;
    }
    try {
      const { type, dims, data } = fromNpy(damaged);
      assert.is(data.byteLength, dims.reduce((a, b) => a * b, 1) * bytesOf(type));
    } catch (error) {
      assert.instance(error, ZeroskipError, String(error));
    }
  }
});

test.run();
