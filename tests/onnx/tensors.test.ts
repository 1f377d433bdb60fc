import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ZeroskipError } from '../../src/errors.ts';
import { importOnnx } from '../../src/onnx/import.ts';
import { Tensor } from '../../src/tensor.ts';
import { fakeOps } from '../support/fake_ops.ts';
import {
  FLOAT,
  float,
  floats,
  info,
  int,
  ints,
  model,
  type Part,
  packed,
  rawOf,
  sparseTensor,
  sub,
  tensor,
  text,
} from '../support/onnx_bytes.ts';
import { raises } from '../support/raises.ts';

const ops = fakeOps();
const x = info('x', [1]);

type Files = (location: string) => Uint8Array;

const constant = (initializer: Part[], externalData?: Files): Tensor =>
  importOnnx(model({ initializers: [initializer], inputs: [x], outputs: [x] }), { ops, externalData }).values.get('w')
    ?.constant as Tensor;

const sparse = (values: Part[], indices: Part[], dims: number[]): Tensor =>
  importOnnx(model({ sparse: [sparseTensor(values, indices, dims)], inputs: [x], outputs: [x] }), { ops }).values.get(
    'w',
  )?.constant as Tensor;

test('raw data of every type', () => {
  const raw = (type: number, array: ArrayBufferView & { length: number }) =>
    constant(tensor('w', type, [array.length], rawOf(array)));
  const same: [number, Tensor][] = [
    [1, new Tensor('float32', [1.5, -0])],
    [2, new Tensor('uint8', [0, 255])],
    [3, new Tensor('int8', [-128, 127])],
    [4, new Tensor('uint16', [0, 65535])],
    [5, new Tensor('int16', [-32768, 32767])],
    [6, new Tensor('int32', [-(2 ** 31), 5])],
    [7, new Tensor('int64', [-(2n ** 63n), 2n ** 63n - 1n])],
    [9, new Tensor('bool', [1, 0])],
    [12, new Tensor('uint32', [0, 2 ** 32 - 1])],
    [13, new Tensor('uint64', [0n, 2n ** 64n - 1n])],
  ];
  for (const [type, expected] of same) assert.equal(raw(type, expected.data), expected);
  assert.equal(raw(11, Float64Array.of(0.1, -2)), new Tensor('float32', [0.1, -2]));
  assert.equal(raw(9, Uint8Array.of(2, 0)), new Tensor('bool', [1, 0]));
});

test('typed fields of every type', () => {
  const field = (type: number, data: Part) => constant(tensor('w', type, [2], data));
  const varints = (number: number, ...values: number[]) =>
    packed(number, (w) => {
      for (const v of values) w.int32(v);
    });
  const two32 = (a: number, b: number): Part =>
    packed(4, (w) => {
      w.float(a).float(b);
    });
  assert.equal(field(1, two32(1.5, -2)), new Tensor('float32', [1.5, -2]));
  assert.equal(field(1, float(4, 1.5, -2)), new Tensor('float32', [1.5, -2]));
  assert.equal(field(2, varints(5, 0, 255)), new Tensor('uint8', [0, 255]));
  assert.equal(field(3, varints(5, -128, 127)), new Tensor('int8', [-128, 127]));
  assert.equal(field(4, varints(5, 0, 65535)), new Tensor('uint16', [0, 65535]));
  assert.equal(field(5, varints(5, -5, 5)), new Tensor('int16', [-5, 5]));
  assert.equal(field(6, int(5, -5, 5)), new Tensor('int32', [-5, 5]));
  assert.equal(field(7, int(7, -(2n ** 63n), 2n ** 53n + 1n)), new Tensor('int64', [-(2n ** 63n), 2n ** 53n + 1n]));
  assert.equal(field(9, varints(5, 1, 0)), new Tensor('bool', [1, 0]));
  assert.equal(field(10, varints(5, 0x3c00, 0xc000)), new Tensor('float32', [1, -2]));
  assert.equal(field(16, varints(5, 0x3f80, 0xc000)), new Tensor('float32', [1, -2]));
  const doubles = packed(10, (w) => {
    w.double(0.5).double(1e300);
  });
  assert.equal(field(11, doubles), new Tensor('float32', [0.5, Number.POSITIVE_INFINITY]));
  const big = packed(11, (w) => {
    w.uint64(0n).uint64(2n ** 64n - 1n);
  });
  assert.equal(field(13, big), new Tensor('uint64', [0n, 2n ** 64n - 1n]));
  assert.equal(field(12, int(11, 1, 2 ** 32 - 1)), new Tensor('uint32', [1, 2 ** 32 - 1]));
});

