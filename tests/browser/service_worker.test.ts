import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { vendored, visit } from '../hosts/pages.ts';
import { stage } from '../hosts/site.ts';
import { browserMissing, useBrowser } from '../support/browser.ts';
import { serve } from '../support/web_server.ts';

const missing = browserMissing();
if (missing) console.log(`\nservice workers in Chromium are skipped: ${missing}`);
const inBrowser = missing ? test.skip : test;
const browser = useBrowser();

inBrowser(
  'a page with a service worker still shows its result after the server has gone and the worker was ended',
  async () => {
    const site = await stage('service-worker');
    const server = await serve(vendored(site).folder);
    const context = await browser.context();
    const first = await visit(context, server.url);
    assert.is((first.result.logits as number[]).length, 10);
    await server.close();
    await expectGone(server.url);
    const session = await context.newCDPSession(first.page);
    await session.send('ServiceWorker.enable');
    await session.send('ServiceWorker.stopAllWorkers');
    await first.page.close();
    const second = await visit(context, server.url);
    assert.equal(second.result, first.result);
    assert.ok(!server.requests.includes('/zeroskip/wasm/zeroskip.relaxed.wasm'), 'one build is kept');
    await context.close();
  },
);

const expectGone = async (url: string): Promise<void> => {
  const answer = await fetch(url).catch((error: unknown) => error);
  assert.instance(answer, TypeError);
};

test.after(() => browser.release());
test.run();
