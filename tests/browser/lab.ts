import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { relativeError } from '../../bench/lib/stats.ts';
import type * as cache from '../../src/cache/index.ts';
import type { ErrorCode } from '../../src/errors.ts';
import type * as runtime from '../../src/runtime/index.ts';
import type * as client from '../../src/worker/client.ts';
import { TOLERANCE } from '../hosts/check.ts';
import { vendored } from '../hosts/pages.ts';
import { type Site, stage } from '../hosts/site.ts';
import { INSECURE_HOST, type useBrowser } from '../support/browser.ts';
import { root } from '../support/sources.ts';
import { serve, type WebServer } from '../support/web_server.ts';

/** What the page `tests/browser/lab` offers to the functions that tests evaluate in it. */
interface Tools {
  feeds(): runtime.Feeds;
  logits(model: runtime.Model | client.WorkerModel): Promise<number[]>;
  startWorker(): Worker;
  /** Code and message of the ZeroskipError that a promise rejects with; undefined if it does not. Other errors are thrown. */
  failure(promise: Promise<unknown>): Promise<Failure | undefined>;
}

export interface Failure {
  code: ErrorCode;
  message: string;
}

declare global {
  var zeroskip: typeof runtime & typeof cache & typeof client & Tools;
  /** Loads as the test has chosen. */
  var attempt: (url: string) => Promise<runtime.Model | client.WorkerModel>;
}

/** A server with the package as pages without a build step have it, `model.zsk` and `digit.bin`. */
export interface Lab {
  site: Site;
  server: WebServer;
  /** The lab's address where pages are no secure contexts. */
  insecureUrl: string;
  /** Opens the lab in a profile of its own, or in `context`. */
  open(url?: string, context?: BrowserContext): Promise<Page>;
  /** Errors of pages that nobody caught. */
  complaints: string[];
  close(): Promise<void>;
}

export async function openLab(browser: ReturnType<typeof useBrowser>): Promise<Lab> {
  const site = await stage('page');
  vendored(site);
  cpSync(join(root, 'tests/browser/lab'), site.folder, { recursive: true });
  const server = await serve(site.folder);
  const complaints: string[] = [];
  return {
    site,
    server,
    insecureUrl: `http://${INSECURE_HOST}:${server.port}/`,
    complaints,
    async open(url = server.url, context) {
      const page = await (context ?? (await browser.context())).newPage();
      page.on('pageerror', (error) => complaints.push(String(error.stack ?? error)));
      await page.goto(url);
      await page
        .waitForFunction(() => 'zeroskip' in globalThis, null, { timeout: 20_000 })
        .catch((error: Error) => {
          throw new Error(`${url} does not start: ${[error.message, ...complaints].join('\n')}`);
        });
      return page;
    },
    close: () => server.close(),
  };
}

/** Asserts that logits are those of PyTorch. */
export function expectRight(site: Site, logits: readonly number[]): void {
  const error = relativeError(logits, site.expected);
  assert.ok(error <= TOLERANCE, `error ${error}`);
}

/** Asserts a code and a message. */
export function expectFailure(failure: Failure | undefined, code: ErrorCode, message: RegExp): void {
  assert.is(failure?.code, code, failure?.message ?? 'nothing was thrown');
  assert.match(failure!.message, message);
}
