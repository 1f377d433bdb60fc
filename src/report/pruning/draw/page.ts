import { bytes, count, percent, time } from '../../format.ts';
import { element, escapeXml } from '../../svg.ts';
import type { LayerFacts, NetworkFacts, ReportData } from '../data.ts';
import { type Figure, inlineSvg } from './panel.ts';
import { CHART_STYLE, PAGE_STYLE } from './style.ts';
import { shapes } from './weights.ts';

/** Nothing is loaded, whatever the text says. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

const words = (tag: string, text: string, attributes: Record<string, string> = {}): string =>
  element(tag, attributes, [escapeXml(text)]);

interface Column {
  title: string;
  cell(facts: LayerFacts): string;
}

const share = (x: number): string => (x === 0 ? '0 %' : percent(x));

const COLUMNS: readonly Column[] = [
  { title: 'non-zeros', cell: ({ nonZeros }) => count(nonZeros) },
  { title: 'zeros', cell: ({ sparsity }) => share(sparsity) },
  { title: 'zero rows', cell: ({ zeroRows }) => share(zeroRows) },
  { title: 'zero columns', cell: ({ zeroCols }) => share(zeroCols) },
  { title: 'zero inputs', cell: ({ zeroChannels }) => share(zeroChannels) },
  { title: 'pattern', cell: ({ pattern }) => pattern },
  { title: 'format', cell: ({ cost }) => cost?.format ?? '-' },
  { title: 'bytes', cell: ({ cost }) => (cost ? bytes(cost.bytes) : '-') },
  { title: 'time', cell: ({ cost }) => (cost ? time(cost.ns) : '-') },
];

/** Columns whose cells are words. */
const TEXTS = new Set(['pattern', 'format']);
const numbered = (title: string): Record<string, string> => (TEXTS.has(title) ? {} : { class: 'number' });

/** A unit that both have is said once. */
function change(before: string, after: string | undefined): string {
  if (after === undefined || after === before) return before;
  const unit = / \S+$/.exec(after)?.[0] ?? '';
  return `${unit && before.endsWith(unit) ? before.slice(0, -unit.length) : before} → ${after}`;
}

/** A row for each layer; with a pruned network cells say `before → after` where they differ. */
function layerTable({ layers }: ReportData): string {
  const head = ['#', 'layer', 'op', 'shape'].map((title) => words('th', title, { scope: 'col' }));
  const columns = COLUMNS.map(({ title }) => words('th', title, { scope: 'col', ...numbered(title) }));
  const rows = layers.map((layer, i) => {
    const { name, op, dense, pruned } = layer;
    const cells = COLUMNS.map(({ title, cell }) => {
      const [before, after] = [cell(dense), pruned ? cell(pruned) : undefined];
      return words('td', change(before, after), numbered(title));
    });
    return element('tr', {}, [
      words('td', String(i + 1)),
      words('th', name, { scope: 'row', title: name }),
      words('td', op),
      words('td', shapes(layer)),
      ...cells,
    ]);
  });
  return element('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Layers' }, [
    element('table', {}, [
      element('thead', {}, [element('tr', {}, [...head, ...columns])]),
      element('tbody', {}, rows),
    ]),
  ]);
}

