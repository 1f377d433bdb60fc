import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { chromiumPath, FLAGS } from '../../bench/run/chromium.ts';

/** A name of this machine under which pages are no secure contexts, as under any plain `http:` address but those of loopback. */
export const INSECURE_HOST = 'insecure.test';

let users = 0;
let running: Promise<Browser> | undefined;

/** Why there is no browser; undefined where there is one. */
export function browserMissing(): string | undefined {
  try {
    chromiumPath();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** The one Chromium of this process: started when the first context is asked for, ended when all files that use it are through. */
export function useBrowser(): { context(): Promise<BrowserContext>; release(): Promise<void> } {
  users++;
  return {
    async context() {
      running ??= chromium.launch({
        executablePath: chromiumPath(),
        args: [...FLAGS, '--no-proxy-server', `--host-resolver-rules=MAP ${INSECURE_HOST} 127.0.0.1`],
      });
      return (await running).newContext();
    },
    async release() {
      users--;
      if (users > 0 || !running) return;
      const browser = await running;
      running = undefined;
      await browser.close();
    },
  };
}

/** What went wrong in a page without being caught; filled as it happens. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error.stack ?? error)));
  page.on('crash', () => complaints.push('the page has crashed'));
  page.on('console', (message) => {
    // Chromium asks for an icon that pages do not name.
    if (message.type() === 'error' && !message.location().url.endsWith('/favicon.ico')) complaints.push(message.text());
  });
  return complaints;
}

const PATIENCE = 20_000;

/** The JSON that a page writes into its element `#result`. */
export async function resultOf(page: Page, complaints: readonly string[]): Promise<Record<string, unknown>> {
  try {
    const result = page.locator('#result:not(:empty)');
    await result.waitFor({ state: 'attached', timeout: PATIENCE });
    return JSON.parse((await result.textContent())!);
  } catch (error) {
    throw new Error(`${page.url()} shows no result: ${[(error as Error).message, ...complaints].join('\n')}`);
  }
}
