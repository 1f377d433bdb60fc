import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { browserMissing, useBrowser } from '../support/browser.ts';
import { expectFailure, expectRight, type Lab, openLab } from './lab.ts';

const missing = browserMissing();
if (missing) console.log(`\nzeroskip/worker in Chromium is skipped: ${missing}`);
const inBrowser = missing ? test.skip : test;
const browser = useBrowser();
let lab: Lab;
test.before(async () => {
  if (!missing) lab = await openLab(browser);
});

inBrowser('a model in a worker says and computes what one in the page does', async () => {
  const page = await lab.open();
  const { here, there, profiled, disposed } = await page.evaluate(async () => {
    const own = await zeroskip.load('/model.zsk');
    const model = await zeroskip.loadInWorker(zeroskip.startWorker(), '/model.zsk');
    const facts = ({ inputs, outputs, name, metadata, variant, engine, memoryBytes, arenaBytes }: typeof model) =>
      JSON.stringify({ inputs, outputs, name, metadata, variant, engine, memoryBytes, arenaBytes });
    const here = [await zeroskip.logits(own), facts(own as never)];
    const there = [await zeroskip.logits(model), facts(model)];
    const profiled = [(await model.profile(zeroskip.feeds())).length, own.profile(zeroskip.feeds()).length];
    await model.dispose();
    return { here, there, profiled, disposed: await zeroskip.failure(model.run(zeroskip.feeds())) };
  });
  assert.equal(there, here);
  expectRight(lab.site, there[0] as number[]);
  assert.is(profiled[0], profiled[1]);
  expectFailure(disposed, 'DISPOSED', /disposed/);
  await page.context().close();
});

inBrowser('the package may be bytes, an address relative to the page, or a URL', async () => {
  const page = await lab.open(`${lab.server.url}below/`);
  const logits = await page.evaluate(async () => {
    const worker = zeroskip.startWorker();
    const bytes = new Uint8Array(await (await fetch('/model.zsk')).arrayBuffer());
    const sources = [bytes, bytes.slice().buffer, '../model.zsk', new URL('/model.zsk', location.href)];
    const all: number[][] = [];
    for (const source of sources) all.push(await zeroskip.logits(await zeroskip.loadInWorker(worker, source)));
    return all;
  });
  assert.is(logits.length, 4);
  for (const one of logits) expectRight(lab.site, one);
  await page.context().close();
});

inBrowser('the worker takes the Wasm files from where the page says', async () => {
  const page = await lab.open(`${lab.server.url}below/`);
  lab.server.requests.length = 0;
  const { logits, failure } = await page.evaluate(async () => {
    const worker = zeroskip.startWorker();
    const folder = await zeroskip.loadInWorker(worker, '/model.zsk', {
      wasmPaths: '../zeroskip/wasm/',
      target: 'simd',
    });
    const relaxed = new URL('/zeroskip/wasm/zeroskip.relaxed.wasm?a', location.href);
    const file = await zeroskip.loadInWorker(worker, '/model.zsk', { wasmPaths: { relaxed } });
    const failure = await zeroskip.failure(zeroskip.loadInWorker(worker, '/model.zsk', { wasmPaths: 'nowhere' }));
    return {
      logits: [await zeroskip.logits(folder), await zeroskip.logits(file)],
      failure,
    };
  });
  for (const one of logits) expectRight(lab.site, one);
  expectFailure(failure, 'FILE_ERROR', /\/below\/nowhere\/zeroskip\.relaxed\.wasm: HTTP status 404/);
  const wasm = lab.server.requests.filter((path) => path.endsWith('.wasm'));
  assert.equal(
    wasm.map((path) => path.replace('/zeroskip/wasm/', '')),
    ['zeroskip.simd.wasm', 'zeroskip.relaxed.wasm', '/below/nowhere/zeroskip.relaxed.wasm'],
  );
  await page.context().close();
});

inBrowser('buffers are copied, or moved on demand; outputs are moved', async () => {
  const page = await lab.open();
  const sizes = await page.evaluate(async () => {
    const model = await zeroskip.loadInWorker(zeroskip.startWorker(), '/model.zsk');
    const feeds = zeroskip.feeds();
    const first = await model.run(feeds);
    const copied = feeds.input.data.length;
    const second = await model.run(feeds, { transfer: true });
    return { copied, moved: feeds.input.data.length, outputs: [first, second].map(({ logits }) => logits.data.length) };
  });
  assert.equal(sizes, { copied: 784, moved: 0, outputs: [10, 10] });
  await page.context().close();
});

