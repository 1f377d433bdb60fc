import type { Host, NetworkResults, Row } from '../lib/results.ts';
import { NETS, PATTERNS } from '../nets/net.ts';
import { type Figure, type Gap, summarise } from '../run/summarise.ts';

/** Processes that must have measured a network before its numbers are quoted. */
export const LEAST_RUNS = 3;

/** A row that may be quoted, with the facts of the file that it is from. */
export interface Quoted {
  row: Row;
  entries: (Figure | Gap)[];
  source: NetworkResults;
}

/** All that was measured on one host. */
export interface HostResults {
  /** `node-20` */
  key: string;
  /** `Node 20.20.2` */
  label: string;
  host: Host;
  rows: Quoted[];
}

const NAMES: Readonly<Record<Host['name'], string>> = { node: 'Node', chromium: 'Chromium', workerd: 'workerd' };

const order = ({ network, sparsity, pattern }: Row): number =>
  NETS.indexOf(network) * 1e6 + PATTERNS.indexOf(pattern) * 1e3 + sparsity;

/** For every host the newest measurement of each network that enough processes have seen; `results` come newest first. */
export function collect(results: readonly NetworkResults[]): HostResults[] {
  const hosts = new Map<string, HostResults & { seen: Set<string> }>();
  for (const source of results) {
    const key = `${source.host.name}-${source.host.version.split('.')[0]}`;
    const label = `${NAMES[source.host.name]} ${source.host.version}`;
    const entry = hosts.get(key) ?? { key, label, host: source.host, rows: [], seen: new Set() };
    hosts.set(key, entry);
    for (const row of source.rows) {
      if (row.runs.length < LEAST_RUNS || entry.seen.has(row.id)) continue;
      entry.seen.add(row.id);
      entry.rows.push({ row, entries: summarise(row), source });
    }
  }
  return [...hosts.values()]
    .filter(({ rows }) => rows.length > 0)
    .map(({ key, label, host, rows }) => ({ key, label, host, rows: rows.sort((a, b) => order(a.row) - order(b.row)) }))
    .sort((a, b) => a.key.localeCompare(b.key, 'en', { numeric: true }))
    .sort((a, b) => Number(a.host.name === 'chromium') - Number(b.host.name === 'chromium'));
}
