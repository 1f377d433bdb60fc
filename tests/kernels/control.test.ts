import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as C from '../../assembly/abi/control.ts';
import { FILL_BYTES, FILL_DST, FILL_SIZE } from '../../assembly/abi/fill.ts';
import {
  CHECK_LOOP,
  MODULE_BYTES,
  MOST_ROUNDS,
  OP_FILL,
  OP_NEXT,
  OP_REPEAT,
  OP_SKIP,
  REC_OP,
  REC_SIZE,
} from '../../assembly/abi.ts';
import { bindKernels, type Kernels } from '../../src/runtime/engine.ts';
import { moduleOf } from '../support/machine.ts';

const memory = new WebAssembly.Memory({ initial: 2, maximum: 2 });
const kernels: Kernels = await bindKernels(moduleOf('simd'), memory, moduleOf('simd-extra'));
const view = new DataView(memory.buffer);
const start = MODULE_BYTES;
const arena = 0x10000;
kernels.setBounds(start, arena, arena + 0x1000, 256, start, start);

type Fields = Record<number, number>;
type Row = [op: number, size: number, fields?: Fields];

/** Writes records and returns their addresses and the end. */
function program(...rows: Row[]): number[] {
  const addresses = [start];
  for (const [op, size, fields = {}] of rows) {
    const at = addresses[addresses.length - 1];
    new Uint8Array(memory.buffer, at, size).fill(0);
    view.setUint32(at + REC_OP, op, true);
    view.setUint32(at + REC_SIZE, size, true);
    for (const [field, value] of Object.entries(fields)) view.setUint32(at + Number(field), value, true);
    addresses.push(at + size);
  }
  return addresses;
}

const fill = (at: number): Row => [OP_FILL, FILL_SIZE, { [FILL_DST]: at, [FILL_BYTES]: 4 }];
const skip = (records: number, fields: Fields = {}): Row => [
  OP_SKIP,
  C.SKIP_SIZE,
  { [C.SKIP_VALUE]: arena, [C.SKIP_TYPE]: C.SKIP_U32, [C.SKIP_ABOVE]: 1, [C.SKIP_RECORDS]: records, ...fields },
];
const repeat = (records: number, limit = 8): Row => [
  OP_REPEAT,
  C.REPEAT_SIZE,
  { [C.REPEAT_COUNT]: arena, [C.REPEAT_LIMIT]: limit, [C.REPEAT_RECORDS]: records },
];
const next: Row = [OP_NEXT, C.NEXT_SIZE];

/** The numbers of the records that run, found by running them one by one; then all at once, which has to end at the end. */
function visits(...rows: Row[]): number[] {
  const addresses = program(...rows);
  const last = addresses[addresses.length - 1];
  assert.is(Number(kernels.check(start, last) & 0xffffffffn), 0, 'the program is valid');
  const order: number[] = [];
  for (let at = start; at < last; ) {
    const index = addresses.indexOf(at);
    order.push(index);
    at = kernels.run(at, addresses[index + 1], 0, 1);
  }
  assert.is(kernels.run(start, last, 0, 1), last);
  return order;
}

/** Number of the record that the check rejects, and the field. */
function rejected(...rows: Row[]): [number, number] {
  const addresses = program(...rows);
  const result = kernels.check(start, addresses[addresses.length - 1]);
  return [Number(result >> 32n), Number(result & 0xffffffffn)];
}

const dst = arena + 64;

test('a skip jumps over records if its element lies above the limit, or if it does not', () => {
  const rows = (above: number, limit: number) => [
    skip(2, { [C.SKIP_ABOVE]: above, [C.SKIP_LIMIT]: limit }),
    fill(dst),
    fill(dst),
    fill(dst),
  ];
  view.setUint32(arena, 5, true);
  assert.equal(visits(...rows(1, 4)), [0, 3]);
  assert.equal(visits(...rows(1, 5)), [0, 1, 2, 3]);
  assert.equal(visits(...rows(0, 5)), [0, 3]);
  assert.equal(visits(...rows(0, 4)), [0, 1, 2, 3]);
});

