import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { total } from '../../bench/start/download.ts';
import { browserMissing, complaintsOf, resultOf, useBrowser } from '../support/browser.ts';
import { serve, type WebServer } from '../support/web_server.ts';
import { viteBuild } from './bundlers.ts';
import type { Host } from './host.ts';
import type { Site } from './site.ts';

/** Where a page is served from, and with what headers. */
interface Prepared {
  folder: string;
  headers?: Record<string, string>;
}

/** Copies what an example without a build step has of the package. */
export function vendored(site: Site): Prepared {
  for (const part of ['web', 'wasm'])
    cpSync(join(site.installed, 'dist', part), join(site.folder, 'zeroskip', part), { recursive: true });
  return { folder: site.folder };
}

/** The headers that `_headers`, a file that hosts of static pages read, gives to all paths. */
export function headersOf(site: Site): Record<string, string> {
  const lines = readFileSync(join(site.folder, '_headers'), 'utf8').matchAll(/^ {2}([\w-]+): (.+)$/gm);
  return Object.fromEntries([...lines].map(([, name, value]) => [name, value]));
}

/** Makes violations of the page's policy complaints. */
export const watchPolicy = (context: BrowserContext): Promise<unknown> =>
  context.addInitScript(() => {
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      console.error(`policy violated: ${violatedDirective} by ${blockedURI}`);
    });
  });

/** Opens a page and waits for its result; whatever it complains about is an error. */
export async function visit(context: BrowserContext, url: string) {
  const page = await context.newPage();
  const complaints = complaintsOf(page);
  const began = performance.now();
  await page.goto(url);
  const result = await resultOf(page, complaints);
  const coldMs = performance.now() - began;
  if (complaints.length > 0) throw new Error(`${url} complains: ${complaints.join('\n')}`);
  return { page, result, coldMs };
}

/** Scripts and Wasm files that were sent. */
const runtimeOf = ({ sent }: WebServer): Uint8Array[] =>
  [...sent].filter(([path]) => /\.(js|wasm)$/.test(path)).map(([, contents]) => contents);

const pageHost = (name: string, example: string, prepare: (site: Site) => Prepared | Promise<Prepared>): Host => ({
  name: `Chromium, ${name}`,
  example,
  unavailable: browserMissing,
  async run(site) {
    const { folder, headers } = await prepare(site);
    const server = await serve(folder, headers);
    const browser = useBrowser();
    try {
      const context = await browser.context();
      await watchPolicy(context);
      const { result, coldMs } = await visit(context, server.url);
      await context.close();
      return { logits: result.logits as number[], coldMs, bytes: total(runtimeOf(server)) };
    } finally {
      await browser.release();
      await server.close();
    }
  },
});

export const pageHosts: readonly Host[] = [
  pageHost('a page without a build step', 'page', vendored),
  pageHost('Vite', 'vite', viteBuild),
  pageHost('Web Worker', 'web-worker', vendored),
  pageHost('service worker', 'service-worker', vendored),
  pageHost('strict Content-Security-Policy', 'csp', (site) => ({ ...vendored(site), headers: headersOf(site) })),
];
