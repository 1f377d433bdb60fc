import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createServer } from 'vite';
import { relativeError } from '../../bench/lib/stats.ts';
import { BUNDLERS, bundle, install } from '../hosts/bundlers.ts';
import { TOLERANCE } from '../hosts/check.ts';
import { visit } from '../hosts/pages.ts';
import { type Site, stage } from '../hosts/site.ts';
import { browserMissing, useBrowser } from '../support/browser.ts';
import { root } from '../support/sources.ts';
import { serve } from '../support/web_server.ts';

const missing = browserMissing();
if (missing) console.log(`\nbundlers are skipped: ${missing}`);
const inBrowser = missing ? test.skip : test;
const browser = useBrowser();

/** Opens a page of the example and compares its outputs; gives the paths of the Wasm files that it asked for. */
async function open(site: Site, url: string): Promise<string[]> {
  const context = await browser.context();
  const asked: string[] = [];
  context.on('request', (request) => {
    const path = new URL(request.url()).pathname;
    if (path.includes('.wasm')) asked.push(path);
  });
  try {
    const { result } = await visit(context, url);
    const error = relativeError(result.logits as number[], site.expected);
    assert.ok(error <= TOLERANCE, `error ${error}`);
    assert.is(result.variant, 'relaxed');
  } finally {
    await context.close();
  }
  return asked;
}

/** Puts a page with a worker in place of the example's; where a bundler does not find workers, the script of one is an entry of its own. */
function addWorker(example: string, { folder }: Site): void {
  const sources = example === 'webpack' ? 'vite' : example;
  cpSync(join(root, 'tests/browser/worker_site', sources), folder, { recursive: true });
  for (const config of ['build.mjs', 'rollup.config.js']) {
    const file = join(folder, config);
    if (!existsSync(file)) continue;
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace("['src/main.js']", "['src/main.js', 'src/worker.js']"));
  }
}

async function openFolder(site: Site, folder: string): Promise<string[]> {
  const server = await serve(folder);
  try {
    return await open(site, server.url);
  } finally {
    await server.close();
  }
}

async function openDevServer(site: Site): Promise<string[]> {
  const server = await createServer({
    root: site.folder,
    logLevel: 'silent',
    server: { host: '127.0.0.1', port: 0 },
    // Packages that an earlier server has prepared are those of another page; new ones among them would reload this one.
    optimizeDeps: { force: true },
  });
  await server.listen();
  try {
    return await open(site, server.resolvedUrls!.local[0]);
  } finally {
    await server.close();
  }
}

/** Of the Wasm files, only the one that runs here is fetched. */
const onlyRelaxed = (paths: readonly string[]): void => {
  assert.is(paths.length, 1, paths.join(', '));
  assert.match(paths[0], /zeroskip\.relaxed[\w.-]*\.wasm|\/\w{16,}\.wasm/);
};

const sites = new Map<string, Site>();

/** The example with packages of its own; the tests of one bundler share it. */
async function installed(example: string): Promise<Site> {
  const site = sites.get(example) ?? (await stage(example));
  if (!sites.has(example)) install(site);
  sites.set(example, site);
  return site;
}

for (const bundler of BUNDLERS) {
  inBrowser(`${bundler.name} builds its example for development and production`, async () => {
    const site = await installed(bundler.example);
    for (const mode of ['development', 'production'] as const)
      onlyRelaxed(await openFolder(site, await bundle(bundler, site, mode)));
    const files = readdirSync(join(site.folder, 'dist'), { recursive: true, encoding: 'utf8' });
    const wasm = files.filter((file) => file.endsWith('.wasm'));
    assert.is(wasm.length, bundler.wasmFiles, `each file is there once: ${wasm}`);
    if (bundler.example === 'vite') onlyRelaxed(await openDevServer(site));
  });

  inBrowser(`${bundler.name} builds a page with a model in a worker and one in the cache`, async () => {
    const site = await installed(bundler.example);
    addWorker(bundler.example, site);
    const asked = await openFolder(site, await bundle(bundler, site, 'production'));
    onlyRelaxed([...new Set(asked)]);
    if (bundler.example === 'vite') onlyRelaxed([...new Set(await openDevServer(site))]);
  });
}

test.after(() => browser.release());
test.run();