inBrowser('calls are done in order, and one that waits can be taken back', async () => {
  const page = await lab.open();
  const { order, failures } = await page.evaluate(async () => {
    const model = await zeroskip.loadInWorker(zeroskip.startWorker(), '/model.zsk');
    const controller = new AbortController();
    const order: number[] = [];
    const calls = [0, 1, 2, 3].map((i) =>
      model.run(zeroskip.feeds(), i === 2 ? { signal: controller.signal } : {}).then(() => order.push(i)),
    );
    controller.abort();
    return { failures: await Promise.all(calls.map((call) => zeroskip.failure(call))), order };
  });
  assert.equal(order, [0, 1, 3]);
  assert.equal(
    failures.map((failure) => failure?.code),
    [undefined, undefined, 'ABORTED', undefined],
  );
  await page.context().close();
});

inBrowser('a worker that ends fails its calls, and another one takes over', async () => {
  const page = await lab.open();
  const { failures, logits } = await page.evaluate(async () => {
    const worker = zeroskip.startWorker();
    const model = await zeroskip.loadInWorker(worker, '/model.zsk');
    await zeroskip.logits(model);
    const calls = [model.run(zeroskip.feeds()), model.run(zeroskip.feeds())];
    worker.terminate();
    const failures = await Promise.all(calls.map((call) => zeroskip.failure(call)));
    failures.push(await zeroskip.failure(model.run(zeroskip.feeds())));
    failures.push(await zeroskip.failure(zeroskip.loadInWorker(worker, '/model.zsk')));
    const closing = await zeroskip.loadInWorker(new Worker('/closes.js', { type: 'module' }), '/model.zsk');
    await zeroskip.failure(closing.run(zeroskip.feeds()));
    failures.push(await zeroskip.failure(closing.run(zeroskip.feeds())));
    return {
      failures,
      logits: await zeroskip.logits(await zeroskip.loadInWorker(zeroskip.startWorker(), '/model.zsk')),
    };
  });
  assert.is(failures.length, 5);
  for (const failure of failures) expectFailure(failure, 'WORKER_LOST', /has ended/);
  expectRight(lab.site, logits);
  await page.context().close();
});

inBrowser('a script that is not there, or fails, is a lost worker', async () => {
  const page = await lab.open();
  const failures = await page.evaluate(async () => {
    const all = [];
    for (const script of ['/absent.js', '/broken.js'])
      all.push(await zeroskip.failure(zeroskip.loadInWorker(new Worker(script, { type: 'module' }), '/model.zsk')));
    return all;
  });
  expectFailure(failures[0], 'WORKER_LOST', /could not be started/);
  expectFailure(failures[1], 'WORKER_LOST', /no script/);
  await page.context().close();
});

inBrowser('an error of something else in the worker ends nothing', async () => {
  const page = await lab.open();
  const logits = await page.evaluate(async () => {
    const worker = new Worker('/throws.js', { type: 'module' });
    worker.addEventListener('error', (event) => event.preventDefault());
    const model = await zeroskip.loadInWorker(worker, '/model.zsk');
    await zeroskip.logits(model);
    return zeroskip.logits(model);
  });
  expectRight(lab.site, logits);
  await page.context().close();
});

inBrowser('workers of pages that are no secure contexts', async () => {
  const page = await lab.open(lab.insecureUrl);
  const { secure, logits } = await page.evaluate(async () => ({
    secure: isSecureContext,
    logits: await zeroskip.logits(await zeroskip.loadInWorker(zeroskip.startWorker(), '/model.zsk')),
  }));
  assert.not(secure);
  expectRight(lab.site, logits);
  await page.context().close();
});

inBrowser('no page left an error uncaught', () => {
  assert.equal(
    lab.complaints.filter((complaint) => !complaint.includes('broken.js')),
    [],
  );
});

test.after(async () => {
  await lab?.close();
  await browser.release();
});
test.run();
