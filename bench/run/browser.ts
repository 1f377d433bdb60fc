import { chromium } from 'playwright-core';
import type { Outcomes } from '../lib/results.ts';
import type { BenchNet } from '../nets/net.ts';
import type { PageTask } from '../page/task.ts';
import type { RuntimeName } from '../peers/runtime.ts';
import { FLAGS } from './chromium.ts';
import type { CompareOptions, OnStage } from './compare.ts';
import { servePage } from './page_server.ts';

/** Does what `compare` does in a page of the Chromium at `executablePath`, with a profile of its own. */
export async function compareInBrowser(
  executablePath: string,
  net: BenchNet,
  runtimes: RuntimeName[],
  options: CompareOptions,
  onStage: OnStage,
): Promise<Outcomes> {
  onStage(0, 'starting Chromium');
  const server = await servePage(net);
  const browser = await chromium.launch({ executablePath, args: [...FLAGS] });
  try {
    const page = await browser.newPage();
    const lost = new Promise<never>((_, reject) => {
      page.on('crash', () => reject(new Error('the page has crashed')));
      page.on('pageerror', (error) => reject(error));
    });
    await page.exposeFunction('onStage', onStage);
    await page.goto(server.url);
    await page.waitForFunction(() => 'compareNet' in window);
    const { name, sparsity, pattern, id, input, output } = net;
    const task: PageTask = {
      net: { name, sparsity, pattern, id, input, output },
      runtimes,
      options,
    };
    const measured = page.evaluate((given) => window.compareNet(given), task);
    return await Promise.race([measured, lost]);
  } finally {
    await browser.close();
    server.close();
  }
}
