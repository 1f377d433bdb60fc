import { element, escapeXml, text } from './svg.ts';

const HEAD = 34;

/** Colours of a class, on light and on dark ground. */
export type Colours = Readonly<Record<string, readonly [light: string, dark: string]>>;

interface FigureSpec {
  caption: string;
  /** For those who cannot see it. */
  description: string;
  /** Markup of each panel, drawn from its own origin. */
  panels: readonly string[];
  size: { width: number; height: number };
  /** Panels side by side at most. */
  columns: number;
  colours: Colours;
}

/** Panels side by side under one caption, as an SVG file that follows the reader's light or dark scheme. */
export function figure({ caption, description, panels, size, columns: most, colours }: FigureSpec): string {
  const columns = Math.max(1, Math.min(most, panels.length));
  const width = columns * size.width;
  const height = HEAD + Math.ceil(panels.length / columns) * size.height;
  const body = panels.map((panel, i) => {
    const x = (i % columns) * size.width;
    const y = HEAD + Math.floor(i / columns) * size.height;
    return element('g', { transform: `translate(${x} ${y})` }, ['\n', panel, '\n']);
  });
  const svg = element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${width} ${height}`, width, height, role: 'img' },
    [
      '\n',
      [
        `<title>${escapeXml(caption)}</title>`,
        `<desc>${escapeXml(description)}</desc>`,
        styleSheet(colours),
        element('rect', { width, height, rx: 6, class: 'ground' }),
        text(14, 24, caption, { class: 'muted' }),
        ...body,
      ].join('\n'),
      '\n',
    ],
  );
  return `${svg}\n`;
}

const GROUND = {
  light: ['#ffffff', '#1f2328', '#59636e', '#e4e8ec'],
  dark: ['#0d1117', '#f0f6fc', '#9198a1', '#2a313b'],
};

/** The rules of one colour scheme. Lines take `stroke` from their class, areas, labels and markers `fill`. */
function rules(scheme: 'light' | 'dark', colours: Colours): string {
  const [ground, ink, muted, grid] = GROUND[scheme];
  const own = Object.entries(colours).map(([name, pair]) => {
    const colour = pair[scheme === 'light' ? 0 : 1];
    return `.${name}{fill:${colour};stroke:${colour}}`;
  });
  return [
    `.ground{fill:${ground}}.ink{fill:${ink}}.muted{fill:${muted}}.grid{stroke:${grid}}.axis{stroke:${muted}}`,
    `.halo{stroke:${ground}}`,
    ...own,
  ].join('');
}

/** The style sheet of a figure: light, or dark where the reader's system is. */
const styleSheet = (colours: Colours): string =>
  element('style', {}, [
    'text{font:12px system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;stroke:none!important}',
    '.title{font-size:14px;font-weight:600}.line{fill:none!important}.small{font-size:11px}',
    rules('light', colours),
    `@media (prefers-color-scheme:dark){${rules('dark', colours)}}`,
  ]);
