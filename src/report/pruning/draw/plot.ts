import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { element, escapeXml } from '../../svg.ts';

const FONT = 11;

/** A drawing without its `svg` element. */
export interface Drawing {
  markup: string;
  width: number;
  height: number;
}

/** Draws with Observable Plot on a document of its own. The markup has no style sheet and no script. */
export function plotted(options: Plot.PlotOptions & { width: number; height: number }): Drawing {
  const { document } = parseHTML('<html></html>');
  const svg = Plot.plot({ ...options, document, style: { fontSize: `${FONT}px` } });
  const body = [...svg.childNodes].map((node) => markupOf(node)).join('');
  const attributes = { fill: 'currentColor', 'font-size': FONT, 'text-anchor': 'middle' };
  return { markup: element('g', attributes, [body]), width: options.width, height: options.height };
}

const ELEMENT = 1;
const TEXT = 3;

/** XML of a node; what only speaks to screen readers is left out, since a chart is one picture with a description. */
function markupOf(node: Node): string {
  if (node.nodeType === TEXT) return escapeXml(node.textContent ?? '');
  if (node.nodeType !== ELEMENT) return '';
  const { localName, attributes, childNodes } = node as Element;
  if (localName === 'style') return '';
  const own = [...attributes]
    .filter(({ name }) => !name.startsWith('aria-'))
    .map(({ name, value }) => [name, rounded(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return element(localName, Object.fromEntries(own), [...childNodes].map(markupOf));
}

/** Coordinates to a hundredth of a pixel. */
const rounded = (value: string): string =>
  value.replace(/-?\d+\.\d{3,}(?:e-?\d+)?/g, (number) => String(Math.round(Number(number) * 100) / 100));
