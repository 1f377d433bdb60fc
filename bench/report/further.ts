import { bytes } from '../../src/cli/format.ts';
import type { KernelResults } from '../kernels/results.ts';
import { readResults } from '../lib/results.ts';
import type { PruneResults } from '../prune/results.ts';
import type { Sizes } from '../start/download.ts';
import type {
  AnyStartResults,
  PageResults,
  PageRow,
  StartResults,
  StartRow,
  WorkerResults,
  WorkerRow,
} from '../start/results.ts';
import type { WakewordResults } from '../wakeword/results.ts';
import { markdownTable, milliseconds } from './markdown.ts';
import { nameOf } from './names.ts';
import { pruningSection } from './pruning.ts';
import { pageSection, workerSection } from './starts.ts';
import { wakewordSection } from './wakeword.ts';

/** Starts that a script must have been measured with before they are quoted. */
const LEAST_STARTS = 3;

/** Sections on start and size, pruning, and the kernels, from the newest results in `folder`. */
export function further(folder: string): string[] {
  const starts = readResults<AnyStartResults>('start', folder).filter((start) =>
    countsOf(start).every((n) => n >= LEAST_STARTS),
  );
  const on = <T extends AnyStartResults>(host: T['host']['name']) =>
    starts.find((start): start is T => start.host.name === host);
  const [node, page, worker] = [on<StartResults>('node'), on<PageResults>('chromium'), on<WorkerResults>('workerd')];
  const kernels = readResults<KernelResults>('kernels', folder)[0];
  const wakeword = readResults<WakewordResults>('wakeword', folder)[0];
  const pruned = readResults<PruneResults>('prune', folder);
  const [sparse, timed] = [
    pruned.find(({ networks }) => networks.length > 0),
    pruned.find(({ latency }) => latency.length > 0),
  ];
  const sections = [
    node ? startSection(node) : [],
    page ? pageSection(page) : [],
    worker ? workerSection(worker) : [],
    sparse ? pruningSection(sparse, timed) : [],
    wakeword ? wakewordSection(wakeword) : [],
    kernels ? kernelSection(kernels) : [],
  ];
  return sections.filter((lines) => lines.length > 0).flatMap((lines, i) => (i === 0 ? lines : ['', ...lines]));
}

/** How often everything was measured. */
function countsOf({ host, rows }: AnyStartResults): number[] {
  if (host.name === 'chromium') return (rows as PageRow[]).flatMap(({ visits }) => visits.map(({ ms }) => ms.n));
  return (rows as (StartRow | WorkerRow)[]).flatMap(({ ms }) => ms?.n ?? []);
}

export function startSection({ host, network, rows, runtimes, models }: StartResults): string[] {
  const sizes = (entries: Record<string, Sizes>): string[][] =>
    Object.entries(entries).map(([name, { raw, gzip, brotli }]) => [
      nameOf(name),
      bytes(raw),
      bytes(gzip),
      bytes(brotli),
    ]);
  return [
    '### Start and size',
    '',
    `From spawning \`node\` (${host.version}) to the first result of ${network}, least and median of ${rows[0].ms.n} starts, and the most memory that the process has held:`,
    '',
    ...markdownTable(
      ['', 'min, ms', 'median, ms', 'peak memory'],
      ['left', 'right', 'right', 'right'],
      rows.map(({ name, ms, peakBytes }) => [
        nameOf(name),
        milliseconds(ms.min),
        milliseconds(ms.median),
        bytes(peakBytes.median),
      ]),
    ),
    '',
    `What a page downloads, the scripts and the Wasm module of each runtime, and ${network} in each format:`,
    '',
    ...markdownTable(
      ['', 'raw', 'gzip', 'brotli 11'],
      ['left', 'right', 'right', 'right'],
      [...sizes(runtimes), ...sizes(models)],
    ),
  ];
}

/** The ceiling, and the best that every kernel reaches of it. */
export function kernelSection({ host, variant, ceiling, rows }: KernelResults): string[] {
  const loads = Object.entries(ceiling.loads).map(([size, rate]) => `${rate.toFixed(0)} GB/s from ${size}`);
  const madd = ceiling.madd === null ? '' : `, relaxed multiply-add ${ceiling.madd.toFixed(1)}`;
  const kernels = [...new Set(rows.flatMap(({ kernel, gflops }) => (gflops === null ? [] : kernel)))];
  const best = kernels.map((kernel) => {
    const own = rows.filter((row) => row.kernel === kernel);
    return own.reduce((a, b) => ((b.gflops ?? 0) > (a.gflops ?? 0) ? b : a));
  });
  return [
    '### Kernels',
    '',
    `The ceiling of this machine inside Wasm (Node ${host.version}, ${variant} build), one thread: multiply and add ${ceiling.mulAdd.toFixed(1)} GFLOP/s${madd};`,
    `loads of 128 bits ${loads.join(', ')}. The best layer of every kernel (\`npm run bench:kernels\` prints all):`,
    '',
    ...markdownTable(
      ['kernel', 'layer', 'zeros', 'GFLOP/s on non-zeros', 'of the ceiling', 'GB/s of weights'],
      ['left', 'left', 'right', 'right', 'right', 'right'],
      best.map(({ kernel, site, sparsity, gflops, ofCeiling, gbytes }) => [
        `\`${kernel}\``,
        site,
        `${sparsity} %`,
        gflops!.toFixed(1),
        `${(100 * ofCeiling!).toFixed(0)} %`,
        gbytes === null ? '' : gbytes.toFixed(1),
      ]),
    ),
  ];
}
