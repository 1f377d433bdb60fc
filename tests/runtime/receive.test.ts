import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HEADER, SECTION_ENTRY } from '../../src/package/format.ts';
import { load, type PackageSource } from '../../src/runtime/index.ts';
import { reseal } from '../support/forge.ts';
import { randomTensor } from '../support/graphs.ts';
import { mlpPackage } from '../support/nets.ts';
import { rejects } from '../support/rejects.ts';
import { serve } from '../support/serve.ts';

const bytes = mlpPackage();
const feeds = { x: randomTensor([1, 12]) };
const expected = (await load(bytes)).runSync(feeds).y;
const folder = mkdtempSync(join(tmpdir(), 'zeroskip-'));

/** A stream of pieces of `size` bytes; `canceled` tells whether somebody has stopped it. */
function streamOf(file: Uint8Array, size: number, onPiece: (at: number) => void = () => undefined) {
  const state = { canceled: false };
  let at = 0;
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (at >= file.length) return controller.close();
        controller.enqueue(file.slice(at, at + size));
        at += size;
        onPiece(at);
      },
      cancel() {
        state.canceled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return Object.assign(state, { stream });
}

/** The same file as bytes, as a stream of odd pieces and as a file on disk. */
function sources(file: Uint8Array): PackageSource[] {
  const path = join(folder, 'package.zsk');
  writeFileSync(path, file);
  return [file, streamOf(file, 37).stream, new Response(file.slice()), path];
}

test('progress counts up to the whole package', async () => {
  const seen: { loaded: number; total: number | undefined }[] = [];
  const model = await load(streamOf(bytes, 100).stream, { onProgress: (p) => seen.push(p) });
  assert.equal(model.runSync(feeds).y, expected);
  assert.ok(seen.length > bytes.length / 100 / 2);
  assert.ok(seen.every(({ loaded }, i) => i === 0 || loaded > seen[i - 1].loaded));
  assert.equal(seen.at(-1), { loaded: bytes.length, total: bytes.length });
});

test('a file that is cut off, too long or damaged anywhere is refused from every source', async () => {
  for (const length of [0, 3, 63, 64, 80, 300, bytes.length - 1]) {
    for (const source of sources(bytes.slice(0, length))) await rejects(() => load(source), 'INVALID_PACKAGE');
  }
  const longer = new Uint8Array(bytes.length + 4);
  longer.set(bytes);
  for (const source of sources(longer)) await rejects(() => load(source), 'INVALID_PACKAGE', /bytes expected, found/);
  for (let at = 0; at < bytes.length; at += 41) {
    const damaged = bytes.slice();
    damaged[at] ^= 0x10;
    await rejects(() => load(damaged), 'INVALID_PACKAGE');
  }
});

test('a page instead of a package is called one', async () => {
  for (const source of sources(new TextEncoder().encode('<!doctype html><title>404</title>')))
    await rejects(() => load(source), 'INVALID_PACKAGE', /HTML page/);
});

test('sections may not overlap, and none serves two purposes', async () => {
  const table = 64;
  const overlapping = reseal(bytes, (_, view) =>
    view.setUint32(table + SECTION_ENTRY, view.getUint32(table, true), true),
  );
  await rejects(() => load(overlapping), 'INVALID_PACKAGE', /overlaps/);
});

test('a header that promises more than there is takes no memory for it', async () => {
  const before = process.memoryUsage().arrayBuffers;
  const huge = bytes.slice(0, 64);
  const view = new DataView(huge.buffer);
  view.setUint32(HEADER.bytes, 0xffffffff, true);
  view.setUint32(HEADER.sections, 0x0fffff00, true);
  await rejects(() => load(streamOf(huge, 64).stream), 'INVALID_PACKAGE', /cut off/);
  assert.ok(process.memoryUsage().arrayBuffers - before < 2 ** 24);
});

test('an aborted load rejects and closes its source', async () => {
  await rejects(() => load(bytes, { signal: AbortSignal.abort() }), 'ABORTED');
  const controller = new AbortController();
  const source = streamOf(bytes, 64, (at) => at > 500 && controller.abort());
  await rejects(() => load(source.stream, { signal: controller.signal }), 'ABORTED');
  assert.ok(source.canceled);
  assert.equal((await load(bytes, { signal: new AbortController().signal })).runSync(feeds).y, expected);
});

test('an abort ends the wait for bytes that do not come', async () => {
  const controller = new AbortController();
  const never = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => undefined) });
  setTimeout(() => controller.abort(), 5);
  await rejects(() => load(never, { signal: controller.signal }), 'ABORTED');
});

test('a failed load closes its source', async () => {
  const source = streamOf(new Uint8Array(1000), 64);
  await rejects(() => load(source.stream), 'INVALID_PACKAGE');
  assert.ok(source.canceled);
});

test('a package of another hash is refused', async () => {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  for (const source of sources(bytes)) assert.equal((await load(source, { sha256 })).runSync(feeds).y, expected);
  assert.equal((await load(bytes, { sha256: sha256.toUpperCase() })).runSync(feeds).y, expected);
  const other = sha256.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
  for (const source of sources(bytes))
    await rejects(() => load(source, { sha256: other }), 'INVALID_PACKAGE', /SHA-256/);
  await rejects(() => load(bytes, { sha256: 'abc' }), 'INVALID_ARGUMENT', /sha256/);
});

test('a server that fails, and one that succeeds at the second try', async () => {
  let tries = 0;
  const { base, close } = await serve((path, response) => {
    if (path === '/gone') return response.writeHead(404).end('<html>');
    if (path === '/page') return response.writeHead(200, { 'content-type': 'text/html' }).end('<html></html>');
    response.writeHead(200, { 'content-length': bytes.length });
    if (tries++ > 0) return response.end(bytes);
    response.write(bytes.subarray(0, 700), () => response.destroy());
  });
  try {
    await rejects(() => load(`${base}/gone`), 'FILE_ERROR', /404/);
    await rejects(() => load(`${base}/page`), 'INVALID_PACKAGE', /HTML page/);
    await rejects(() => load(`${base}/cut`), 'FILE_ERROR', /cannot be read/);
    assert.equal((await load(`${base}/cut`)).runSync(feeds).y, expected);
  } finally {
    close();
  }
});

test('the type that a server declares does not matter', async () => {
  for (const type of ['text/html', 'application/json', undefined]) {
    const { base, close } = await serve((_, response) => {
      response.writeHead(200, type ? { 'content-type': type } : {}).end(bytes);
    });
    assert.equal((await load(`${base}/model.zsk`)).runSync(feeds).y, expected);
    close();
  }
});

test('an abort half-way ends the download, and the next load works', async () => {
  const controller = new AbortController();
  let ended: Promise<void> | undefined;
  const { base, close } = await serve((_, response) => {
    response.writeHead(200, { 'content-length': bytes.length });
    if (ended) return response.end(bytes);
    ended = new Promise((resolve) => response.on('close', resolve));
    response.write(bytes.subarray(0, 700));
  });
  try {
    const seen: number[] = [];
    const options = {
      signal: controller.signal,
      onProgress: ({ loaded }: { loaded: number }) => {
        seen.push(loaded);
        if (loaded === 700) setTimeout(() => controller.abort(), 1);
      },
    };
    await rejects(() => load(`${base}/model.zsk`, options), 'ABORTED');
    assert.is(seen.at(-1), 700);
    await ended;
    assert.equal((await load(`${base}/model.zsk`)).runSync(feeds).y, expected);
  } finally {
    close();
  }
});

test.after(() => rmSync(folder, { recursive: true }));
test.run();
