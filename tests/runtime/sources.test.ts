import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runInNewContext } from 'node:vm';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compileGraph } from '../../src/compile.ts';
import { type LoadOptions, load, type PackageSource } from '../../src/runtime/index.ts';
import { randomTensor } from '../support/graphs.ts';
import { mlp, mlpPackage } from '../support/nets.ts';
import { rejects } from '../support/rejects.ts';

const bytes = mlpPackage();
const feeds = { x: randomTensor([1, 12]) };
const expected = (await load(bytes)).runSync(feeds).y;
const wasm = readFileSync(new URL('../../dist/wasm/zeroskip.simd.wasm', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'zeroskip-'));
const path = join(folder, 'a model + its name%20.zsk');
writeFileSync(path, bytes);

async function same(source: PackageSource, options?: LoadOptions): Promise<void> {
  const model = await load(source, options);
  assert.equal(model.runSync(feeds).y, expected);
}

const chunked = (size: number): ReadableStream<Uint8Array> => {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) controller.close();
      else controller.enqueue(bytes.slice(at, at + size));
      at += size;
    },
  });
};

test('bytes', async () => {
  await same(bytes);
  const inside = new Uint8Array(bytes.length + 9);
  inside.set(bytes, 5);
  await same(inside.subarray(5, 5 + bytes.length));
  await same(bytes.slice().buffer);
});

test('a file by its path and by its URL', async () => {
  await same(path);
  await same(pathToFileURL(path));
  await same(pathToFileURL(path).href);
});

test('a data URL, a response, streams of any chunks', async () => {
  await same(`data:application/octet-stream;base64,${Buffer.from(bytes).toString('base64')}`);
  await same(new Response(bytes.slice()));
  for (const size of [1, 7, 64, 100_000]) await same(chunked(size));
});

test('bytes and modules of another realm', async () => {
  const realm: { Uint8Array: typeof Uint8Array; module(bytes: Uint8Array): WebAssembly.Module } = runInNewContext(
    '({ Uint8Array, module: (bytes) => new WebAssembly.Module(bytes) })',
  );
  const other = realm.Uint8Array.from(bytes);
  assert.not.instance(other, Uint8Array);
  await same(other);
  await same(other.buffer);
  await same(new Response(bytes.slice()), { module: realm.module(wasm) });
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(other);
      controller.close();
    },
  });
  await same(stream);
});

test('the bytes may be changed after load', async () => {
  const copy = bytes.slice();
  const model = await load(copy);
  copy.fill(0);
  assert.equal(model.runSync(feeds).y, expected);
});

test('what cannot be read', async () => {
  await rejects(() => load(join(folder, 'absent.zsk')), 'FILE_ERROR', /absent\.zsk/);
  await rejects(() => load(pathToFileURL(join(folder, 'absent.zsk'))), 'FILE_ERROR', /absent\.zsk/);
  await rejects(() => load(folder), 'FILE_ERROR');
  await rejects(() => load(new Response('gone', { status: 404 })), 'FILE_ERROR', /404/);
  const broken = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error('cable')) });
  await rejects(() => load(broken), 'FILE_ERROR', /cable/);
  const used = new Response(bytes.slice());
  await used.arrayBuffer();
  await rejects(() => load(used), 'FILE_ERROR');
  const locked = chunked(64);
  locked.getReader();
  await rejects(() => load(locked), 'FILE_ERROR', /stream cannot be read: .*locked/);
  for (const wrong of [undefined, null, 5, {}, [1, 2], new Float32Array(4)]) {
    await rejects(() => load(wrong as unknown as Uint8Array), 'INVALID_ARGUMENT', /load: the package is/);
  }
  await rejects(() => load(new Uint8Array(10)), 'INVALID_PACKAGE');
});

test('options', async () => {
  const wrong: [object, RegExp][] = [
    [{ threads: 2 }, /threads/],
    [{ threads: 0 }, /threads/],
    [{ maxBytes: 0 }, /maxBytes/],
    [{ maxBytes: -1 }, /maxBytes/],
    [{ maxBytes: Number.NaN }, /maxBytes/],
    [{ maxBytes: '1' }, /maxBytes/],
    [{ target: 'fast' }, /target/],
    [{ engine: 'huge' }, /engine/],
    [{ module: bytes }, /module/],
    [{ traget: 'simd' }, /traget/],
  ];
  for (const [options, pattern] of wrong)
    await rejects(() => load(bytes, options as LoadOptions), 'INVALID_ARGUMENT', pattern);
  await rejects(() => load(bytes, null as unknown as LoadOptions), 'INVALID_ARGUMENT');
  await same(bytes, { threads: 1, maxBytes: 2 ** 24, target: 'simd', engine: 'wide' });
  await same(bytes, {});
});

test('what a model says of itself cannot be changed', async () => {
  const graph = mlp();
  graph.metadata.author = 'text';
  const model = await load(compileGraph(graph, { shapes: { x: [1, 12] } }).bytes);
  assert.is(Object.getPrototypeOf(model.metadata), null);
  assert.equal({ ...model.metadata }, { author: 'text' });
  const changes: (() => unknown)[] = [
    () => ((model.inputs[0] as { name: string }).name = 'z'),
    () => ((model.inputs[0].dims as number[])[1] = 13),
    () => (model.outputs as unknown[]).pop(),
    () => ((model.metadata as Record<string, string>).more = 'text'),
  ];
  for (const change of changes) assert.throws(change, (error: unknown) => error instanceof TypeError);
  const [entry] = model.profile(feeds);
  entry.dims.push(7);
  assert.is.not(model.profile(feeds)[0].dims.at(-1), 7);
  assert.equal(model.runSync(feeds).y, expected);
});

test('maxBytes bounds the memory', async () => {
  const { memoryBytes } = await load(bytes);
  await same(bytes, { maxBytes: memoryBytes });
  await rejects(() => load(bytes, { maxBytes: memoryBytes - 1 }), 'OUT_OF_MEMORY', new RegExp(`${memoryBytes}`));
});

test.after(() => rmSync(folder, { recursive: true }));
test.run();
