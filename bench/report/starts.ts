import { bytes } from '../../src/cli/format.ts';
import { groupBy } from '../lib/group.ts';
import type { PageResults, PageRow, WorkerResults, WorkerRow } from '../start/results.ts';
import { markdownTable, milliseconds } from './markdown.ts';
import { nameOf } from './names.ts';

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth'];

/** The load of the system that a reader has to know of, from half a core on. */
const loaded = ([minute]: readonly number[]): string =>
  minute >= 0.5 ? ` The machine was busy: its load was ${minute.toFixed(1)} before the first start.` : '';

/** Visits of pages. */
export function pageSection({ host, network, definition, delivery, rows, load }: PageResults): string[] {
  const [{ visits }] = rows;
  const titles = visits.map((_, i) => `${ORDINALS[i]} visit, ms`);
  const sent = ({ visits: [first] }: PageRow) => bytes(first.sentBytes);
  const kept = ({ visits: all }: PageRow) => {
    const { js, wasm } = all.at(-1)!.codeCache;
    return `${bytes(js)} / ${bytes(wasm)}`;
  };
  return [
    `### Start in a page`,
    '',
    `Chromium ${host.version}, ${network}, ${definition}. Delivery: ${delivery}.`,
    `Least / median of ${visits[0].ms.n} profiles; what the server sent for the first visit (nothing for later ones but where it says so), and the`,
    `compiled code, scripts / Wasm, that Chromium had kept before the last visit.${loaded(load)}`,
    '',
    ...markdownTable(
      ['', ...titles, 'sent', 'kept code'],
      ['left', ...titles.map(() => 'right' as const), 'right', 'right'],
      rows.map((row) => [
        row.name === 'empty' ? 'an empty page' : nameOf(row.name),
        ...row.visits.map(({ ms, sentBytes }, i) => {
          const again = i > 0 && sentBytes > 0 ? ` (${bytes(sentBytes)} sent)` : '';
          return `${milliseconds(ms.min)} / ${milliseconds(ms.median)}${again}`;
        }),
        sent(row),
        kept(row),
      ]),
    ),
  ];
}

/** Starts of Workers. */
export function workerSection({ host, network, definition, rows, load }: WorkerResults): string[] {
  const ran = rows.filter(({ ms }) => ms !== undefined);
  const failed = rows.flatMap((row) => (row.failed ? `* ${nameOf(row.name)} does not run: ${row.failed}` : []));
  const patched = rows.filter((row) => row.asShipped !== undefined && !row.failed);
  const least = rows.find(({ name }) => name === 'empty')?.peakBytes?.median ?? 0;
  return [
    '### Start in workerd',
    '',
    `workerd ${host.version}, ${network}, ${definition}. Least / median of ${Math.max(0, ...ran.map(({ ms }) => ms!.n))} starts.${loaded(load)}`,
    '',
    ...markdownTable(
      ['', 'from spawning, ms', 'from the request, ms', 'peak memory', 'over the empty one'],
      ['left', 'right', 'right', 'right', 'right'],
      ran.map(({ name, ms, requestMs, peakBytes, asShipped }) => [
        `${name === 'empty' ? 'an empty Worker' : nameOf(name)}${asShipped === undefined ? '' : ' \\*'}`,
        `${milliseconds(ms!.min)} / ${milliseconds(ms!.median)}`,
        `${milliseconds(requestMs!.min)} / ${milliseconds(requestMs!.median)}`,
        bytes(peakBytes!.median),
        name === 'empty' ? '' : bytes(peakBytes!.median - least),
      ]),
    ),
    '',
    'An isolate at Cloudflare has 128 MB. workerd itself sets no limit, and its process also holds what no isolate is charged for.',
    ...(patched.length > 0 ? ['', ...patchedLines(patched)] : []),
    ...(failed.length > 0 ? ['', ...failed] : []),
  ];
}

/** What they say as they ship, those that say the same together. */
function patchedLines(rows: readonly WorkerRow[]): string[] {
  const said = groupBy(rows, ({ asShipped }) => asShipped!);
  return [
    '\\* Does not run as it ships, since Workers may not compile Wasm while they run. Measured with a replaced `WebAssembly.instantiate` that',
    'hands its script the module compiled beforehand. As they ship:',
    '',
    ...[...said].map(([text, group]) => `* ${group.map(({ name }) => nameOf(name)).join('; ')}: \`${text}\``),
  ];
}
