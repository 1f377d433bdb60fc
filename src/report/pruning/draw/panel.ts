import { element, escapeXml, text } from '../../svg.ts';
import type { Drawing } from './plot.ts';
import { CHART_STYLE } from './style.ts';

/** Width of a panel in pixels: what a phone shows without scaling. */
export const WIDTH = 340;

/** An entry of a legend. */
export interface Key {
  label: string;
  colour: string;
  mark?: 'area' | 'line' | 'dashed' | 'dot' | 'star';
}

/** One chart with what it says. */
export interface Panel {
  title: string;
  /** Lines below the title. */
  notes?: readonly string[];
  keys?: readonly Key[];
  /** For those who cannot see it. */
  description: string;
  drawing: Drawing;
}

/** Charts that belong together: a section of the page, a file. */
export interface Figure {
  /** Name of the file, without its extension. */
  name: string;
  title: string;
  caption: string;
  panels: readonly Panel[];
  /** Panels side by side in the file at most. */
  columns: number;
}

const LINE = 16;
const MARGIN = 8;
const CHARACTER = 5.8;
const SWATCH = 22;
const COLUMNS_GAP = 16;

/** The lines of small text that fit into a width. */
function wrapped(line: string, width = WIDTH): string[] {
  const most = Math.floor((width - 2 * MARGIN) / CHARACTER);
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(' ')) {
    if (current && [...current].length + 1 + [...word].length > most) {
      lines.push(current);
      current = word;
    } else current = current ? `${current} ${word}` : word;
  }
  return [...lines, current];
}

function legend(keys: readonly Key[], top: number): { markup: string; height: number } {
  let x = MARGIN;
  let y = top;
  const drawn = keys.map(({ label, colour, mark = 'area' }) => {
    const width = SWATCH + [...label].length * CHARACTER + 12;
    if (x > MARGIN && x + width > WIDTH - MARGIN) {
      x = MARGIN;
      y += LINE;
    }
    const at = x;
    x += width;
    return swatch(mark, colour, at, y) + text(at + SWATCH, y + 4, label, { class: 'small' });
  });
  return { markup: drawn.join(''), height: keys.length > 0 ? y - top + LINE : 0 };
}

function swatch(mark: NonNullable<Key['mark']>, colour: string, x: number, y: number): string {
  if (mark === 'area') return element('rect', { x, y: y - 5, width: 16, height: 10, fill: colour });
  if (mark === 'dot')
    return element('circle', { cx: x + 8, cy: y, r: 4.5, fill: 'none', stroke: colour, 'stroke-width': 2 });
  if (mark === 'star') return element('path', { d: STAR, transform: `translate(${x + 8} ${y})`, fill: colour });
  const dash = mark === 'dashed' ? '4 3' : undefined;
  return element('path', {
    d: `M${x} ${y}h16`,
    stroke: colour,
    'stroke-width': 2,
    fill: 'none',
    'stroke-dasharray': dash,
  });
}

const STAR = 'M0 -6L1.5 -2L5.7 -1.9L2.4 0.8L3.5 4.9L0 2.5L-3.5 4.9L-2.4 0.8L-5.7 -1.9L-1.5 -2Z';

/** The markup of a panel from its own origin, and its size. */
function drawn({ title, notes = [], keys = [], drawing }: Panel): Drawing {
  const lines = notes.flatMap((note) => wrapped(note));
  const first = 20 + LINE;
  const below = first + lines.length * LINE;
  const { markup, height } = legend(keys, below);
  const top = below + height - (keys.length > 0 ? 4 : LINE / 2);
  return {
    markup: [
      text(MARGIN, 20, title, { class: 'title' }),
      ...lines.map((line, i) => text(MARGIN, first + i * LINE, line, { class: 'small muted' })),
      markup,
      element('g', { transform: `translate(0 ${top})` }, [drawing.markup]),
    ].join(''),
    width: WIDTH,
    height: top + drawing.height,
  };
}

const about = (title: string, description: string): string =>
  `<title>${escapeXml(title)}</title><desc>${escapeXml(description)}</desc>`;

/** A panel as an element of a page, whose style sheet has {@link CHART_STYLE}. */
export function inlineSvg(panel: Panel): string {
  const { markup, width, height } = drawn(panel);
  const { title, description } = panel;
  const attributes = {
    class: 'chart',
    viewBox: `0 0 ${width} ${height}`,
    role: 'img',
    'aria-label': `${title}. ${description}`,
  };
  return element('svg', attributes, [about(title, description), markup]);
}

/** A figure as an SVG file. */
export function svgFile({ title, caption, panels, columns: most }: Figure): string {
  const columns = Math.max(1, Math.min(most, panels.length));
  const rows: Drawing[][] = [];
  panels.forEach((panel, i) => {
    if (i % columns === 0) rows.push([]);
    rows.at(-1)!.push(drawn(panel));
  });
  const width = columns * (WIDTH + COLUMNS_GAP);
  const lines = wrapped(caption, width);
  const head = lines.map((line, i) => text(COLUMNS_GAP, 20 + i * LINE, line, { class: 'small muted' }));
  let y = 20 + lines.length * LINE;
  const body = rows.flatMap((row) => {
    const top = y;
    y += Math.max(...row.map(({ height }) => height)) + 12;
    return row.map(({ markup }, i) =>
      element('g', { transform: `translate(${i * (WIDTH + COLUMNS_GAP) + COLUMNS_GAP / 2} ${top})` }, [
        '\n',
        markup,
        '\n',
      ]),
    );
  });
  const description = [caption, ...panels.map((panel) => `${panel.title}: ${panel.description}`)].join(' ');
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    class: 'chart',
    viewBox: `0 0 ${width} ${y}`,
    width,
    height: y,
    role: 'img',
  };
  const style = element('style', {}, [CHART_STYLE]);
  const ground = element('rect', { width, height: y, class: 'ground' });
  return `${element('svg', attributes, ['\n', about(title, description), style, ground, '\n', ...head, '\n', ...body.flatMap((g) => [g, '\n'])])}\n`;
}
