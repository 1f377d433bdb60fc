import { plural } from '../../src/cli/format.ts';
import { groupBy } from '../lib/group.ts';
import type { RuntimeName } from '../peers/runtime.ts';
import { type Figure, isFigure } from '../run/summarise.ts';
import { factor } from '../run/table.ts';
import type { HostResults, Quoted } from './collect.ts';
import { NET_NAMES, RUNTIME_NAMES, zerosOf } from './names.ts';

/** A difference that says nothing. */
const EVEN = 0.02;

interface Pair {
  quoted: Quoted;
  figure: Figure;
}

/** All comparisons with one runtime. */
function pairsWith(runtime: RuntimeName, rows: readonly Quoted[]): Pair[] {
  return rows.flatMap((quoted) =>
    quoted.entries.flatMap((entry) => (isFigure(entry) && entry.runtime === runtime ? { quoted, figure: entry } : [])),
  );
}

/**
 * Markdown list, a point for each runtime: where zeroskip loses to it and by how much, and how often it wins. Lost is what is slower in
 * every process and by more than {@link EVEN}, won what is faster; the rest is even.
 */
export function losses({ rows }: HostResults): string[] {
  const runtimes = [...new Set(rows.flatMap(({ entries }) => entries.map(({ runtime }) => runtime)))];
  const others = runtimes.filter((runtime) => runtime !== 'zeroskip');
  return others.flatMap((runtime) => {
    const pairs = pairsWith(runtime, rows);
    if (pairs.length === 0) return [];
    const lost = pairs.filter(({ figure }) => figure.ratios[1] < 1 && figure.ratio < 1 - EVEN);
    const won = pairs.filter(({ figure }) => figure.ratios[0] > 1 && figure.ratio > 1 + EVEN);
    const even = pairs.length - lost.length - won.length;
    const head = `* **${RUNTIME_NAMES[runtime]}**: zeroskip is faster in ${won.length} of ${plural(pairs.length, 'case')}${range(won)}`;
    const rest = [
      ...(even > 0 ? [`even in ${even}`] : []),
      lost.length > 0 ? `slower in ${lost.length}:` : 'slower in none.',
    ];
    return [`${head}, ${rest.join(', ')}`, ...lostByNet(lost)];
  });
}

function range(won: readonly Pair[]): string {
  if (won.length === 0) return '';
  const ratios = won.map(({ figure }) => figure.ratio).sort((a, b) => a - b);
  const [least, most] = [factor(ratios[0]), factor(ratios.at(-1)!)];
  return least === most ? ` (${least}x)` : ` (${least}x to ${most}x)`;
}

/** `  * ResNet-50: 2.10x at 0 %, 1.31x at 70 %` */
function lostByNet(lost: readonly Pair[]): string[] {
  const nets = groupBy(lost, ({ quoted }) => quoted.row.network);
  return [...nets].map(([network, pairs]) => {
    const cases = pairs.map(({ quoted, figure }) => `${factor(1 / figure.ratio)}x at ${zerosOf(quoted.row)}`);
    return `  * ${NET_NAMES[network]}: ${cases.join(', ')}`;
  });
}
