import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as F from '../../assembly/abi/spmv.ts';
import * as abi from '../../assembly/abi.ts';
import { compileGraph } from '../../src/compile.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { load } from '../../src/runtime/index.ts';
import { repack } from '../support/forge.ts';
import { randomTensor } from '../support/graphs.ts';
import { sparseTensor } from '../support/nets.ts';
import { rejects } from '../support/rejects.ts';

const ROWS = 40;
const COLS = 16;

/** Every sparse SpMV kernel: format, op code, engine class. */
const KERNELS = [
  ['csr', abi.OP_SPMV_CSR, 'narrow'],
  ['bsr2x1', abi.OP_SPMV_BSR2, 'narrow'],
  ['bsr4x1', abi.OP_SPMV_BSR4, 'narrow'],
  ['bsr8x1', abi.OP_SPMV_BSR8, 'narrow'],
  ['bsr16x1', abi.OP_SPMV_BSR16, 'narrow'],
  ['bsr32x1', abi.OP_SPMV_BSR32_NARROW, 'narrow'],
  ['bsr32x1', abi.OP_SPMV_BSR32_WIDE, 'wide'],
  ['bsr1x4', abi.OP_SPMV_BSR1X4, 'narrow'],
] as const;

for (const [format, op, engine] of KERNELS) {
  const g = new GraphBuilder('fc');
  g.output(
    g.gemm(g.input('x', 'float32', [1, COLS]), sparseTensor([ROWS, COLS], 0.3, 3), randomTensor([ROWS], 4)),
    'y',
  );
  const base = compileGraph(
    g.build(),
    {},
    { choose: (_, candidates) => candidates.find((c) => c.format === format) },
  ).bytes;

  /** The base with its SpMV record and the constants changed. */
  const forge = (change: (record: DataView, constants: DataView) => void) =>
    repack(base, (manifest, sections) => {
      const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const program = view(sections[manifest.plans[0][engine].section]);
      assert.is(program.getUint32(abi.REC_OP, true), op);
      change(program, view(sections[manifest.constants]));
    });
  const open = (file: Uint8Array) => load(file, { engine, target: 'simd' });
  const refused = (change: (record: DataView, constants: DataView) => void) =>
    rejects(() => open(forge(change)), 'INVALID_PACKAGE');
  const set = (field: number, value: number) => (record: DataView) => record.setUint32(field, value, true);

  test(`${format} (${engine}): what leads out of the operands is refused`, async () => {
    (await open(forge(() => {}))).dispose();
    for (const value of [1e6, 0x7fffffff, 0x80000000, 0xffffffff]) await refused(set(F.SPMV_BLOCK_ROWS, value));
    for (const value of [0, 1, 1e6, 0xffffffff]) await refused(set(F.SPMV_BLOCKS, value));
    for (const value of [1000, 0x7fffffff, 0x80000000]) await refused(set(F.SPMV_BATCH, value));
    for (const value of [1e6, 0x7ffffff0, 0xfffffff0]) {
      for (const field of [F.SPMV_X, F.SPMV_Y, F.SPMV_WEIGHTS, F.SPMV_OFFSETS, F.SPMV_COUNTS, F.SPMV_BIAS])
        await refused(set(field, value));
    }
  });

  test(`${format} (${engine}): counts that do not add up are refused`, async () => {
    for (const change of [1, -1, 0x7fffffff]) {
      await refused((record, constants) => {
        const at = record.getUint32(F.SPMV_COUNTS, true);
        constants.setUint32(at, constants.getUint32(at, true) + change, true);
      });
    }
  });

  test(`${format} (${engine}): x may reach to the end of the slack, with all inputs of its last block`, async () => {
    const model = await open(base);
    const last = model.arenaBytes + abi.SLACK - COLS * 4;
    model.dispose();
    (await open(forge(set(F.SPMV_X, last)))).dispose();
    await refused(set(F.SPMV_X, last + 4));
  });
}

test.run();
