import { bytes, duration } from '../../src/cli/format.ts';
import { table } from '../../src/cli/table.ts';
import type { Sizes } from './download.ts';
import type { PageResults, StartResults, WorkerResults } from './results.ts';

const right = (title: string) => ({ title, right: true });

/** Lines about processes of Node and what a page downloads. */
export function nodeLines({ network, rows, runtimes, models }: StartResults): string[] {
  const sizes = (entries: Record<string, Sizes>) =>
    Object.entries(entries).map(([name, { raw, gzip, brotli }]) => [name, bytes(raw), bytes(gzip), bytes(brotli)]);
  return [
    `From spawning a process to its first result of ${network}, and its peak memory`,
    '',
    ...table(
      [{ title: 'script' }, right('min'), right('median'), right('peak memory')],
      rows.map(({ name, ms, peakBytes }) => [name, duration(ms.min), duration(ms.median), bytes(peakBytes.median)]),
    ),
    '',
    'To download',
    '',
    ...table([{ title: 'runtime' }, right('raw'), right('gzip'), right('brotli 11')], sizes(runtimes)),
    '',
    ...table([{ title: `${network} as` }, right('raw'), right('gzip'), right('brotli 11')], sizes(models)),
  ];
}

/** Lines about visits of pages. */
export function pageLines({ network, rows, definition, delivery }: PageResults): string[] {
  return [
    `${network}: ${definition}`,
    delivery,
    '',
    ...table(
      [
        { title: 'page' },
        right('visit'),
        right('min'),
        right('median'),
        right('sent'),
        right('kept code: scripts'),
        right('Wasm'),
      ],
      rows.flatMap(({ name, visits }) =>
        visits.map(({ ms, sentBytes, codeCache }, i) => [
          i === 0 ? name : '',
          String(i + 1),
          duration(ms.min),
          duration(ms.median),
          bytes(sentBytes),
          bytes(codeCache.js),
          bytes(codeCache.wasm),
        ]),
      ),
    ),
  ];
}

/** Lines about Workers. */
export function workerLines({ network, rows, definition }: WorkerResults): string[] {
  const ran = rows.filter(({ ms }) => ms !== undefined);
  const failed = rows.filter((row) => row.failed !== undefined);
  const patched = rows.filter((row) => row.asShipped !== undefined);
  return [
    `${network}: ${definition}`,
    '',
    ...table(
      [
        { title: 'Worker' },
        right('min'),
        right('median'),
        right('request: min'),
        right('median'),
        right('peak memory'),
      ],
      ran.map(({ name, ms, requestMs, peakBytes }) => [
        name,
        duration(ms!.min),
        duration(ms!.median),
        duration(requestMs!.min),
        duration(requestMs!.median),
        bytes(peakBytes!.median),
      ]),
    ),
    ...(failed.length > 0 ? ['', 'Do not run:', ...failed.map((row) => `  ${row.name}: ${row.failed}`)] : []),
    ...(patched.length > 0
      ? [
          '',
          'With a replaced WebAssembly.instantiate only; as they ship:',
          ...patched.map((row) => `  ${row.name}: ${row.asShipped}`),
        ]
      : []),
  ];
}
