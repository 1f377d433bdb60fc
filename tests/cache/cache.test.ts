import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cached, forget } from '../../src/cache/index.ts';
import type { ZeroskipError } from '../../src/errors.ts';
import { rejects } from '../support/rejects.ts';

const store = mkdtempSync(join(tmpdir(), 'zeroskip-cache-'));
let body = Uint8Array.from({ length: 2_500_000 }, (_, i) => i * 7);
let requests = 0;
const server = createServer((request, response) => {
  requests++;
  if (request.url === '/gone') response.writeHead(404).end();
  else response.end(body);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const url = `${base}/model.zsk`;
const shaOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Requests that `action` has caused. */
async function asked(action: () => Promise<Uint8Array>): Promise<number> {
  const before = requests;
  assert.equal(Buffer.compare(await action(), body), 0);
  return requests - before;
}

test('a package is fetched once, and again for another version', async () => {
  assert.is(await asked(() => cached(url, { store })), 1);
  assert.is(await asked(() => cached(new URL(url), { store })), 0);
  assert.is(await asked(() => cached(url, { store, version: '2' })), 1);
  assert.is(await asked(() => cached(url, { store, version: '2' })), 0);
  assert.is(readdirSync(store).length, 1, 'the version before is gone');
  await forget(url, { store });
  assert.is(readdirSync(store).length, 0);
  assert.is(await asked(() => cached(url, { store })), 1);
});

test('a damaged entry is fetched again, a wrong package is refused and not kept', async () => {
  const sha256 = shaOf(body);
  await forget(url, { store });
  assert.is(await asked(() => cached(url, { store, sha256 })), 1);
  const [file] = readdirSync(store);
  writeFileSync(join(store, file), 'damage');
  assert.is(await asked(() => cached(url, { store, sha256 })), 1);
  assert.is(await asked(() => cached(url, { store, sha256: sha256.toUpperCase() })), 0);
  const good = body;
  body = body.map((byte) => byte + 1);
  await forget(url, { store });
  await rejects(() => cached(url, { store, sha256 }), 'INVALID_PACKAGE', /SHA-256/);
  assert.is(readdirSync(store).length, 0);
  body = good;
});

test('progress, abortion and failures of the network', async () => {
  await forget(url, { store });
  const seen: number[] = [];
  await cached(url, { store, onProgress: ({ loaded }) => seen.push(loaded) });
  assert.is(seen.at(-1), body.length);
  await rejects(() => cached(`${base}/gone`, { store }), 'FILE_ERROR', /404/);
  await rejects(() => cached(`${base}/other`, { store, signal: AbortSignal.abort() }), 'ABORTED');
});

test('a store that does not work is reported, and the package returned', async () => {
  const file = join(store, 'a file');
  writeFileSync(file, '');
  const errors: ZeroskipError[] = [];
  const onStoreError = (error: ZeroskipError) => errors.push(error);
  assert.is(await asked(() => cached(url, { store: join(file, 'below'), onStoreError })), 1);
  assert.ok(errors.length > 0);
  assert.ok(errors.every(({ code }) => code === 'STORAGE_ERROR'));
});

test.after(() => {
  server.close();
  rmSync(store, { recursive: true });
});
test.run();
