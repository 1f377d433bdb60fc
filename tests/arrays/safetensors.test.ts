import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatSafetensors, parseSafetensors } from '../../src/arrays/safetensors.ts';
import { Tensor } from '../../src/tensor.ts';
import { raises } from '../support/raises.ts';

const PYTHON = '/usr/bin/python3';

const TENSORS = new Map([
  ['mask', new Tensor('bool', Uint8Array.of(1, 0, 1, 1, 0, 1), [2, 3])],
  ['fc.weight', new Tensor('float32', Float32Array.of(1.5, -2, 0.25), [3])],
  ['7', new Tensor('uint8', Uint8Array.of(255), [])],
  ['é', new Tensor('int64', BigInt64Array.of(-1n, 3n), [2, 1])],
  ['none', new Tensor('float32', new Float32Array(0), [0, 4])],
]);

/** A file of a header, which is text or becomes JSON, and `size` bytes of data. */
function fileOf(header: unknown, size: number): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + text.length + size);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  return file;
}

test('tensors survive writing and reading', () => {
  const file = formatSafetensors(TENSORS, { format: 'pt' });
  for (const bytes of [file, Buffer.concat([Uint8Array.of(0), file]).subarray(1)]) {
    const found = parseSafetensors(bytes, 'x');
    assert.equal([...found.keys()].sort(), [...TENSORS.keys()].sort());
    for (const [name, { type, data, dims }] of TENSORS) {
      const tensor = found.get(name)!;
      assert.is(tensor.type, type);
      assert.equal(tensor.dims, dims);
      assert.equal(tensor.data, data);
    }
  }
  assert.is(parseSafetensors(formatSafetensors(new Map()), 'x').size, 0);
  raises(() => formatSafetensors(new Map([['__metadata__', TENSORS.get('mask')!]])), 'INVALID_ARGUMENT');
});

test('a file byte by byte', () => {
  const header =
    '{"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"b":{"dtype":"BOOL","shape":[2],"data_offsets":[8,10]}}';
  const file = fileOf(header, 10);
  file.set([0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0, 1, 0], file.length - 10);
  const found = parseSafetensors(file, 'x');
  assert.equal(found.get('a')!.data, Float32Array.of(1.5, -2));
  assert.equal(found.get('b')!.data, Uint8Array.of(1, 0));
  const written = formatSafetensors(found);
  const padded = `${header}${' '.repeat(-header.length & 7)}`;
  assert.is(new TextDecoder().decode(written.subarray(8, 8 + padded.length)), padded);
  assert.is(new DataView(written.buffer).getBigUint64(0, true), BigInt(padded.length));
  assert.equal(written.slice(-10), file.slice(-10));
});

const SCRIPT = `
import json, struct, sys
data = sys.stdin.buffer.read()
n, = struct.unpack('<Q', data[:8])
try:
    from safetensors.numpy import load
    read = {k: (list(v.shape), v.reshape(-1).tolist()) for k, v in load(data).items()}
except ImportError:
    codes = {'F32': 'f', 'U8': 'B', 'BOOL': '?', 'I64': 'q'}
    read = {}
    for k, v in json.loads(data[8:8 + n]).items():
        if k == '__metadata__': continue
        a, b = v['data_offsets']
        code = codes[v['dtype']]
        read[k] = (v['shape'], list(struct.unpack('<%d%s' % ((b - a) // struct.calcsize(code), code), data[8 + n + a:8 + n + b])))
print(json.dumps(read))
`;

test('Python reads what is written', () => {
  if (!existsSync(PYTHON)) {
    console.log(`skipped: there is no ${PYTHON}`);
    return;
  }
  const { stdout, stderr, status } = spawnSync(PYTHON, ['-c', SCRIPT], { input: formatSafetensors(TENSORS) });
  assert.is(status, 0, String(stderr));
  assert.equal(JSON.parse(String(stdout)), {
    mask: [
      [2, 3],
      [true, false, true, true, false, true],
    ],
    'fc.weight': [[3], [1.5, -2, 0.25]],
    7: [[], [255]],
    é: [
      [2, 1],
      [-1, 3],
    ],
    none: [[0, 4], []],
  });
});

const entry = (from: number, to: number, shape: unknown = [to - from], dtype: unknown = 'U8') => ({
  dtype,
  shape,
  data_offsets: [from, to],
});

const HOSTILE: [string, Uint8Array, RegExp][] = [
  ['nothing', new Uint8Array(0), /no .safetensors file/],
  ['seven bytes', new Uint8Array(7), /no .safetensors file/],
  ['a header beyond the file', fileOf({}, 0).slice(0, 9), /declares a header of 2 bytes, the file has 9/],
  ['a header of 2^64 - 1 bytes', new Uint8Array(64).fill(255), /declares a header of 18446744073709551615/],
  ['no JSON', fileOf('{"a"', 0), /no JSON text/],
  ['no UTF-8', Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff), /no JSON text/],
  ['a list', fileOf([], 0), /no JSON object/],
  ['null', fileOf('null', 0), /no JSON object/],
  ['an entry that is a number', fileOf({ a: 1 }, 0), /tensor 'a' has no entry/],
  ['no shape', fileOf({ a: { dtype: 'U8', data_offsets: [0, 1] } }, 1), /the shape/],
  ['a negative dimension', fileOf({ a: entry(0, 1, [-1]) }, 1), /the shape/],
  ['a fraction', fileOf({ a: entry(0, 1, [0.5]) }, 1), /the shape/],
  ['a dimension beyond 2^53', fileOf({ a: entry(0, 1, [2 ** 60]) }, 1), /the shape/],
  ['a product that overflows', fileOf({ a: entry(0, 1, [2 ** 40, 2 ** 40]) }, 1), /takes .* bytes, found 1/],
  ['a thousand dimensions', fileOf({ a: entry(0, 1, new Array(1000).fill(1)) }, 1), /the shape/],
  ['descending offsets', fileOf({ a: entry(2, 1, [1]) }, 2), /the offsets/],
  ['offsets beyond the data', fileOf({ a: entry(0, 9) }, 8), /take 9 bytes, found 8/],
  ['data of no tensor', fileOf({ a: entry(0, 4) }, 8), /take 4 bytes, found 8/],
  ['a gap', fileOf({ a: entry(0, 2), b: entry(3, 5) }, 5), /'b' starts at byte 3 of the data, 2 is expected/],
  ['an overlap', fileOf({ a: entry(0, 4), b: entry(2, 6) }, 6), /'b' starts at byte 2 of the data, 4 is expected/],
  ['too few bytes for the shape', fileOf({ a: entry(0, 4, [2], 'F32') }, 4), /F32 \[2\] takes 8 bytes, found 4/],
  [
    'a boolean of 2',
    fileOf({ a: entry(0, 1, [1], 'BOOL') }, 1).map((b, i, all) => (i === all.length - 1 ? 2 : b)),
    /not 0 or 1/,
  ],
];

for (const [what, file, message] of HOSTILE) {
  test(`refused: ${what}`, () => raises(() => parseSafetensors(file, 'm.safetensors'), 'FILE_ERROR', /^m\.s/, message));
}

test('refused: element types that tensors do not have', () => {
  for (const dtype of ['BF16', 'F8_E4M3', 'toString', 3, null])
    raises(
      () => parseSafetensors(fileOf({ a: entry(0, 2, [1], dtype) }, 2), 'm'),
      'TYPE_MISMATCH',
      /'a'.*not supported/,
    );
});

test.run();
