import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, extname, join, normalize } from 'node:path';
import { ROOT } from '../lib/folders.ts';
import type { BenchNet } from '../nets/net.ts';
import { bundlePage } from './page_bundle.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** Stands as deep as `src/runtime/host/web.ts`, which finds the kernels relative to itself. */
const SCRIPT = '/src/runtime/host/page.js';

const HTML = `<!doctype html><meta charset="utf-8"><title>bench</title><script type="module" src="${SCRIPT}"></script>`;

/** Packages whose files the page may fetch. */
const PACKAGES = /^\/packages\/(@litertjs\/core|@tensorflow\/tfjs-backend-wasm)\//;

/** A server on this machine only for the page that runs `net`. It asks for no cross-origin isolation: there are no threads. */
export async function servePage(net: BenchNet): Promise<{ url: string; close(): void }> {
  const script = await bundlePage();
  const contents = (path: string): Uint8Array | string | undefined => {
    if (path === '/') return HTML;
    if (path === SCRIPT) return script;
    if (path === '/net.onnx') return net.onnx();
    if (path === '/input.bin') return new Uint8Array(net.data().buffer);
    const file = fileOf(path);
    return file && readFileSync(file);
  };
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
    try {
      const body = contents(path);
      const type = TYPES[path === '/' ? '.html' : extname(path)] ?? 'application/octet-stream';
      response.writeHead(body === undefined ? 404 : 200, { 'content-type': type }).end(body);
    } catch (error) {
      response.writeHead(500).end((error as Error).message);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function fileOf(path: string): string | undefined {
  if (PACKAGES.test(path)) return join(ROOT, 'node_modules', path.slice('/packages/'.length));
  if (/^\/wasm\/zeroskip\.\w+\.wasm$/.test(path)) return join(ROOT, 'dist', path);
  // onnxruntime-web looks for its module beside the script that it is in.
  if (/^ort-wasm[\w.-]*$/.test(basename(path))) return join(ROOT, 'node_modules/onnxruntime-web/dist', basename(path));
  return undefined;
}
