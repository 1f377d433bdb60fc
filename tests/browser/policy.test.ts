import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { headersOf, vendored, visit, watchPolicy } from '../hosts/pages.ts';
import { type Site, stage } from '../hosts/site.ts';
import { browserMissing, useBrowser } from '../support/browser.ts';
import { serve } from '../support/web_server.ts';

const missing = browserMissing();
if (missing) console.log(`\npolicies in Chromium are skipped: ${missing}`);
const inBrowser = missing ? test.skip : test;
const browser = useBrowser();

const HEADER = 'Content-Security-Policy';
const STRICT = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self'";

/** What the example shows under a policy; rejects if the page violates it. */
async function under(site: Site, policy: string, watch = true): Promise<Record<string, unknown>> {
  const server = await serve(site.folder, { [HEADER]: policy });
  const context = await browser.context();
  try {
    if (watch) await watchPolicy(context);
    return (await visit(context, server.url)).result;
  } finally {
    await context.close();
    await server.close();
  }
}

inBrowser("the example asks for nothing but 'wasm-unsafe-eval', in the page and in the worker", async () => {
  const site = await stage('csp');
  vendored(site);
  assert.equal(headersOf(site), { [HEADER]: STRICT });
  const result = await under(site, STRICT);
  assert.is((result.logits as number[]).length, 10);
  assert.is(result.workerAgrees, true);
});

inBrowser('violations are seen', async () => {
  const site = await stage('csp');
  vendored(site);
  const failure = await under(site, STRICT.replace("worker-src 'self'", "worker-src 'none'")).catch(
    (error: Error) => error,
  );
  assert.instance(failure, Error);
  assert.match((failure as Error).message, /policy violated: worker-src/);
});

inBrowser("without 'wasm-unsafe-eval' one sentence says what is missing", async () => {
  const site = await stage('csp');
  vendored(site);
  const result = await under(site, STRICT.replace(" 'wasm-unsafe-eval'", ''), false);
  assert.is(result.code, 'UNSUPPORTED_HOST');
  assert.match(String(result.error), /^load: this host does not compile WebAssembly: .*'wasm-unsafe-eval'/);
});

test.after(() => browser.release());
test.run();
