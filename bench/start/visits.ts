import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { ensure } from '../../src/errors.ts';
import { FLAGS } from '../run/chromium.ts';
import type { PageResult } from './pages/first.ts';
import { serveStatic } from './static_server.ts';

/** Bytes that Chromium keeps of code it has compiled. */
export interface CodeCache {
  js: number;
  wasm: number;
}

/** One visit of a page: what it reported, and what it left. */
export interface Visit extends PageResult {
  /** Bytes of the bodies that the server sent, up to the result. */
  sentBytes: number;
  /** Code kept in the profile when the visit begins. */
  codeCache: CodeCache;
}

export interface VisitOptions {
  /** Path of Chromium. */
  executablePath: string;
  /** Visits of one profile, each by a browser process of its own. */
  visits: number;
  /** Milliseconds that a page stays open, idle, after its last inference; not in the last visit. */
  idleMs?: number;
}

/** Milliseconds that Chromium gets before a page is opened. */
const SETTLE = 700;

const IDLE = 3000;

const PATIENCE = 60_000;

/** A server of pages, and the visits of them. */
export interface PageVisitor {
  /** Visits the page at `path` with a fresh profile. */
  visit(path: string, options: VisitOptions): Promise<Visit[]>;
  close(): void;
}

/** Serves `files` and waits for what pages report, one page at a time. */
export async function pageVisitor(files: ReadonlyMap<string, Uint8Array>): Promise<PageVisitor> {
  const reports = new Map<string, (body: string) => void>();
  let livesOn = false;
  const server = await serveStatic(files, (path, body, response) => {
    response.writeHead(livesOn ? 202 : 200).end();
    reports.get(path)?.(body);
  });
  const reported = (path: string): Promise<string> => new Promise((resolve) => reports.set(path, resolve));

  async function visitOnce(
    url: string,
    { executablePath, idleMs = IDLE }: VisitOptions,
    profile: string,
    last: boolean,
  ): Promise<Visit> {
    const codeCache = codeCacheOf(profile);
    livesOn = !last;
    const browser = await chromium.launchPersistentContext(profile, { executablePath, args: [...FLAGS] });
    try {
      const page = browser.pages()[0] ?? (await browser.newPage());
      await sleep(SETTLE);
      server.sentBytes();
      const result = reported('/result');
      const idle = reported('/idle');
      const failed = reported('/failed').then((text) => Promise.reject(new Error(`${url}: ${text}`)));
      const crashed = new Promise<never>((_, reject) =>
        page.on('crash', () => reject(new Error(`${url} has crashed`))),
      );
      const late = sleep(PATIENCE, undefined, { ref: false }).then(() =>
        Promise.reject(new Error(`${url} has no result after ${PATIENCE / 1000} s`)),
      );
      const wrong = Promise.race([failed, crashed, late]);
      wrong.catch(() => undefined);
      const began = performance.now();
      await Promise.race([page.goto(url, { waitUntil: 'commit' }), wrong]);
      const first: PageResult = JSON.parse(await Promise.race([result, wrong]));
      const outside = performance.now() - began;
      const { ms } = first;
      ensure(ms <= outside, 'INTERNAL', `${url}: ${ms} ms on the page's clock, ${outside} on that of its visitor`);
      const visit = { ...first, sentBytes: server.sentBytes(), codeCache };
      if (!last) {
        await Promise.race([idle, wrong]);
        await sleep(idleMs);
      }
      return visit;
    } finally {
      await browser.close();
    }
  }

  return {
    async visit(path, options) {
      const { visits } = options;
      const profile = mkdtempSync(join(tmpdir(), 'zeroskip-profile-'));
      try {
        const found: Visit[] = [];
        for (let i = 0; i < visits; i++)
          found.push(await visitOnce(`${server.base}${path}`, options, profile, i === visits - 1));
        return found;
      } finally {
        rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
      }
    },
    close: () => server.close(),
  };
}

/** What the profile holds of compiled scripts and Wasm modules; Chromium's indices of empty caches are not counted. */
function codeCacheOf(profile: string): CodeCache {
  const folder = join(profile, 'Default', 'Code Cache');
  return { js: entriesOf(join(folder, 'js')), wasm: entriesOf(join(folder, 'wasm')) };
}

/** Bytes of the entries of one of Chromium's simple caches: files of 16 hexadecimal digits and the number of a stream. */
function entriesOf(folder: string): number {
  try {
    const names = readdirSync(folder).filter((name) => /^[0-9a-f]{16}_\d$/.test(name));
    return names.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  } catch {
    return 0;
  }
}
