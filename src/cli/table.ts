import { inLine, shorten } from './format.ts';

export interface Column {
  title: string;
  /** Numbers stand on the right. */
  right?: boolean;
  /** Width down to which the column may be shortened where the table is too wide. */
  least?: number;
  /** Cells whose middle is worth more than that of others give way later: 1 unless set. */
  worth?: number;
}

const GAP = 2;

/** Width for tables: that of the terminal within 100 to 120 columns. */
export const tableWidth = (): number => Math.min(120, Math.max(100, process.stdout.columns ?? 120));

/**
 * Lines of a table with a heading. Columns that allow it are shortened until the table fits into `width`, always the one with the
 * most room above its least width.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number = tableWidth(),
): string[] {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => row.map(inLine))];
  const widths = columns.map((_, c) => Math.max(...cells.map((row) => [...row[c]].length)));
  let excess = widths.reduce((sum, w) => sum + w, GAP * (columns.length - 1)) - width;
  while (excess > 0) {
    const spare = columns.map(({ least, worth = 1 }, c) => (least === undefined ? 0 : (widths[c] - least) / worth));
    const widest = spare.indexOf(Math.max(...spare));
    if (spare[widest] <= 0) break;
    widths[widest]--;
    excess--;
  }
  const line = (row: readonly string[]): string =>
    row
      .map((cell, c) => {
        const text = shorten(cell, widths[c]);
        const pad = ' '.repeat(widths[c] - [...text].length);
        return columns[c].right ? pad + text : text + pad;
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  return [line(cells[0]), widths.map((w) => '-'.repeat(w)).join(' '.repeat(GAP)), ...cells.slice(1).map(line)];
}

/** Lines of `label  text` with aligned texts; a text of several lines continues below itself. */
export function fields(entries: readonly (readonly [string, string | readonly string[]])[]): string[] {
  const indent = Math.max(...entries.map(([label]) => label.length)) + GAP;
  return entries.flatMap(([label, text]) =>
    (typeof text === 'string' ? [text] : text).map((line, i) => (i === 0 ? label : '').padEnd(indent) + inLine(line)),
  );
}
