import { bytes } from '../../src/cli/format.ts';
import type { NetworkResults } from '../lib/results.ts';
import type { HostResults } from './collect.ts';
import { losses } from './losses.ts';
import { failures, hasNotes, latencies } from './markdown.ts';
import { RUNTIME_NAMES } from './names.ts';

/** A chart that was drawn of a host's results. */
export interface Drawn {
  results: HostResults;
  /** Path of the chart from the README. */
  chart: string;
}

/** Markdown of the README's section. `further`: sections of other measurements. */
export function section(drawn: readonly Drawn[], further: readonly string[]): string {
  const [first, ...others] = drawn;
  if (!first) return ['No results yet: `npm run bench`, then `npm run bench:report`.', ...further].join('\n');
  return [
    ...method(first.results),
    '',
    ...body(first),
    ...others.flatMap((other) => [
      '',
      `<details><summary>The same in ${other.results.label}</summary>`,
      '',
      ...body(other),
      '',
      '</details>',
    ]),
    ...(further.length > 0 ? ['', ...further] : []),
  ].join('\n');
}

function method({ rows }: HostResults): string[] {
  const { machine, versions, options } = rows[0].source;
  const vectors = machine.features.includes('avx512f')
    ? ', AVX-512'
    : machine.features.includes('avx2')
      ? ', AVX2'
      : '';
  const named = Object.entries(versions)
    .filter(([name]) => name !== 'zeroskip-dense' && name !== 'litert-sparse')
    .map(([name, version]) => `${RUNTIME_NAMES[name as keyof typeof RUNTIME_NAMES]} ${version}`);
  return [
    `${machine.cpu} (${machine.cores} cores, ${bytes(machine.memoryBytes)}${vectors}), one thread, batch 1. ${named.join(', ')}.`,
    `All runtimes have the same weights and input, run in turn in one process, and agree in their outputs; ${options.repeat} processes for each network.`,
    'Milliseconds of one inference, the least of all runs; in brackets how many times ours that is (median over the processes of the',
    'ratios of minima). **Bold**: the fastest. –: the runtime has nothing for this case. Native ONNX Runtime is not WebAssembly and uses all of',
    "the processor's vectors.",
  ];
}

function body({ results, chart }: Drawn): string[] {
  const wrong = failures(results);
  return [
    `### ${results.label}`,
    '',
    `![Latency over sparsity, a panel for each network and a line for each runtime](${chart})`,
    '',
    ...latencies(results),
    '',
    ...noteList(results),
    ...(wrong.length > 0 ? ['These have failed:', '', ...wrong, ''] : []),
    'What loses to whom, and by how much:',
    '',
    ...losses(results),
    '',
    `<sub>${sources(results)}</sub>`,
  ];
}

function noteList({ rows }: HostResults): string[] {
  const found = rows.flatMap(({ row, entries }) =>
    entries.filter(hasNotes).map(({ runtime, notes }) => `* ${row.id}, ${RUNTIME_NAMES[runtime]}: ${notes.join('; ')}`),
  );
  if (found.length === 0) return [];
  return ['<details><summary>* with a remark</summary>', '', ...found, '', '</details>', ''];
}

/** Dates and commits of the measurements. */
function sources({ rows }: HostResults): string {
  const found = new Map<string, NetworkResults>(rows.map(({ source }) => [source.date, source]));
  return [...found.values()]
    .map(({ date, commit, core }) => {
      const code = commit ? `commit ${commit.id.slice(0, 10)}${commit.changed ? ' with changes' : ''}` : 'no commit';
      return `Measured on ${date.slice(0, 10)}, ${code}, ${core === null ? 'not pinned' : 'pinned to one core'}.`;
    })
    .filter((line, i, lines) => lines.indexOf(line) === i)
    .join(' ');
}
