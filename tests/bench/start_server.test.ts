import { get, type IncomingMessage, request } from 'node:http';
import { brotliDecompressSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { serveStatic } from '../../bench/start/static_server.ts';

const wasm = new Uint8Array(4096).fill(7);
const files = new Map([
  ['/a.html', new TextEncoder().encode('<p>a')],
  ['/a.wasm', wasm],
  ['/a.js', new TextEncoder().encode('a();'.repeat(100))],
  ['/a.zsk', wasm],
]);

const posted: string[] = [];
const server = await serveStatic(files, (path, body, response) => {
  posted.push(`${path} ${body}`);
  response.writeHead(202).end();
});

async function bodyOf(response: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part);
  return Buffer.concat(parts);
}

function fetchRaw(
  path: string,
  headers: Record<string, string> = {},
): Promise<{ response: IncomingMessage; body: Buffer }> {
  return new Promise((resolve, reject) => {
    get(`${server.base}${path}`, { headers }, async (response) =>
      resolve({ response, body: await bodyOf(response) }),
    ).on('error', reject);
  });
}

test('files are kept for a year, pages are asked for again and are not sent twice', async () => {
  const { response, body } = await fetchRaw('/a.html');
  assert.is(response.headers['cache-control'], 'no-cache');
  assert.match(response.headers['content-type']!, /^text\/html/);
  assert.is(body.toString(), '<p>a');
  const again = await fetchRaw('/a.html', { 'if-none-match': String(response.headers.etag) });
  assert.is(again.response.statusCode, 304);
  assert.is(again.body.length, 0);
  assert.is((await fetchRaw('/a.html', { 'if-none-match': '"other"' })).response.statusCode, 200);
  const { headers } = (await fetchRaw('/a.wasm')).response;
  assert.match(headers['cache-control']!, /max-age=31536000, immutable/);
  assert.is(headers['content-type'], 'application/wasm', 'without parameters, or engines do not stream it');
});

test('scripts and Wasm are compressed for those who ask, models are not', async () => {
  server.sentBytes();
  for (const path of ['/a.wasm', '/a.js']) {
    const { response, body } = await fetchRaw(path, { 'accept-encoding': 'gzip, br' });
    assert.is(response.headers['content-encoding'], 'br');
    assert.ok(body.length < files.get(path)!.length);
    assert.is(server.sentBytes(), body.length);
    assert.ok(brotliDecompressSync(body).equals(files.get(path)!));
    const plain = await fetchRaw(path, { 'accept-encoding': 'gzip' });
    assert.is(plain.response.headers['content-encoding'], undefined);
    assert.ok(plain.body.equals(files.get(path)!));
    assert.is(server.sentBytes(), plain.body.length);
  }
  const model = (await fetchRaw('/a.zsk', { 'accept-encoding': 'br' })).response;
  assert.is(model.headers['content-encoding'], undefined);
  assert.is(model.headers['content-type'], 'application/octet-stream');
});

test('pages are not cross-origin isolated, and nothing but the files is there', async () => {
  const { headers } = (await fetchRaw('/a.html')).response;
  assert.is(headers['cross-origin-opener-policy'], undefined);
  assert.is(headers['cross-origin-embedder-policy'], undefined);
  for (const path of ['/', '/b.html', '/../package.json']) assert.is((await fetchRaw(path)).response.statusCode, 404);
});

test('what pages post is handed on', async () => {
  const status = await new Promise((resolve) => {
    request(`${server.base}/result`, { method: 'POST' }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).end('{"ms":1}');
  });
  assert.is(status, 202);
  assert.equal(posted, ['/result {"ms":1}']);
});

test.after(() => server.close());
test.run();
