import { PANEL, type PanelData, panel } from './panel.ts';
import { styleSheet } from './style.ts';
import { element, escapeXml, text } from './svg.ts';

const COLUMNS = 2;
const HEAD = 34;

/**
 * Panels side by side under one caption, as an SVG file that follows the reader's light or dark scheme.
 * @param description for those who cannot see it
 */
export function figure(caption: string, description: string, panels: readonly PanelData[]): string {
  const columns = Math.min(COLUMNS, panels.length);
  const width = columns * PANEL.width;
  const height = HEAD + Math.ceil(panels.length / columns) * PANEL.height;
  const body = panels.map((data, i) => {
    const x = (i % columns) * PANEL.width;
    const y = HEAD + Math.floor(i / columns) * PANEL.height;
    return element('g', { transform: `translate(${x} ${y})` }, ['\n', panel(data), '\n']);
  });
  const svg = element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${width} ${height}`, width, height, role: 'img' },
    [
      '\n',
      [
        `<title>${escapeXml(caption)}</title>`,
        `<desc>${escapeXml(description)}</desc>`,
        styleSheet(),
        element('rect', { width, height, rx: 6, class: 'ground' }),
        text(14, 24, caption, { class: 'muted' }),
        ...body,
      ].join('\n'),
      '\n',
    ],
  );
  return `${svg}\n`;
}
