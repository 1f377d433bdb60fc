import { readdirSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as abi from '../../assembly/abi.ts';
import { bindKernels } from '../../src/runtime/engine.ts';
import { hasRelaxedSimd } from '../../src/runtime/features.ts';
import { Machine, moduleOf } from '../support/machine.ts';
import { textOf } from '../support/sources.ts';

const folder = new URL('../../assembly/abi/', import.meta.url);
/** The record of the image module has no header, no op code and no interpreter. */
const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && file !== 'image.ts');

/** Fields that stand for several words in a row: their successor is this many words behind. */
const ARRAYS: Record<string, number> = {
  BINARY_N0: 5,
  BINARY_A0: 5,
  BINARY_B0: 5,
  BINARY_Y0: 5,
  COMPARE_N0: 5,
  COMPARE_A0: 5,
  COMPARE_B0: 5,
  COMPARE_Y0: 5,
  COPY_N0: 5,
  COPY_S0: 5,
  COPY_D0: 5,
  REDUCE_K0: 3,
  REDUCE_KX0: 3,
  REDUCE_KY0: 3,
  REDUCE_R0: 3,
  REDUCE_RX0: 3,
  WHERE_N0: 4,
  WHERE_C0: 4,
  WHERE_A0: 4,
  WHERE_B0: 4,
  WHERE_Y0: 4,
};

const operators = Object.entries(abi).filter(([name]) => /^OP_(?!LIMIT|EXTRA)/.test(name));

for (const file of files) {
  test(`assembly/abi/${file}: the fields follow each other without gaps, and the size closes them`, async () => {
    const entries = Object.entries((await import(new URL(file, folder).href)) as Record<string, number>);
    const sizes = entries.filter(([name]) => name.endsWith('_SIZE'));
    assert.ok(sizes.length > 0, 'there is a record size');
    for (const [sizeName, size] of sizes) {
      const family = sizeName.slice(0, -'SIZE'.length);
      // Kinds and loop counts are smaller than the first field.
      const fields = entries.filter(
        ([name, value]) => name.startsWith(family) && !/_(SIZE|KINDS)$/.test(name) && value >= abi.REC_BODY,
      );
      fields.sort((a, b) => a[1] - b[1]);
      let next = abi.REC_BODY;
      for (const [name, offset] of fields) {
        assert.is(offset, next, `${name} stands at ${next}`);
        next += 4 * (ARRAYS[name] ?? 1);
      }
      assert.is(size, next, sizeName);
      assert.ok((size - abi.REC_BODY) / 4 <= 32, `${sizeName}: the header's bitmaps cover the body`);
    }
  });
}

test('kinds of a family count from 0', async () => {
  for (const file of files) {
    const entries = Object.entries((await import(new URL(file, folder).href)) as Record<string, number>);
    const kinds = entries.find(([name]) => name.endsWith('_KINDS'));
    if (!kinds) continue;
    const values = entries
      .filter(([name, value]) => value < abi.REC_BODY && !/_(KINDS|OUTER)$/.test(name))
      .map(([, v]) => v);
    assert.equal(
      values.toSorted((a, b) => a - b),
      Array.from({ length: kinds[1] }, (_, i) => i),
      file,
    );
  }
});

test('op codes are distinct, positive and below the limit of the table', () => {
  const codes = operators.map(([, code]) => code);
  assert.is(new Set(codes).size, codes.length);
  assert.ok(codes.every((code) => Number.isInteger(code) && code > 0 && code < abi.OP_LIMIT));
});

test('the Wasm builds carry this ABI version and their variant', () => {
  for (const [variant, bit] of [
    ['simd', 0],
    ['relaxed', 0x10000],
  ] as const) {
    if (variant === 'relaxed' && !hasRelaxedSimd()) continue;
    const memory = new WebAssembly.Memory({ initial: 1 });
    const { marker } = new WebAssembly.Instance(moduleOf(variant), { env: { memory } }).exports;
    assert.is((marker as WebAssembly.Global).value, abi.ABI_VERSION | bit);
  }
});

test('what both modules share, and what each has of its own, does not overlap', () => {
  assert.ok(abi.MODULE_ROUND + 4 <= abi.MODULE_DISPATCH);
  assert.ok(abi.MODULE_DISPATCH + abi.OP_LIMIT * 12 <= abi.MODULE_CORE);
  const { targets } = JSON.parse(textOf('asconfig.json'));
  for (const variant of ['simd', 'relaxed']) {
    assert.is(targets[variant].memoryBase, abi.MODULE_CORE);
    assert.is(targets[`${variant}-extra`].memoryBase, abi.MODULE_EXTRA);
    assert.is(targets[`${variant}-extra`].tableBase, abi.TABLE_EXTRA);
  }
  const memory = new WebAssembly.Memory({ initial: 1 });
  const core = new WebAssembly.Instance(moduleOf('simd'), { env: { memory } }).exports;
  const table = core.table as WebAssembly.Table;
  assert.ok(table.length <= abi.TABLE_EXTRA, `the core has ${table.length} table entries`);
  table.grow(abi.TABLE_LIMIT - table.length);
  const extra = new WebAssembly.Instance(moduleOf('simd-extra'), { env: { memory, table } }).exports;
  assert.ok(Number((core.heapBase as WebAssembly.Global).value) <= abi.MODULE_EXTRA);
  assert.ok(Number((extra.heapBase as WebAssembly.Global).value) <= abi.MODULE_LISTS);
});

test('the core alone knows no op code of the second module', async () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const core = await bindKernels(moduleOf('simd'), memory);
  const at = abi.MODULE_BYTES + 64;
  const view = new DataView(memory.buffer);
  for (const [, op] of operators) {
    view.setUint32(at + abi.REC_OP, op, true);
    const wrong = Number(core.check(at, at + abi.REC_BODY) & 0xffffffffn);
    assert.is(wrong, op >= abi.OP_EXTRA ? abi.CHECK_OP : abi.CHECK_SIZE, `op code ${op}`);
  }
});

test('a record of every op code has the size of its family, and no other code is known', async () => {
  const { kernels, bytes, memory } = await Machine.open('simd', 2);
  const at = abi.MODULE_BYTES + 64;
  const view = new DataView(memory.buffer);
  kernels.setBounds(at + 1024, at + 2048, at + 4096, abi.SLACK, at + 2048, at + 2048);
  const known = new Set<number>();
  for (let op = 0; op < abi.OP_LIMIT + 2; op++) {
    for (let size = abi.REC_BODY; size <= abi.REC_BODY + 128; size += 4) {
      bytes.fill(0, at, at + 256);
      view.setUint32(at + abi.REC_OP, op, true);
      view.setUint32(at + abi.REC_SIZE, size, true);
      const wrong = Number(kernels.check(at, at + size) & 0xffffffffn);
      if (wrong === abi.CHECK_OP) continue;
      if (wrong !== abi.CHECK_SIZE) known.add(op);
    }
  }
  assert.equal(
    [...known].sort((a, b) => a - b),
    operators.map(([, code]) => code).sort((a, b) => a - b),
  );
});

test.run();
