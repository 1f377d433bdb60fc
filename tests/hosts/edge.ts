import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { EdgeVM } from '@edge-runtime/vm';
import { total } from '../../bench/start/download.ts';
import { bundleFor } from './bundle.ts';
import type { Host } from './host.ts';

/** Conditions under which Vercel's tools resolve packages. */
const CONDITIONS = ['edge-light', 'worker', 'browser'];

export const edgeHost: Host = {
  name: 'Vercel Edge (@edge-runtime/vm)',
  example: 'vercel-edge',
  unavailable: () => undefined,
  async run(site) {
    const { script, wasm } = await bundleFor(site, 'api/digit.js', CONDITIONS, 'iife', 'global');
    // Compiled outside of the context, as the platform does it: the classes of WebAssembly in there are others.
    const modules = await Promise.all(
      wasm.map(async ({ name, contents }) => [name, await WebAssembly.compile(contents)] as const),
    );
    const server = createServer(async (request, response) => {
      const bytes = request.url === '/model.zsk' ? await readFile(join(site.folder, 'model.zsk')) : undefined;
      response.writeHead(bytes ? 200 : 404, { 'content-type': 'application/octet-stream' }).end(bytes);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      const began = performance.now();
      const runtime = new EdgeVM({
        codeGeneration: { strings: false, wasm: false },
        extend: (context) => Object.assign(context, Object.fromEntries(modules)),
      });
      runtime.evaluate(script);
      runtime.evaluate(`addEventListener('fetch', (event) => event.respondWith(bundled.default(event.request)))`);
      const init = { method: 'POST', body: site.digit as Uint8Array<ArrayBuffer> };
      const response = await runtime.dispatchFetch(`http://127.0.0.1:${port}/api/digit`, init);
      const text = await response.text();
      const coldMs = performance.now() - began;
      if (response.status !== 200) throw new Error(`HTTP status ${response.status}: ${text}`);
      const bytes = total([new TextEncoder().encode(script), ...wasm.map(({ contents }) => contents)]);
      return { logits: JSON.parse(text).logits, coldMs, bytes };
    } finally {
      server.closeAllConnections();
      server.close();
    }
  },
};
