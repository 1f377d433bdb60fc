import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatNpz, parseNpz } from '../../src/arrays/npz.ts';
import { Tensor } from '../../src/tensor.ts';
import { raises } from '../support/raises.ts';

const arrays = new Map([
  [
    'x',
    new Tensor(
      'float32',
      Float32Array.from({ length: 600 }, (_, i) => i % 7),
      [2, 300],
    ),
  ],
  ['labels', new Tensor('int64', BigInt64Array.of(3n, -1n))],
  ['a/b é', new Tensor('uint8', Uint8Array.of(), [0, 4])],
]);

/** Changes a central directory entry of a zip file: `field` is its byte offset there. */
function forged(file: Uint8Array, entry: number, field: number, value: number, width: 2 | 4 = 4): Uint8Array {
  const copy = file.slice();
  const view = new DataView(copy.buffer);
  let found = -1;
  for (let at = 0; at + 46 <= copy.length; at++) {
    if (view.getUint32(at, true) !== 0x02014b50 || ++found !== entry) continue;
    if (width === 4) view.setUint32(at + field, value, true);
    else view.setUint16(at + field, value, true);
    return copy;
  }
  throw new Error('no such entry');
}

const METHOD = 10;
const PACKED = 20;
const SIZE = 24;
const OFFSET = 42;

for (const deflate of [false, true]) {
  test(`arrays survive writing and reading, ${deflate ? 'deflated' : 'stored'}`, () => {
    const { arrays: back, names } = parseNpz(formatNpz(arrays, deflate), 'a.npz');
    assert.equal(names, [...arrays.keys()]);
    assert.equal(back, arrays);
  });

  test(`a file cut off anywhere is refused, ${deflate ? 'deflated' : 'stored'}`, () => {
    const file = formatNpz(arrays, deflate);
    for (let length = 4; length < file.length; length += 7)
      raises(() => parseNpz(file.subarray(0, length), 'cut.npz'), 'FILE_ERROR', /^cut\.npz: /);
  });

  test(`sizes that the zip only claims are refused before memory is taken, ${deflate ? 'deflated' : 'stored'}`, () => {
    const file = formatNpz(arrays, deflate);
    for (const size of [2 ** 32 - 2, 2 ** 31, 2 ** 26]) {
      raises(() => parseNpz(forged(file, 0, SIZE, size), 'big.npz'), 'FILE_ERROR', /^big\.npz: array 'x' declares/);
      raises(() => parseNpz(forged(file, 0, PACKED, size), 'big.npz'), 'FILE_ERROR', /the file has \d+/);
    }
  });
}

test('every flipped byte of the directory is refused or leaves arrays of the declared shapes', () => {
  const file = formatNpz(arrays, true);
  const start = new DataView(file.buffer).getUint32(file.length - 6, true);
  for (let at = start; at < file.length; at++) {
    const copy = file.slice();
    copy[at] ^= 0xff;
    try {
      parseNpz(copy, 'flipped.npz');
    } catch (error) {
      assert.is((error as Error).name, 'ZeroskipError', `byte ${at}: ${error}`);
    }
  }
});

test('errors name the file and the array', () => {
  const file = formatNpz(arrays);
  const text = new TextEncoder().encode('no zip');
  raises(() => parseNpz(text, 'a.npz'), 'FILE_ERROR', /^a\.npz: it is no \.npz file/);
  raises(() => parseNpz(new Uint8Array(), 'a.npz'), 'FILE_ERROR', /^a\.npz: it is no \.npz file/);
  raises(
    () => parseNpz(forged(file, 1, METHOD, 12, 2), 'a.npz'),
    'FILE_ERROR',
    /array 'labels' is compressed by method 12/,
  );
  raises(() => parseNpz(forged(file, 1, OFFSET, 4000000), 'a.npz'), 'FILE_ERROR', /array 'labels'/);
});

test('unwanted arrays are listed, not read', () => {
  const file = formatNpz(arrays);
  const { arrays: some, names } = parseNpz(forged(file, 1, OFFSET, 4000000), 'a.npz', (name) => name === 'x');
  assert.equal([...some.keys()], ['x']);
  assert.is(names.length, 3);
});

test('the same array twice is refused', () => {
  const x = arrays.get('x')!;
  const twice = Buffer.from(
    formatNpz(
      new Map([
        ['x', x],
        ['y', x],
      ]),
    ),
  );
  for (let at = twice.indexOf('y.npy'); at >= 0; at = twice.indexOf('y.npy')) twice[at] = 'x'.charCodeAt(0);
  raises(() => parseNpz(new Uint8Array(twice), 'a.npz'), 'FILE_ERROR', /^a\.npz: there are two arrays 'x'/);
});

test.run();
