import { figure } from '../../src/report/figure.ts';
import { groupBy } from '../lib/group.ts';
import type { NetName } from '../nets/net.ts';
import type { RuntimeName } from '../peers/runtime.ts';
import { isFigure } from '../run/summarise.ts';
import type { HostResults, Quoted } from './collect.ts';
import { NET_NAMES } from './names.ts';
import { type Line, PANEL, type PanelData, panel } from './panel.ts';
import { COLOURS, LINES } from './style.ts';

const COLUMNS = 2;

/** The chart of one host: a panel for each network, without block patterns. */
export function chart({ label, rows }: HostResults): string {
  const nets = groupBy(
    rows.filter(({ row }) => row.pattern === 'unstructured'),
    ({ row }) => row.network,
  );
  const panels = [...nets].map(([network, quoted]) => panelOf(network, quoted));
  const description = panels
    .map(({ title, lines }) => {
      const ends = lines.map(({ runtime, points }) => {
        const { sparsity, ms } = points.at(-1)!;
        return `${LINES[runtime].label} ${Number(ms.toPrecision(3))} ms at ${sparsity} %`;
      });
      return `${title}: ${ends.join(', ')}.`;
    })
    .join(' ');
  return figure({
    caption: `Latency of one inference over sparsity, one thread, ${label}. Both scales are logarithmic.`,
    description,
    panels: panels.map(panel),
    size: PANEL,
    columns: COLUMNS,
    colours: COLOURS,
  });
}

function panelOf(network: NetName, rows: readonly Quoted[]): PanelData {
  const names = (Object.keys(LINES) as RuntimeName[]).filter((name) =>
    rows.some(({ entries }) => entries.some((entry) => isFigure(entry) && entry.runtime === name)),
  );
  const lines = names.map((runtime): Line => {
    const points = rows.flatMap(({ row, entries }) =>
      entries.flatMap((entry) =>
        isFigure(entry) && entry.runtime === runtime ? { sparsity: row.sparsity, ms: entry.min } : [],
      ),
    );
    return { runtime, points };
  });
  return { title: NET_NAMES[network], lines };
}
