import type { ServerResponse } from 'node:http';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ErrorCode } from '../../src/errors.ts';
import { browserMissing, useBrowser } from '../support/browser.ts';
import type { Route } from '../support/web_server.ts';
import { expectFailure, expectRight, type Lab, openLab } from './lab.ts';

const missing = browserMissing();
if (missing) console.log(`\nfaults in Chromium are skipped: ${missing}`);
const inBrowser = missing ? test.skip : test;
const browser = useBrowser();
let lab: Lab;
test.before(async () => {
  if (!missing) lab = await openLab(browser);
});

const WASM = '/zeroskip/wasm/zeroskip.relaxed.wasm';
const PAGE = '<!doctype html><title>Not found</title>';

const html =
  (status: number, type = 'text/html'): Route =>
  (_, response) =>
    void response.writeHead(status, { 'content-type': type }).end(PAGE);

/** Sends half of what it declares; then `end` happens. */
const half =
  (contents: () => Uint8Array, type: string, end: (response: ServerResponse) => void): Route =>
  (_, response) => {
    const bytes = contents();
    response.writeHead(200, { 'content-type': type, 'content-length': bytes.length });
    response.write(bytes.subarray(0, bytes.length / 2), () => end(response));
  };

const cut = (response: ServerResponse) => setTimeout(() => response.destroy(), 50);
const model = () => lab.site.model;
const wasm = () => lab.server.sent.get(WASM)!;
const binary = 'application/octet-stream';

const FAULTS: [what: string, path: string, route: Route, code: ErrorCode, message: RegExp][] = [
  ['a page with status 404 for the package', '/model.zsk', html(404), 'FILE_ERROR', /model\.zsk.*404/],
  ['a page with status 200 for the package', '/model.zsk', html(200), 'INVALID_PACKAGE', /package/],
  ['a package that is cut half-way', '/model.zsk', half(model, binary, cut), 'FILE_ERROR', /model\.zsk cannot be read/],
  [
    'half a package',
    '/model.zsk',
    (_, response) => void response.end(model().subarray(0, model().length / 2)),
    'INVALID_PACKAGE',
    /package/,
  ],
  ['status 404 for the kernels', WASM, html(404), 'FILE_ERROR', /relaxed\.wasm: HTTP status 404.*wasmPaths/],
  ['a page for the kernels', WASM, html(200), 'FILE_ERROR', /relaxed\.wasm: .*wasmPaths/],
  ['a page that is called Wasm', WASM, html(200, 'application/wasm'), 'FILE_ERROR', /relaxed\.wasm: .*wasmPaths/],
  ['kernels that are cut half-way', WASM, half(wasm, 'application/wasm', cut), 'FILE_ERROR', /relaxed\.wasm: /],
  ['kernels of another type that are cut', WASM, half(wasm, binary, cut), 'FILE_ERROR', /relaxed\.wasm: /],
];

inBrowser('a page without cross-origin isolation has no shared memory, and needs none', async () => {
  const page = await lab.open();
  const { isolated, shared, logits } = await page.evaluate(async () => ({
    isolated: crossOriginIsolated,
    shared: typeof SharedArrayBuffer,
    logits: await zeroskip.logits(await zeroskip.load('/model.zsk')),
  }));
  assert.not(isolated);
  assert.is(shared, 'undefined');
  expectRight(lab.site, logits);
  await page.context().close();
});

inBrowser('kernels of a wrong type are compiled from their bytes', async () => {
  lab.server.routes.set(WASM, (_, response) => void response.writeHead(200, { 'content-type': binary }).end(wasm()));
  const page = await lab.open();
  expectRight(lab.site, await page.evaluate(async () => zeroskip.logits(await zeroskip.load('/model.zsk'))));
  lab.server.routes.clear();
  await page.context().close();
});

for (const where of ['the page', 'a worker'] as const) {
  inBrowser(
    `${where === 'the page' ? 'each fault is' : 'a third of the faults are'} one error in ${where}, and the next try in the same page works`,
    async () => {
      const context = await browser.context();
      const faults = where === 'the page' ? FAULTS : FAULTS.filter((_, i) => i % 3 === 2);
      for (const [what, path, route, code, message] of faults) {
        lab.server.routes.set(path, route);
        // The kernels are compiled once a page, so each fault has a page of its own.
        const page = await lab.open(undefined, context);
        await page.evaluate((inWorker) => {
          const worker = inWorker ? zeroskip.startWorker() : undefined;
          globalThis.attempt = (url) => (worker ? zeroskip.loadInWorker(worker, url) : zeroskip.load(url));
        }, where === 'a worker');
        const failure = await page.evaluate(() => zeroskip.failure(attempt('/model.zsk')));
        assert.ok(failure, what);
        expectFailure(failure, code, message);
        lab.server.routes.clear();
        expectRight(lab.site, await page.evaluate(async () => zeroskip.logits(await attempt('/model.zsk'))));
        await page.close();
      }
      await context.close();
    },
  );
}

inBrowser('loading stops half-way: the request ends, and the next try works', async () => {
  let ended = 0;
  const stall: Route = (request, response) => {
    response.on('close', () => ended++);
    half(model, binary, () => undefined)(request, response);
  };
  lab.server.routes.set('/model.zsk', stall);
  const page = await lab.open();
  for (const where of ['load', 'loadInWorker', 'cached'] as const) {
    const { failure, loaded } = await page.evaluate(async (entry) => {
      const controller = new AbortController();
      let seen = 0;
      const options = {
        signal: controller.signal,
        onProgress: ({ loaded }: { loaded: number }) => {
          seen = loaded;
          setTimeout(() => controller.abort());
        },
      };
      const url = '/model.zsk';
      const loading =
        entry === 'load'
          ? zeroskip.load(url, options)
          : entry === 'cached'
            ? zeroskip.cached(url, options)
            : zeroskip.loadInWorker(zeroskip.startWorker(), url, options);
      return { failure: await zeroskip.failure(loading as Promise<unknown>), loaded: seen };
    }, where);
    expectFailure(failure, 'ABORTED', /aborted/);
    assert.ok(loaded > 0 && loaded < model().length, `${loaded} bytes had come`);
  }
  while (ended < 3) await new Promise((resolve) => setTimeout(resolve, 20));
  lab.server.routes.clear();
  expectRight(lab.site, await page.evaluate(async () => zeroskip.logits(await zeroskip.load('/model.zsk'))));
  await page.context().close();
});

inBrowser('a server that is gone', async () => {
  const page = await lab.open();
  const context = page.context();
  await context.setOffline(true);
  const failure = await page.evaluate(() => zeroskip.failure(zeroskip.load('/model.zsk')));
  expectFailure(failure, 'FILE_ERROR', /model\.zsk cannot be read/);
  await context.setOffline(false);
  expectRight(lab.site, await page.evaluate(async () => zeroskip.logits(await zeroskip.load('/model.zsk'))));
  await context.close();
});

inBrowser('no page left an error uncaught', () => {
  assert.equal(lab.complaints, []);
});

test.after(async () => {
  await lab?.close();
  await browser.release();
});
test.run();
