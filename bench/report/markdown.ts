import { type Figure, type Gap, isFigure } from '../run/summarise.ts';
import { factor } from '../run/table.ts';
import type { HostResults, Quoted } from './collect.ts';
import { NET_NAMES, RUNTIME_NAMES, zerosOf } from './names.ts';

type Align = 'left' | 'right';

/** Lines of a Markdown table. */
export function markdownTable(
  titles: readonly string[],
  align: readonly Align[],
  rows: readonly (readonly string[])[],
): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(titles), `| ${align.map((a) => (a === 'right' ? '---:' : '---')).join(' | ')} |`, ...rows.map(line)];
}

/** Milliseconds with three digits, without a unit. */
export const milliseconds = (ms: number): string => (ms < 99.95 ? ms.toPrecision(3) : ms.toFixed(0));

/** Latencies of one host: a row for each network and sparsity, a column for each runtime; the least of a row is bold. */
export function latencies({ rows }: HostResults): string[] {
  const runtimes = [...new Set(rows.flatMap(({ entries }) => entries.map(({ runtime }) => runtime)))];
  const titles = ['network', 'zeros', ...runtimes.map((runtime) => RUNTIME_NAMES[runtime])];
  let previous = '';
  const body = rows.map((quoted) => {
    const { network } = quoted.row;
    const name = network === previous ? '' : NET_NAMES[network];
    previous = network;
    return [name, zerosOf(quoted.row), ...runtimes.map((runtime) => cell(quoted, runtime))];
  });
  return markdownTable(titles, ['left', 'right', ...runtimes.map((): Align => 'right')], body);
}

function cell({ entries }: Quoted, runtime: string): string {
  const entry = entries.find((candidate) => candidate.runtime === runtime);
  if (!entry) return '';
  if (!isFigure(entry)) return entry.failed ? 'error' : '–';
  const least = Math.min(...entries.filter(isFigure).map(({ min }) => min));
  const ms = entry.min === least ? `**${milliseconds(entry.min)}**` : milliseconds(entry.min);
  return runtime === 'zeroskip' ? ms : `${ms} (${factor(entry.ratio)}x)${hasNotes(entry) ? ' \\*' : ''}`;
}

/** Whether a peer's number comes with a remark; ours only say which kernels were taken. */
export const hasNotes = (entry: Figure | Gap): entry is Figure =>
  isFigure(entry) && entry.notes.length > 0 && !entry.runtime.startsWith('zeroskip');

/** What went wrong, one line each. */
export const failures = ({ rows }: HostResults): string[] =>
  rows.flatMap(({ row, entries }) =>
    entries.flatMap((entry) =>
      !isFigure(entry) && entry.failed ? `* ${row.id}, ${RUNTIME_NAMES[entry.runtime]}: ${entry.reason}` : [],
    ),
  );
