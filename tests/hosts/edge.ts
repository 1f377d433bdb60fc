import { EdgeVM } from '@edge-runtime/vm';
import { total } from '../../bench/start/download.ts';
import { serve } from '../support/serve.ts';
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
    const { base, close } = await serve((path, response) => {
      const found = path === '/model.zsk';
      response
        .writeHead(found ? 200 : 404, { 'content-type': 'application/octet-stream' })
        .end(found ? site.model : '');
    });
    try {
      const began = performance.now();
      const runtime = new EdgeVM({
        codeGeneration: { strings: false, wasm: false },
        extend: (context) => Object.assign(context, Object.fromEntries(modules)),
      });
      runtime.evaluate(script);
      runtime.evaluate(`addEventListener('fetch', (event) => event.respondWith(bundled.default(event.request)))`);
      const init = { method: 'POST', body: site.digit as Uint8Array<ArrayBuffer> };
      const response = await runtime.dispatchFetch(`${base}/api/digit`, init);
      const text = await response.text();
      const coldMs = performance.now() - began;
      if (response.status !== 200) throw new Error(`HTTP status ${response.status}: ${text}`);
      const bytes = total([new TextEncoder().encode(script), ...wasm.map(({ contents }) => contents)]);
      return { logits: JSON.parse(text).logits, coldMs, bytes };
    } finally {
      close();
    }
  },
};
