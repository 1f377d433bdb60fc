import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as X from '../../assembly/abi/expand.ts';
import { FILL_BYTES, FILL_DST, FILL_SIZE } from '../../assembly/abi/fill.ts';
import * as F from '../../assembly/abi/spmm.ts';
import {
  OP_EXPAND,
  OP_FILL,
  OP_SPMM_CSR_NARROW,
  OP_SPMM_CSR_WIDE,
  REC_ARENA,
  REC_BODY,
  REC_CONST,
  REC_OP,
  REC_SIZE,
} from '../../assembly/abi.ts';
import { compileGraph } from '../../src/compile.ts';
import { readPackage } from '../../src/package/read.ts';
import { load } from '../../src/runtime/index.ts';
import { Tensor } from '../../src/tensor.ts';
import { repack } from '../support/forge.ts';
import { cnn } from '../support/nets.ts';
import { rejects } from '../support/rejects.ts';

const CHANNELS = 3;
const TAPS = 9;

const base = compileGraph(cnn(), {}, { choose: (_, candidates) => candidates.find((c) => c.format === 'csr') }).bytes;
const engine = 'narrow';

interface Record {
  view: DataView;
  at: number;
}

/** The records of a section. */
function recordsOf(section: Uint8Array): Record[] {
  const view = new DataView(section.buffer, section.byteOffset, section.byteLength);
  const list: Record[] = [];
  for (let at = 0; at < section.byteLength; at += view.getUint32(at + REC_SIZE, true)) list.push({ view, at });
  return list;
}

const u32 = ({ view, at }: Record, field: number): number => view.getUint32(at + field, true);
const set = ({ view, at }: Record, field: number, value: number): void => view.setUint32(at + field, value, true);
const bit = (field: number): number => 1 << ((field - REC_BODY) / 4);

interface Parts {
  init: Record[];
  program: Record[];
  constants: Uint8Array;
  /** The first SpMM record, and the record that expands its offsets. */
  spmm: Record;
  expand: Record;
}

const isSpmm = (r: Record): boolean => [OP_SPMM_CSR_NARROW, OP_SPMM_CSR_WIDE].includes(u32(r, REC_OP));

/** The base with changed records. */
const forge = (change: (parts: Parts) => void): Uint8Array =>
  repack(base, (manifest, sections) => {
    const init = recordsOf(sections[manifest.init]);
    const program = recordsOf(sections[manifest.plans[0][engine].section]);
    const spmm = program.find(isSpmm)!;
    const expand = init.find((r) => u32(r, X.EXPAND_DST) === u32(spmm, F.SPMM_OFFSETS))!;
    change({ init, program, constants: sections[manifest.constants], spmm, expand });
  });

const open = (file: Uint8Array) => load(file, { engine, target: 'simd' });
const refused = (change: (parts: Parts) => void, ...patterns: RegExp[]) =>
  rejects(() => open(forge(change)), 'INVALID_PACKAGE', ...patterns);

test('the base has what these tests change', async () => {
  const model = await open(
    forge(({ expand, spmm }) => {
      assert.is(u32(expand, REC_OP), OP_EXPAND);
      assert.is(u32(expand, X.EXPAND_LIMIT), CHANNELS * TAPS);
      assert.is(u32(spmm, F.SPMM_BLOCK_ROWS), 4);
    }),
  );
  assert.is(model.runSync({ x: new Tensor('float32', new Float32Array(216), [1, 3, 8, 9]) }).y.size, 6);
});

test('row numbers from the limit on are refused, below it they are taken', async () => {
  const numbered = (value: number) => (parts: Parts) => {
    const { constants, expand } = parts;
    assert.is(u32(expand, X.EXPAND_WIDTH), 2);
    const at = u32(expand, X.EXPAND_NUMBERS);
    new DataView(constants.buffer, constants.byteOffset).setUint16(at, value, true);
  };
  for (const value of [CHANNELS * TAPS, CHANNELS * TAPS + 1, 0x7fff, 0xffff])
    await refused(numbered(value), /record 0|record \d+/);
  for (const value of [0, CHANNELS * TAPS - 1]) (await open(forge(numbered(value)))).dispose();
});

test('a larger limit that lets offsets leave the operand is refused', async () => {
  await refused(({ expand, constants }) => {
    set(expand, X.EXPAND_LIMIT, 0xffff);
    const at = u32(expand, X.EXPAND_NUMBERS);
    new DataView(constants.buffer, constants.byteOffset).setUint16(at, 0xfff0, true);
  });
});

test('taps and channel bytes that lead out of the operand are refused', async () => {
  await refused(({ expand }) => set(expand, X.EXPAND_CHANNEL_BYTES, 0x10000000));
  await refused(({ expand, constants }) => {
    new DataView(constants.buffer, constants.byteOffset).setUint32(u32(expand, X.EXPAND_TABLE), 0x00ffffff, true);
  });
});