/** The whole networks. */
function summaryTable({ summary: { dense, pruned }, metric, measured, samples }: ReportData): string {
  const rows: [string, (facts: NetworkFacts) => string][] = [
    ...(metric
      ? ([
          ...(metric === 'accuracy' ? [['accuracy', ({ quality }: NetworkFacts) => percent(quality!.accuracy!)]] : []),
          ['output error (relative, squared)', ({ quality }: NetworkFacts) => quality!.mse.toPrecision(3)],
          ['same answer as the dense network', ({ quality }: NetworkFacts) => percent(quality!.hits)],
        ] as [string, (facts: NetworkFacts) => string][])
      : []),
    [`latency (${measured ? 'measured' : 'modelled'})`, ({ ns }) => time(ns)],
    ['package', (facts) => bytes(facts.bytes)],
    ['multiplications', ({ macs }) => count(macs)],
    ['weights', ({ weights }) => count(weights)],
    ['weights that are not zero', ({ nonZeros }) => count(nonZeros)],
  ];
  const sides = [dense, ...(pruned ? [pruned] : [])];
  const head = ['', 'dense', ...(pruned ? ['pruned'] : [])].map((title, i) =>
    i === 0 ? '<td></td>' : words('th', title, { scope: 'col', class: 'number' }),
  );
  const body = rows.map(([title, cell]) =>
    element('tr', {}, [
      words('th', title, { scope: 'row' }),
      ...sides.map((facts) => words('td', cell(facts), { class: 'number' })),
    ]),
  );
  return [
    element('div', { class: 'scroll' }, [
      element('table', { class: 'short' }, [
        element('thead', {}, [element('tr', {}, head)]),
        element('tbody', {}, body),
      ]),
    ]),
    samples > 0 ? words('p', `Quality on ${samples} samples.`, { class: 'muted' }) : '',
  ].join('\n');
}

const details = (title: string, value: unknown): string =>
  value === undefined
    ? ''
    : element('details', {}, [words('summary', title), words('pre', JSON.stringify(value, null, 2))]);

const section = (id: string, title: string, body: readonly string[]): string =>
  element('section', { id, 'aria-labelledby': `${id}-title` }, [
    '\n',
    words('h2', title, { id: `${id}-title` }),
    '\n',
    ...body,
    '\n',
  ]);

const figureOf = ({ caption, panels }: Figure): string =>
  element('figure', {}, [
    words('figcaption', caption, { class: 'muted' }),
    '\n',
    element(
      'div',
      { class: 'panels' },
      panels.map((panel) => `\n${inlineSvg(panel)}`),
    ),
  ]);

/** Figures of the whole network stand above the table of layers, those with a panel for each layer below. */
const isShort = ({ panels }: Figure): boolean => panels.length <= 2;

/** A page that needs nothing but itself. */
export function page(data: ReportData, summary: Figure | undefined, figures: readonly Figure[]): string {
  const title = data.pruned ? `Pruning of ${data.model}` : `Report on ${data.model}`;
  const subtitle = data.pruned ? `${data.model} (dense) and ${data.pruned} (pruned)` : data.model;
  const of = (list: readonly Figure[]) => list.map((figure) => section(figure.name, figure.title, [figureOf(figure)]));
  const sections = [
    section('summary', 'Summary', [
      summaryTable(data),
      ...(summary ? [figureOf(summary)] : []),
      details('Recipe', data.recipe),
      details('Measurements of the pruning', data.measurements),
      ...data.notes.map((note) => words('p', note, { class: 'muted' })),
    ]),
    ...of(figures.filter(isShort)),
    section('layers', 'Layers', [layerTable(data)]),
    ...of(figures.filter((figure) => !isShort(figure))),
  ];
  const named = (list: readonly Figure[]) => list.map(({ name, title }) => [name, title]);
  const links = [
    ['summary', 'Summary'],
    ...named(figures.filter(isShort)),
    ['layers', 'Layers'],
    ...named(figures.filter((figure) => !isShort(figure))),
  ];
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    words('title', title),
    `<style>${PAGE_STYLE}${CHART_STYLE}</style>`,
    '</head>',
    '<body>',
    element('header', {}, [words('h1', title), words('p', subtitle, { class: 'muted' })]),
    element('nav', { 'aria-label': 'Sections' }, [
      element(
        'ul',
        {},
        links.map(([id, name]) => element('li', {}, [words('a', name, { href: `#${id}` })])),
      ),
    ]),
    element('main', {}, ['\n', ...sections.flatMap((text) => [text, '\n'])]),
    '</body>',
    '</html>',
    '',
  ].join('\n');
}
