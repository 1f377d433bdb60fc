import type { Progress } from '../lib/progress.ts';
import { summarize } from '../lib/stats.ts';
import { expectAgreement } from './agree.ts';
import type { ModelFiles } from './models.ts';
import { PAGES, pathOf, type StartPage, siteOf } from './page_site.ts';
import type { PageRow, VisitRow } from './results.ts';
import { pageVisitor, type Visit } from './visits.ts';

/** Chromium keeps scripts that it has compiled from the second visit on; the third is the first that finds them. */
export const VISITS = 3;

/** Visits all pages in turn, `times` times, each time with fresh profiles. */
export async function measurePages(
  files: ModelFiles,
  times: number,
  executablePath: string,
  progress: Progress,
  pages: readonly StartPage[] = PAGES,
): Promise<PageRow[]> {
  const visitor = await pageVisitor(await siteOf(pages, files));
  const found = new Map(pages.map(({ name }) => [name, [] as Visit[][]]));
  try {
    for (let round = 0; round < times; round++) {
      for (const [i, page] of pages.entries()) {
        progress.at((round + i / pages.length) / times, `${VISITS} visits of ${page.name}`);
        found.get(page.name)!.push(await visitor.visit(pathOf(page), { executablePath, visits: VISITS }));
      }
    }
  } finally {
    visitor.close();
  }
  const [[expected]] = found.get('zeroskip')!;
  return pages.map(({ name }) => {
    const profiles = found.get(name)!;
    expectAgreement(name, profiles.flat(), expected);
    return { name, visits: Array.from({ length: VISITS }, (_, i) => visitRow(profiles.map((visits) => visits[i]))) };
  });
}

const median = (values: readonly number[]): number => summarize(values).median;

/** The same visit of all profiles. */
export const visitRow = (visits: readonly Visit[]): VisitRow => ({
  ms: summarize(visits.map(({ ms }) => ms)),
  sentBytes: median(visits.map(({ sentBytes }) => sentBytes)),
  codeCache: {
    js: median(visits.map(({ codeCache }) => codeCache.js)),
    wasm: median(visits.map(({ codeCache }) => codeCache.wasm)),
  },
});
