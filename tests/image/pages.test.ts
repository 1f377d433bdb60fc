import { existsSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { build } from 'vite';
import { testDigits } from '../../bench/lib/mnist.ts';
import { FLAGS } from '../../bench/run/chromium.ts';
import { stage } from '../hosts/site.ts';
import { root } from '../support/sources.ts';
import type * as page from './page/checks.ts';

const executablePath = process.env.CHROMIUM || '/usr/bin/chromium';
const missing = existsSync(executablePath) ? undefined : `there is no Chromium at ${executablePath}`;
if (missing) console.log(`\npages are skipped: ${missing}`);
const inPage = missing ? test.skip : test;

declare global {
  var checks: typeof page.checks;
}

const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };

let browser: Browser;
let url: string;
let server: ReturnType<typeof createServer>;

test.before(async () => {
  if (missing) return;
  // The example as a user has it, and a page of our own, built as a user builds them.
  const { folder } = await stage('image-classification');
  await cp(join(root, 'tests/image/page'), folder, { recursive: true });
  const input = ['index.html', 'checks.html'].map((name) => join(folder, name));
  await build({ root: folder, logLevel: 'error', build: { target: 'es2022', rolldownOptions: { input } } });
  server = createServer(async ({ url: path = '/' }, response) => {
    const file = join(folder, 'dist', path === '/' ? 'index.html' : new URL(path, 'http://localhost').pathname);
    const body = await readFile(file).catch(() => undefined);
    response.writeHead(body ? 200 : 404, { 'content-type': TYPES[extname(file)] ?? 'image/svg+xml' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  await writeFile(
    join(folder, 'dist', 'picture.svg'),
    '<svg xmlns="http://www.w3.org/2000/svg" width="12" height="10"><path fill="#c86432" d="M0 0h12v10H0z"/></svg>',
  );
  browser = await chromium.launch({ executablePath, args: [...FLAGS] });
});

test.after(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
});

async function opened(path: string): Promise<Page> {
  const page = await browser.newPage();
  page.on('pageerror', (error) => {
    throw error;
  });
  await page.goto(url + path);
  return page;
}

async function checking(): Promise<Page> {
  const page = await opened('checks.html');
  await page.waitForFunction(() => 'checks' in globalThis);
  return page;
}

inPage('everything that a page can draw gives the same tensor', async () => {
  const page = await checking();
  assert.equal(await page.evaluate(() => checks.differing()), []);
  assert.equal(await page.evaluate(() => checks.colourOf('/picture.svg')), [200, 100, 50]);
  await page.close();
});

inPage('tensors become pictures', async () => {
  const page = await checking();
  const found = await page.evaluate(() => checks.restored());
  assert.equal(found, { imageData: true, newCanvas: true, givenCanvas: true });
  await page.close();
});

inPage('what cannot be read is refused in words, and the next picture is not harmed', async () => {
  const page = await checking();
  const other = `${url.replace('127.0.0.1', 'localhost')}picture.svg`;
  const found = await page.evaluate((foreign) => checks.refusals(foreign), other);
  assert.match(found.foreign, /^INVALID_ARGUMENT imagePreprocessor: .*another site without CORS/);
  assert.match(found.closed, /^INVALID_ARGUMENT .*found 0x0/);
  assert.match(found.unloaded, /^INVALID_ARGUMENT .*found 0x0/);
  assert.match(found.broken, /^INVALID_ARGUMENT/);
  assert.match(found.node, /^INVALID_ARGUMENT/);
  assert.match(found.sized, /^INVALID_ARGUMENT .*cannot be drawn/);
  assert.is(found.next, 'read');
  await page.close();
});

inPage('the example names the digits that are put or drawn on its canvas', async () => {
  const page = await opened('');
  await page.waitForSelector('body[data-state=ready]');
  const { images, labels, pixels } = testDigits();
  const guessed: string[] = [];
  const names: string[] = [];
  const words = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
  const box = (await page.locator('#paper').boundingBox())!;
  for (let digit = 0; digit < 10; digit++) {
    names.push(words[digit]);
    const at = labels.indexOf(digit);
    await page.evaluate(
      ([grey]) => {
        const small = new ImageData(28, 28);
        grey.forEach((x, i) => {
          small.data.set([x, x, x, 255], 4 * i);
        });
        const canvas = new OffscreenCanvas(28, 28);
        canvas.getContext('2d')!.putImageData(small, 0, 0);
        const context = document.querySelector<HTMLCanvasElement>('#paper')!.getContext('2d')!;
        context.imageSmoothingEnabled = false;
        context.drawImage(canvas, 0, 0, 280, 280);
      },
      [[...images.subarray(at * pixels, (at + 1) * pixels)]],
    );
    // A stroke in a corner that stays black: it begins and ends at one place.
    await page.mouse.move(box.x + 1, box.y + 1);
    await page.mouse.down();
    await page.mouse.move(box.x + 2, box.y + 1);
    await page.mouse.up();
    guessed.push((await page.locator('#guesses li').first().textContent())!.split(' ')[0]);
  }
  assert.equal(guessed, names);

  await page.click('#clear');
  assert.is(await page.locator('#guesses li').count(), 0);
  await page.mouse.move(box.x + 145, box.y + 50);
  await page.mouse.down();
  await page.mouse.move(box.x + 140, box.y + 150, { steps: 5 });
  await page.mouse.move(box.x + 135, box.y + 230, { steps: 5 });
  await page.mouse.up();
  assert.match((await page.locator('#guesses li').first().textContent())!, /^one \d+\.\d %$/);
  assert.is(await page.locator('#guesses li').count(), 3);
  await page.close();
});

test.run();