test('offsets and counts that stand in the arena, where they could change, are refused', async () => {
  for (const field of [F.SPMM_OFFSETS, F.SPMM_COUNTS]) {
    await refused(({ spmm }) => {
      set(spmm, REC_ARENA, u32(spmm, REC_ARENA) | bit(field));
      set(spmm, REC_CONST, u32(spmm, REC_CONST) & ~bit(field));
      set(spmm, field, 0);
      // The arena is empty at load: its counts add up to no blocks.
      if (field === F.SPMM_COUNTS) set(spmm, F.SPMM_BLOCKS, 0);
    }, /record \d+ \(Conv 'Conv'\)/);
  }
});

test('counts that do not add up are refused', async () => {
  for (const change of [1, -1, 1000, 0x7fffffff]) {
    await refused(({ spmm, constants }) => {
      const view = new DataView(constants.buffer, constants.byteOffset);
      const at = u32(spmm, F.SPMM_COUNTS);
      view.setUint32(at, view.getUint32(at, true) + change, true);
    });
  }
});

test('counts that add up only modulo 2^32 are refused', async () => {
  await refused(({ spmm, constants }) => {
    const view = new DataView(constants.buffer, constants.byteOffset);
    const at = u32(spmm, F.SPMM_COUNTS);
    view.setUint32(at, view.getUint32(at, true) + 0x80000000, true);
    view.setUint32(at + 4, view.getUint32(at + 4, true) + 0x80000000, true);
  });
});

test('addresses without a region are refused: the module, the programs, the tables', async () => {
  for (const field of [F.SPMM_X, F.SPMM_Y, F.SPMM_WEIGHTS, F.SPMM_OFFSETS, F.SPMM_BIAS]) {
    for (const address of [0, 64, 4096]) {
      await refused(({ spmm }) => {
        set(spmm, REC_ARENA, u32(spmm, REC_ARENA) & ~bit(field));
        set(spmm, REC_CONST, u32(spmm, REC_CONST) & ~bit(field));
        set(spmm, field, address);
      });
    }
  }
});

test('nothing but the arena is written: constants and tables are refused as outputs', async () => {
  await refused(({ spmm }) => {
    set(spmm, REC_ARENA, u32(spmm, REC_ARENA) & ~bit(F.SPMM_Y));
    set(spmm, REC_CONST, u32(spmm, REC_CONST) | bit(F.SPMM_Y));
    set(spmm, F.SPMM_Y, 0);
  });
  await refused(({ init }) => set(init[0], X.EXPAND_DST, 0));
});

test('a program may not expand tables, and the tables are not expanded by other records', async () => {
  const swapped = (what: 'init' | 'program') =>
    repack(base, (manifest, sections) => {
      const { init } = manifest;
      const plan = manifest.plans[0][engine];
      if (what === 'program') {
        sections[plan.section] = sections[init].slice();
        plan.steps = recordsOf(sections[init]).map(() => 0);
        return;
      }
      const fill = new DataView(new ArrayBuffer(FILL_SIZE));
      fill.setUint32(REC_OP, OP_FILL, true);
      fill.setUint32(REC_SIZE, FILL_SIZE, true);
      fill.setUint32(REC_CONST, bit(FILL_DST), true);
      fill.setUint32(FILL_BYTES, 4, true);
      sections[init] = new Uint8Array(fill.buffer);
    });
  await rejects(() => open(swapped('program')), 'INVALID_PACKAGE');
  await rejects(() => open(swapped('init')), 'INVALID_PACKAGE');
});

test('unknown op codes and sizes name the record', async () => {
  await refused(({ program }) => set(program[1], REC_OP, 63), /record 1 .*unknown op code/);
  await refused(({ program }) => set(program[1], REC_OP, 0), /unknown op code/);
  await refused(({ program }) => set(program[1], REC_OP, 0xffffffff), /unknown op code/);
  for (const size of [0, 4, 12, 17, 20, 0x7fffffff, 0xffffffff]) {
    await refused(({ program }) => set(program[1], REC_SIZE, size), /record 1 .*wrong size/);
  }
});

test('a program with more or fewer records than the manifest lists is refused', async () => {
  const listed = (change: (steps: number[]) => number[]) =>
    repack(base, ({ plans }) => {
      plans[0][engine].steps = change(plans[0][engine].steps);
    });
  await rejects(() => open(listed((steps) => steps.slice(1))), 'INVALID_PACKAGE', /records/);
  await rejects(() => open(listed((steps) => [...steps, 0])), 'INVALID_PACKAGE', /records/);
});

test('the sections of a package hold the records', () => {
  const { manifest, sections } = readPackage(base);
  assert.is(recordsOf(sections[manifest.plans[0][engine].section]).length, manifest.plans[0][engine].steps.length);
});

test.run();
