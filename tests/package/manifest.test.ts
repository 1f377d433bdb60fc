import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ZeroskipError } from '../../src/errors.ts';
import { HEADER, HEADER_BYTES, type Manifest, SECTION_ENTRY } from '../../src/package/format.ts';
import { readPackage } from '../../src/package/read.ts';
import { load } from '../../src/runtime/index.ts';
import { Tensor } from '../../src/tensor.ts';
import { repack, reseal, withManifest } from '../support/forge.ts';
import { mlpPackage } from '../support/nets.ts';
import { rejects } from '../support/rejects.ts';

const base = mlpPackage();
const feeds = { x: new Tensor('float32', new Float32Array(12), [1, 12]) };

const JUNK = [
  undefined,
  null,
  true,
  -1,
  0.5,
  1e300,
  '',
  'x',
  '__proto__',
  [],
  [[]],
  [null],
  {},
  { length: 3 },
  [1, 2, 3],
  ['a'],
];

type Path = (string | number)[];

/** Paths of everything in a manifest. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const entries = Array.isArray(value) ? value.map((v, i): [number, unknown] => [i, v]) : Object.entries(value);
  return [path, ...entries.flatMap(([key, v]) => pathsOf(v, [...path, key]))];
}

function withValue(path: Path, value: unknown): Uint8Array {
  const manifest = structuredClone(readPackage(base).manifest) as unknown;
  if (path.length === 0) return withManifest(base, JSON.stringify(value) ?? '');
  let holder = manifest as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) holder = holder[key] as Record<string | number, unknown>;
  holder[path[path.length - 1]] = value;
  return withManifest(base, JSON.stringify(manifest));
}

test('a manifest written by hand is read', async () => {
  const { manifest } = readPackage(base);
  assert.equal(readPackage(withManifest(base, JSON.stringify(manifest))).manifest, manifest);
});

test('wrong types anywhere: refused, or the model still runs or says what is wrong', async () => {
  let refused = 0;
  let ran = 0;
  for (const path of pathsOf(readPackage(base).manifest)) {
    for (const junk of JUNK) {
      const what = `${path.join('.')} = ${JSON.stringify(junk)}`;
      try {
        const model = await load(withValue(path, junk), { target: 'simd' });
        ran++;
        model.runSync(feeds);
        model.profile(feeds);
      } catch (error) {
        assert.ok(error instanceof ZeroskipError && error.code !== 'INTERNAL', `${what}: ${error}`);
        refused++;
      }
    }
  }
  assert.ok(refused > ran, `${refused} refused, ${ran} taken`);
});

test('views of values stay in the arena and show no element twice', async () => {
  const { arenaBytes, steps } = readPackage(base).manifest.plans[0];
  const { view, dims } = steps[0];
  assert.ok(view && dims.length === 2);
  const last = arenaBytes - ((dims[0] - 1) * view.strides[0] + (dims[1] - 1) * view.strides[1] + 1) * 4;
  const forged = (change: { view?: Partial<typeof view>; dims?: number[] }) =>
    repack(base, ({ plans }) => {
      const [step] = plans[0].steps;
      Object.assign(step, { dims: change.dims ?? dims, view: { ...view, ...change.view } });
    });
  (await load(forged({ view: { at: last } }))).profile(feeds);
  const rank = new Array<number>(65).fill(1);
  for (const change of [
    { view: { at: last + 4 } },
    { view: { at: arenaBytes } },
    { view: { at: 2 } },
    { view: { at: 2 ** 32 } },
    { view: { strides: [1] } },
    { view: { strides: [2 ** 32, 2 ** 32] }, dims: [2, 2] },
    { view: { strides: [0, 0] }, dims: [2 ** 16, 2 ** 16] },
    { view: { strides: [0, 0] }, dims: [2 ** 32, 2 ** 32] },
    { view: { at: 0, strides: rank }, dims: rank },
  ])
    await rejects(() => load(forged(change)), 'INVALID_PACKAGE', /values of plan 0 lie in the arena/);
});

test('what a package may not leave out', async () => {
  const keys: (keyof Manifest)[] = [
    'name',
    'target',
    'inputs',
    'outputs',
    'plans',
    'constants',
    'init',
    'tableBytes',
    'notes',
    'metadata',
  ];
  for (const key of keys) await rejects(() => load(withValue([key], undefined)), 'INVALID_PACKAGE', /expected that/);
});

test('text that is no manifest', async () => {
  const texts = [
    '',
    ' ',
    '{',
    'null',
    '[]',
    '"x"',
    '1',
    'NaN',
    '[',
    '{"plans":',
    '['.repeat(100_000),
    '{"a":'.repeat(50_000),
  ];
  for (const text of texts) await rejects(() => load(withManifest(base, text)), 'INVALID_PACKAGE');
  await rejects(() => load(withManifest(base, Uint8Array.of(0xff, 0xfe, 0x00, 0xd8))), 'INVALID_PACKAGE', /not JSON/);
});

test('sizes without measure are OUT_OF_MEMORY; beyond 4 GiB whatever maxBytes is', async () => {
  for (const size of [2 ** 31, 2 ** 32, 2 ** 32 - 65536]) {
    const arena = repack(base, ({ plans }) => {
      plans[0].arenaBytes = size;
    });
    await rejects(() => load(arena), 'OUT_OF_MEMORY', /maxBytes/);
    const tables = repack(base, (manifest) => {
      manifest.tableBytes = size;
    });
    await rejects(() => load(tables), 'OUT_OF_MEMORY');
    if (size < 2 ** 32) continue;
    for (const file of [arena, tables]) {
      await rejects(() => load(file, { maxBytes: Number.POSITIVE_INFINITY }), 'OUT_OF_MEMORY', /host/);
    }
  }
});

test('many plans of one large section are counted before anything is copied', async () => {
  const many = repack(base, (manifest, sections) => {
    const section = sections.push(new Uint8Array(1 << 20)) - 1;
    const [plan] = manifest.plans;
    manifest.plans = Array.from({ length: 2000 }, () => ({
      ...plan,
      narrow: { section, steps: [] },
      wide: { section, steps: [] },
    }));
  });
  await rejects(() => load(many), 'OUT_OF_MEMORY');
});

test('names like __proto__ are names', async () => {
  const name = '__proto__';
  const odd = repack(base, (manifest) => {
    manifest.inputs[0].name = name;
    manifest.outputs[0].name = name;
    manifest.metadata = JSON.parse('{"__proto__": "text", "constructor": "text"}');
  });
  const model = await load(odd);
  const own = Object.defineProperty({}, name, { value: feeds.x, enumerable: true }) as typeof feeds;
  const out = model.runSync(own);
  assert.is(Object.getPrototypeOf(out), null);
  assert.ok(Object.hasOwn(out, name));
  assert.is(out[name].size, 5);
  assert.is(({} as Record<string, unknown>).type, undefined);
  await rejects(() => model.runSync({}), 'MISSING_INPUT', /'__proto__'/);
  await rejects(() => model.runSync({ toString: feeds.x }), 'INVALID_ARGUMENT');
});

test('two ports of one name are refused', async () => {
  const twice = repack(base, (manifest) => {
    manifest.inputs.push(manifest.inputs[0]);
    manifest.plans[0].inputs.push(manifest.plans[0].inputs[0]);
    manifest.plans[0].inputOffsets.push(0);
  });
  await rejects(() => load(twice), 'INVALID_PACKAGE', /unique/);
});

test('the section table and the header are held against the file', async () => {
  const table = (i: number, at: number, bytes: number) =>
    reseal(base, (_, view) => {
      view.setUint32(HEADER_BYTES + i * SECTION_ENTRY, at, true);
      view.setUint32(HEADER_BYTES + i * SECTION_ENTRY + 4, bytes, true);
    });
  for (const [at, bytes] of [
    [base.length, 4],
    [base.length - 4, 8],
    [0xffffffff, 1],
    [64, 0xffffffff],
    [0x80000000, 0x80000000],
  ]) {
    await rejects(() => load(table(0, at, bytes)), 'INVALID_PACKAGE', /section 0/);
  }
  const header = (field: number, value: number) => reseal(base, (_, view) => view.setUint32(field, value, true));
  for (const value of [0xffffffff, 0x1fffffff, base.length / 8]) {
    await rejects(() => load(header(HEADER.sections, value)), 'INVALID_PACKAGE');
  }
  for (const value of [base.length, 0xffffffff, 0])
    await rejects(() => load(header(HEADER.manifest, value)), 'INVALID_PACKAGE');
  await rejects(() => load(header(HEADER.version, 99)), 'INVALID_PACKAGE', /version 99/);
  await rejects(() => load(header(HEADER.abi, 999)), 'INVALID_PACKAGE', /interface 999/);
  await rejects(() => load(header(HEADER.magic, 0)), 'INVALID_PACKAGE', /ZSK1/);
});

test.run();
