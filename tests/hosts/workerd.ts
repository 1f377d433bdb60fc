import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Miniflare } from 'miniflare';
import { total } from '../../bench/start/download.ts';
import { bundleFor } from './bundle.ts';
import type { Host } from './host.ts';
import type { Site } from './site.ts';

/** Conditions under which Cloudflare's tools resolve packages. */
const CONDITIONS = ['workerd', 'worker', 'browser'];

interface Bucket {
  put(key: string, value: Uint8Array): Promise<unknown>;
}

/** The runtime of Cloudflare Workers on this machine, with the Worker `entry` and an empty bucket `MODELS`. */
export async function startWorkerd(site: Site, entry: string) {
  const { compatibility_date: compatibilityDate } = JSON.parse(
    readFileSync(join(site.folder, 'wrangler.json'), 'utf8'),
  ) as { compatibility_date: string };
  const { script, wasm } = await bundleFor(site, entry, CONDITIONS, 'esm', 'import');
  const miniflare = new Miniflare({
    modules: [
      { type: 'ESModule', path: 'index.js', contents: script },
      ...wasm.map(({ name, contents }) => ({ type: 'CompiledWasm' as const, path: name, contents })),
    ],
    compatibilityDate,
    r2Buckets: ['MODELS'],
    cf: false,
  });
  await miniflare.ready;
  const bucket = (await miniflare.getR2Bucket('MODELS')) as unknown as Bucket;
  return { miniflare, bucket, files: [new TextEncoder().encode(script), ...wasm.map(({ contents }) => contents)] };
}

function unavailable(): string | undefined {
  try {
    const program: string = createRequire(import.meta.resolve('miniflare'))('workerd').default;
    return existsSync(program) ? undefined : `there is no workerd at ${program}`;
  } catch (error) {
    return `workerd is not installed: ${(error as Error).message}`;
  }
}

export const workerdHost: Host = {
  name: 'Cloudflare Workers (workerd)',
  example: 'cloudflare-workers',
  unavailable,
  async run(site) {
    const { miniflare, bucket, files } = await startWorkerd(site, 'src/index.js');
    try {
      await bucket.put('model.zsk', site.model);
      const began = performance.now();
      const response = await miniflare.dispatchFetch('http://localhost/', { method: 'POST', body: site.digit });
      const text = await response.text();
      const coldMs = performance.now() - began;
      if (response.status !== 200) throw new Error(`HTTP status ${response.status}: ${text}`);
      return { logits: JSON.parse(text).logits, coldMs, bytes: total(files) };
    } finally {
      await miniflare.dispose();
    }
  },
};
