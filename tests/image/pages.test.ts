import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { testDigits } from '../../bench/lib/mnist.ts';
import { viteBuild } from '../hosts/bundlers.ts';
import { stage } from '../hosts/site.ts';
import { browserMissing, complaintsOf, useBrowser } from '../support/browser.ts';
import { root } from '../support/sources.ts';
import { serve, type WebServer } from '../support/web_server.ts';
import type * as page from './page/checks.ts';

declare global {
  var checks: typeof page.checks;
}

const missing = browserMissing();
if (missing) console.log(`\npages are skipped: ${missing}`);
const inPage = missing ? test.skip : test;

/** Two pages: that of the example, and that of the checks. */
const VITE = `export default { build: { target: 'es2022', rolldownOptions: { input: ['index.html', 'checks.html'] } } };\n`;

const browser = useBrowser();
let context: BrowserContext;
let server: WebServer;

test.before(async () => {
  if (missing) return;
  const site = await stage('image-classification');
  cpSync(join(root, 'tests/image/page'), site.folder, { recursive: true });
  writeFileSync(join(site.folder, 'vite.config.js'), VITE);
  server = await serve((await viteBuild(site)).folder);
  server.routes.set('/picture.svg', (_, response) => {
    const picture =
      '<svg xmlns="http://www.w3.org/2000/svg" width="12" height="10"><path fill="#c86432" d="M0 0h12v10H0z"/></svg>';
    response.writeHead(200, { 'content-type': 'image/svg+xml' }).end(picture);
  });
  context = await browser.context();
});

test.after(async () => {
  await context?.close();
  await browser.release();
  await server?.close();
});

/** Runs `check` in a page, which complains of nothing but what cannot be fetched. */
async function visiting(path: string, check: (page: Page) => Promise<void>): Promise<void> {
  const page = await context.newPage();
  const complaints = complaintsOf(page);
  try {
    await page.goto(server.url + path);
    await check(page);
    assert.equal(
      complaints.filter((text) => !text.startsWith('Failed to load resource')),
      [],
    );
  } finally {
    await page.close();
  }
}

const checking = (check: (page: Page) => Promise<void>): Promise<void> =>
  visiting('checks.html', async (page) => {
    await page.waitForFunction(() => 'checks' in globalThis);
    await check(page);
  });

inPage('pictures need no kernels, and no request for a module as small as theirs', () =>
  checking(async (page) => {
    server.requests.length = 0;
    assert.equal(await page.evaluate(() => checks.colourOf('/picture.svg')), [200, 100, 50]);
    assert.equal(server.requests, ['/picture.svg']);
  }),
);

inPage('everything that a page can draw gives the same tensor', () =>
  checking(async (page) => {
    assert.equal(await page.evaluate(() => checks.differing()), []);
  }),
);

inPage('tensors become pictures', () =>
  checking(async (page) => {
    const found = await page.evaluate(() => checks.restored());
    assert.equal(found, { imageData: true, newCanvas: true, givenCanvas: true });
  }),
);

inPage('what cannot be read is refused in words, and the next picture is not harmed', () =>
  checking(async (page) => {
    const other = `http://localhost:${server.port}/picture.svg`;
    const found = await page.evaluate((foreign) => checks.refusals(foreign), other);
    assert.match(found.foreign, /^INVALID_ARGUMENT imagePreprocessor: .*another site without CORS/);
    assert.match(found.closed, /^INVALID_ARGUMENT .*found 0x0/);
    assert.match(found.unloaded, /^INVALID_ARGUMENT .*found 0x0/);
    assert.match(found.broken, /^INVALID_ARGUMENT/);
    assert.match(found.node, /^INVALID_ARGUMENT/);
    assert.match(found.sized, /^INVALID_ARGUMENT .*cannot be drawn/);
    assert.is(found.next, 'read');
  }),
);

inPage('the example names the digits that are put or drawn on its canvas', () =>
  visiting('', async (page) => {
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
  }),
);

test.run();