test('float16 and bfloat16 become float32 exactly', () => {
  const half = (...bits: number[]) => [...constant(tensor('w', 10, [bits.length], rawOf(Uint16Array.from(bits)))).data];
  assert.equal(half(0x3c00, 0x3c01, 0x7bff, 0x0400), [1, 1 + 2 ** -10, 65504, 2 ** -14]);
  assert.equal(half(0x0001, 0x03ff, 0x8001), [2 ** -24, 1023 * 2 ** -24, -(2 ** -24)]);
  assert.equal(half(0x7c00, 0xfc00), [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  assert.ok(Number.isNaN(half(0x7e00)[0]));
  assert.ok(Object.is(half(0x8000)[0], -0));
  const brain = constant(tensor('w', 16, [3], rawOf(Uint16Array.of(0x3f80, 0xff80, 0x0001))));
  assert.equal([...brain.data], [1, Number.NEGATIVE_INFINITY, 2 ** -133]);
});

test('types and forms that are not supported', () => {
  raises(() => constant(tensor('w', 8, [1], text(6, 'a'))), 'UNSUPPORTED_OP', /initializer 'w' .* type string/);
  raises(() => constant(tensor('w', 22, [2], int(5, 1))), 'UNSUPPORTED_OP', /type int4/);
  raises(() => constant(tensor('w', 99, [2], int(5, 1))), 'UNSUPPORTED_OP', /type number 99/);
  raises(() => constant(tensor('w', 1, [1], sub(3), float(4, 1))), 'UNSUPPORTED_OP', /segments/);
});

test('dims and data have to agree', () => {
  const raw = rawOf(Float32Array.of(1, 2, 3));
  assert.equal(constant(tensor('w', FLOAT, [0], rawOf(new Float32Array(0)))).dims, [0]);
  assert.equal(constant(tensor('w', FLOAT, [0])).size, 0);
  assert.equal(constant(tensor('w', FLOAT, [], float(4, 3))).dims, []);
  raises(() => constant(tensor('w', FLOAT, [2], raw)), 'INVALID_MODEL', /'w' has dims 2, .* 8 bytes, found 12/);
  raises(() => constant(tensor('w', FLOAT, [4], float(4, 1))), 'INVALID_MODEL', /4 elements, found 1/);
  raises(() => constant(tensor('w', FLOAT, [2])), 'INVALID_MODEL', /2 elements, found 0/);
  raises(() => constant(tensor('w', FLOAT, [-3], raw)), 'INVALID_MODEL', /impossible dims -3/);
  const huge = [2 ** 31, 2 ** 31, 2 ** 31];
  raises(() => constant(tensor('w', FLOAT, huge, raw)), 'INVALID_MODEL', /impossible dims/);
  raises(() => constant(tensor('w', FLOAT, [2 ** 40], raw)), 'INVALID_MODEL', /found 12/);
  raises(() => constant(tensor('w', FLOAT, new Array(65).fill(1), raw)), 'INVALID_MODEL', /impossible dims/);
  raises(() => constant(floats('', [1], [1])), 'INVALID_MODEL', /has no name/);
});

const external = (...entries: [string, string][]): Part[] =>
  tensor('w', FLOAT, [2], int(14, 1), ...entries.map(([key, value]) => sub(13, text(1, key), text(2, value))));

test('external data', () => {
  const file = new Uint8Array(Float32Array.of(9, 1, 2, 9).buffer);
  const asked: string[] = [];
  const files: Files = (location) => {
    asked.push(location);
    return file;
  };
  const location: [string, string] = ['location', './sub/w.bin'];
  const w = constant(external(location, ['offset', '4'], ['length', '8']), files);
  assert.equal([...w.data], [1, 2]);
  assert.is(w.data.buffer, file.buffer);
  assert.equal(asked, ['sub/w.bin']);
  assert.equal([...constant(external(location), files).data], [9, 1]);
  raises(() => constant(external(location, ['length', '4']), files), 'INVALID_MODEL', /8 bytes, found 4/);
  raises(() => constant(external(location, ['offset', '12']), files), 'INVALID_MODEL', /bytes 12 to 20 .* has 16/);
  raises(() => constant(external(location, ['offset', '-4']), files), 'INVALID_MODEL', /offset .* '-4'/);
  raises(() => constant(external(location, ['offset', '1e9']), files), 'INVALID_MODEL', /offset/);
  raises(() => constant(external(location)), 'FILE_ERROR', /'w' is kept in 'sub\/w\.bin'/);
  const missing: Files = () => {
    throw new Error('ENOENT');
  };
  raises(() => constant(external(location), missing), 'FILE_ERROR', /'sub\/w\.bin', which cannot be read/);
  const refuse: Files = () => {
    throw new ZeroskipError('FILE_ERROR', 'no such file');
  };
  raises(() => constant(external(location), refuse), 'FILE_ERROR', /^no such file$/);
});

test('external data outside of the folder of the model are not asked for', () => {
  const files: Files = () => {
    throw new Error('asked');
  };
  for (const path of ['../w', 'a/../../w', '/etc/passwd', 'C:\\w', 'C:/w', '..\\w', '\\\\host\\w', 'a/..', '', 'a\0b'])
    raises(() => constant(external(['location', path]), files), 'INVALID_MODEL', /a file beside the model/);
});

test('sparse tensors become dense ones', () => {
  assert.equal(
    sparse(floats('w', [2], [5, 6]), ints('', [2], [1, 5]), [2, 3]),
    new Tensor('float32', [0, 5, 0, 0, 0, 6], [2, 3]),
  );
  assert.equal(
    sparse(floats('w', [2], [5, 6]), ints('', [2, 2], [0, 1, 1, 2]), [2, 3]).data,
    Float32Array.of(0, 5, 0, 0, 0, 6),
  );
  assert.equal(sparse(ints('w', [1], [7]), ints('', [1], [2]), [3]), new Tensor('int64', [0n, 0n, 7n]));
  const halves = tensor('w', 10, [1], rawOf(Uint16Array.of(0x4000)));
  assert.equal(sparse(halves, ints('', [1], [0]), [2]), new Tensor('float32', [2, 0]));
  assert.equal(sparse(floats('w', [0], []), ints('', [0], []), [2]), new Tensor('float32', [0, 0]));
});

test('sparse tensors that do not fit together', () => {
  const two = floats('w', [2], [5, 6]);
  const bad = (values: Part[], indices: Part[], dims: number[], pattern: RegExp) =>
    raises(() => sparse(values, indices, dims), 'INVALID_MODEL', pattern);
  bad(two, ints('', [2], [1, 6]), [2, 3], /index 6 outside/);
  bad(two, ints('', [2], [-1, 2]), [2, 3], /index -1 outside/);
  bad(two, ints('', [2, 2], [0, 1, 1, 3]), [2, 3], /index 3 outside of 2x3/);
  bad(two, ints('', [2], [3, 3]), [2, 3], /do not ascend/);
  bad(two, ints('', [1], [3]), [2, 3], /indices are int64 2 or 2x2, found int64 1/);
  bad(two, ints('', [2, 3], [0, 0, 0, 0, 0, 1]), [2, 3], /found int64 2x3/);
  bad(two, floats('', [2], [0, 1]), [2, 3], /found float32 2/);
  bad(floats('w', [1, 2], [5, 6]), ints('', [2], [0, 1]), [2, 3], /1-D values/);
  bad(two, ints('', [2], [0, 1]), [2 ** 20, 2 ** 20], /out of proportion/);
  bad(two, ints('', [2], [0, 1]), [2 ** 40, 2 ** 40], /impossible dims/);
});

test('many sparse tensors share one allowance', () => {
  const many = Array.from({ length: 3000 }, (_, i) =>
    sparseTensor(floats(`w${i}`, [0], []), ints('', [0], []), [2 ** 20]),
  );
  const bytes = model({ sparse: many, inputs: [x], outputs: [x] });
  raises(() => importOnnx(bytes, { ops }), 'INVALID_MODEL', /out of proportion/);
});

test.run();
