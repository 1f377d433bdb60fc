import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.wasm': 'application/wasm',
};

/** Brotli's quality: files are compressed once, before the server starts. */
const QUALITY = 9;

/** A file as a host of static pages keeps it. */
interface Asset {
  type: string;
  etag: string;
  /** Pages are asked for anew each time, files never: hosts give their names a hash. */
  cacheControl: string;
  bytes: Uint8Array;
  /** What is sent instead to clients that accept it: pages, scripts and Wasm, as such hosts do; other types go out as they are. */
  brotli?: Uint8Array;
}

/** What hosts of static pages send along; in words, for those who read the results. */
export const DELIVERY =
  'HTTP/1.1 from 127.0.0.1, not cross-origin isolated; HTML: no-cache with an ETag; all else: max-age of a year, immutable; ' +
  `HTML, scripts and Wasm with brotli (quality ${QUALITY}), models and inputs as they are`;

function assetOf(path: string, bytes: Uint8Array): Asset {
  const type = TYPES[extname(path)];
  const page = extname(path) === '.html';
  const params = { [constants.BROTLI_PARAM_QUALITY]: QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return {
    type: type ?? 'application/octet-stream',
    etag: `"${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}"`,
    cacheControl: page ? 'no-cache' : 'public, max-age=31536000, immutable',
    bytes,
    brotli: type ? brotliCompressSync(bytes, { params }) : undefined,
  };
}

/** Answers a POST: its body and the response to write. */
export type OnPost = (path: string, body: string, response: ServerResponse) => void;

export interface StaticServer {
  /** Without a slash at its end. */
  base: string;
  /** Bytes of all bodies that were sent since the last call. */
  sentBytes(): number;
  close(): void;
}

/** A server on this machine for files in memory, by path, that sends what a host of static pages would. */
export async function serveStatic(files: ReadonlyMap<string, Uint8Array>, onPost: OnPost): Promise<StaticServer> {
  const assets = new Map([...files].map(([path, bytes]) => [path, assetOf(path, bytes)]));
  let sent = 0;
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    if (request.method === 'POST') {
      bodyOf(request).then((body) => onPost(path, body, response));
      return;
    }
    const asset = assets.get(path);
    if (asset) sent += answer(request, response, asset);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sentBytes() {
      const bytes = sent;
      sent = 0;
      return bytes;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** @returns the bytes of the body */
function answer(request: IncomingMessage, response: ServerResponse, asset: Asset): number {
  const headers = { etag: asset.etag, 'cache-control': asset.cacheControl, vary: 'accept-encoding' };
  if (request.headers['if-none-match'] === asset.etag) {
    response.writeHead(304, headers).end();
    return 0;
  }
  const accepted = /\bbr\b/.test(request.headers['accept-encoding'] ?? '');
  const brotli = accepted ? asset.brotli : undefined;
  const body = brotli ?? asset.bytes;
  response
    .writeHead(200, {
      ...headers,
      'content-type': asset.type,
      'content-length': body.length,
      ...(brotli && { 'content-encoding': 'br' }),
    })
    .end(body);
  return body.length;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const text of request.setEncoding('utf8')) body += text;
  return body;
}
