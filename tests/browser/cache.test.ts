import { createHash } from 'node:crypto';
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CacheOptions } from '../../src/cache/index.ts';
import { browserMissing, useBrowser } from '../support/browser.ts';
import { expectFailure, expectRight, type Lab, openLab } from './lab.ts';

const missing = browserMissing();
if (missing) console.log(`\nzeroskip/cache in Chromium is skipped: ${missing}`);
const inBrowser = missing ? test.skip : test;
const browser = useBrowser();
let lab: Lab;
test.before(async () => {
  if (!missing) lab = await openLab(browser);
});

const PATH = '/model.zsk';

/** Length of what `cached` gives in the page, what it said of the store, and how often it asked the server. */
async function ask(page: Page, url: string, options: CacheOptions = {}) {
  const before = lab.server.requests.length;
  const seen = await page.evaluate(
    async ([where, given]) => {
      const stored: { code: string; message: string }[] = [];
      const onStoreError = ({ code, message }: { code: string; message: string }) => stored.push({ code, message });
      let bytes = new Uint8Array(0);
      const failure = await zeroskip.failure(
        zeroskip.cached(where, { ...given, onStoreError }).then((all) => {
          bytes = all as Uint8Array<ArrayBuffer>;
        }),
      );
      return { length: bytes.length, stored, failure };
    },
    [url, options] as const,
  );
  const requests = lab.server.requests.slice(before).filter((path) => path.endsWith('.zsk')).length;
  return { ...seen, requests };
}

/** Asserts that the whole package comes, after so many requests, and that the store does its work. */
async function comes(page: Page, requests: number, url: string, options: CacheOptions = {}): Promise<void> {
  const seen = await ask(page, url, options);
  assert.equal(seen, { length: lab.site.model.length, stored: [], failure: undefined, requests }, JSON.stringify(seen));
}

/** Keys of both stores. */
const keys = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const found: string[] = [];
    if (typeof caches !== 'undefined') {
      for (const name of await caches.keys())
        for (const { url } of await (await caches.open(name)).keys()) found.push(`cache ${url}`);
    }
    for (const { name, version } of await indexedDB.databases()) {
      const database = await new Promise<IDBDatabase>((resolve) => {
        const request = indexedDB.open(name!, version);
        request.onsuccess = () => resolve(request.result);
      });
      const all = database.transaction('packages').objectStore('packages').getAllKeys();
      await new Promise((resolve) => {
        all.onsuccess = resolve;
      });
      found.push(...all.result.map((key) => `database ${key}`));
      database.close();
    }
    return found;
  });

const STORES = [
  ['Cache storage', 'cache', () => lab.server.url],
  ['IndexedDB, where pages are no secure contexts', 'database', () => lab.insecureUrl],
] as const;

for (const [what, prefix, base] of STORES) {
  inBrowser(`${what}: fetched once, again for another version, which replaces the one before`, async () => {
    const page = await lab.open(base());
    await comes(page, 1, PATH);
    await comes(page, 0, PATH);
    await comes(page, 0, `${base()}model.zsk`);
    await comes(page, 1, PATH, { version: '2' });
    await comes(page, 0, PATH, { version: '2' });
    await comes(page, 0, `${PATH}#fragment`, { version: '2' });
    assert.equal(await keys(page), [`${prefix} ${base()}model.zsk?zeroskip=2`]);
    await comes(page, 1, `${PATH}?signed=1`);
    await page.evaluate((url) => zeroskip.forget(url), PATH);
    assert.equal(await keys(page), [`${prefix} ${base()}model.zsk?signed=1&zeroskip=`]);
    await comes(page, 1, PATH);
    await page.context().close();
  });

  inBrowser(`${what}: still there for the next visit, without the server`, async () => {
    const page = await lab.open(base());
    await comes(page, 1, 'model.zsk', { version: '1' });
    const next = await lab.open(base(), page.context());
    await page.close();
    await next.context().setOffline(true);
    await comes(next, 0, 'model.zsk', { version: '1' });
    await next.context().close();
  });

  inBrowser(`${what}: relative addresses in two folders are two packages`, async () => {
    lab.server.routes.set('/below/model.zsk', (_, response) => void response.end('another one'));
    const page = await lab.open(base());
    await comes(page, 1, 'model.zsk');
    const below = await lab.open(`${base()}below/`, page.context());
    assert.is((await ask(below, 'model.zsk')).length, 'another one'.length);
    lab.server.routes.clear();
    await page.context().close();
  });

  inBrowser(`${what}: a package that does not fit is returned, and the error reported`, async () => {
    const page = await lab.open(base());
    const session = await page.context().newCDPSession(page);
    const origin = new URL(base()).origin;
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1000 });
    const seen = await ask(page, PATH);
    assert.is(seen.length, lab.site.model.length);
    assert.is(seen.stored.length, 1);
    assert.is(seen.stored[0].code, 'STORAGE_ERROR');
    assert.match(seen.stored[0].message, /model\.zsk cannot be kept: .*[Qq]uota/);
    assert.equal(await keys(page), []);
    await session.send('Storage.overrideQuotaForOrigin', { origin });
    await comes(page, 1, PATH);
    await comes(page, 0, PATH);
    await page.context().close();
  });
}

inBrowser('what is kept runs', async () => {
  const page = await lab.open();
  for (let visit = 0; visit < 2; visit++) {
    const logits = await page.evaluate(
      async (url) => zeroskip.logits(await zeroskip.load(await zeroskip.cached(url))),
      PATH,
    );
    expectRight(lab.site, logits);
  }
  await page.context().close();
});

inBrowser('SHA-256: a damaged entry is fetched again, another package is refused and not kept', async () => {
  const sha256 = createHash('sha256').update(lab.site.model).digest('hex');
  const page = await lab.open();
  await comes(page, 1, PATH, { sha256 });
  await comes(page, 0, PATH, { sha256: sha256.toUpperCase() });
  const [key] = await keys(page);
  await page.evaluate(
    async (url) => (await caches.open('zeroskip')).put(url, new Response('damage')),
    key.replace('cache ', ''),
  );
  await comes(page, 1, PATH, { sha256 });
  await comes(page, 0, PATH, { sha256 });
  const { failure } = await ask(page, PATH, { sha256: '0'.repeat(64) });
  expectFailure(failure, 'INVALID_PACKAGE', /SHA-256/);
  assert.equal(await keys(page), [key], 'the one before stays');
  await page.context().close();
});

inBrowser('SHA-256 needs a secure context', async () => {
  const page = await lab.open(lab.insecureUrl);
  const { failure } = await ask(page, PATH, { sha256: '0'.repeat(64) });
  expectFailure(failure, 'UNSUPPORTED_HOST', /SubtleCrypto/);
  await page.context().close();
});

inBrowser('a page without any storage gets the package all the same', async () => {
  const page = await lab.open();
  await page.evaluate(() => {
    for (const name of ['caches', 'indexedDB']) Object.defineProperty(globalThis, name, { value: undefined });
  });
  await comes(page, 1, PATH);
  await comes(page, 1, PATH);
  await page.context().close();
});

inBrowser('no page left an error uncaught', () => {
  assert.equal(lab.complaints, []);
});

test.after(async () => {
  await lab?.close();
  await browser.release();
});
test.run();