test('a skip may end the program', () => {
  view.setUint32(arena, 5, true);
  assert.equal(visits(skip(1), fill(dst)), [0]);
});

test('elements are bytes, unsigned words or floats; a NaN does not lie above', () => {
  view.setUint32(arena, 0xffffff00, true);
  assert.equal(visits(skip(1), fill(dst)), [0]);
  assert.equal(visits(skip(1, { [C.SKIP_TYPE]: C.SKIP_U8 }), fill(dst)), [0, 1]);
  const half = new Uint32Array(new Float32Array([0.5]).buffer)[0];
  const asFloat = { [C.SKIP_TYPE]: C.SKIP_F32, [C.SKIP_LIMIT]: half };
  view.setFloat32(arena, 0.75, true);
  assert.equal(visits(skip(1, asFloat), fill(dst)), [0]);
  view.setFloat32(arena, -2, true);
  assert.equal(visits(skip(1, asFloat), fill(dst)), [0, 1]);
  view.setFloat32(arena, Number.NaN, true);
  assert.equal(visits(skip(1, asFloat), fill(dst)), [0, 1]);
});

test('a loop runs its body as often as the count says, up to its limit', () => {
  for (const [count, rounds] of [
    [0, 0],
    [1, 1],
    [3, 3],
    [0xffffffff, 8],
  ]) {
    view.setUint32(arena, count, true);
    const body = Array.from({ length: rounds }, () => [1, 2, 3]).flat();
    assert.equal(
      visits(repeat(2), fill(dst), fill(dst), next, fill(dst)),
      [0, ...(rounds ? body : [3]), 4],
      `${count}`,
    );
  }
});

test('a skip in a body skips in every round', () => {
  view.setUint32(arena, 2, true);
  assert.equal(visits(repeat(2), skip(1), fill(dst), next), [0, 1, 3, 1, 3]);
});

test('a loop entered behind its head runs once', () => {
  view.setUint32(arena, 2, true);
  assert.equal(visits(skip(1), repeat(1), fill(dst), next, fill(dst)), [0, 2, 3, 4]);
});

test('jumps that leave the program or a loop, and loops that nest or do not close, are rejected', () => {
  assert.equal(rejected(skip(2), fill(dst)), [0, C.SKIP_RECORDS]);
  assert.equal(rejected(skip(0xffffffff), fill(dst)), [0, C.SKIP_RECORDS]);
  assert.equal(rejected(skip(2), skip(9), fill(dst)), [1, C.SKIP_RECORDS]);
  assert.equal(rejected(repeat(1), fill(dst)), [0, C.REPEAT_RECORDS]);
  assert.equal(rejected(repeat(1), fill(dst), fill(dst)), [2, CHECK_LOOP]);
  assert.equal(rejected(fill(dst), next), [1, CHECK_LOOP]);
  assert.equal(rejected(repeat(2), fill(dst), next), [2, CHECK_LOOP]);
  assert.equal(rejected(repeat(2), skip(2), fill(dst), next, fill(dst)), [1, C.SKIP_RECORDS]);
  assert.equal(rejected(repeat(3), repeat(1), fill(dst), next, next), [1, C.REPEAT_RECORDS]);
});

test('operands of control records are checked', () => {
  assert.equal(rejected(skip(0, { [C.SKIP_VALUE]: arena + 0x2000 })), [0, C.SKIP_VALUE]);
  assert.equal(rejected(skip(0, { [C.SKIP_TYPE]: 3 })), [0, C.SKIP_TYPE]);
  assert.equal(rejected(skip(0, { [C.SKIP_ABOVE]: 2 })), [0, C.SKIP_ABOVE]);
  assert.equal(rejected(repeat(0, MOST_ROUNDS + 1), next), [0, C.REPEAT_LIMIT]);
});

test.run();
