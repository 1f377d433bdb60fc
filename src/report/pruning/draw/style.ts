/** Colours that people with colour blindness tell apart [Okabe and Ito 2008]: on light ground, and what stands for them on dark ground. */
export const COLOURS = {
  blue: ['#0072b2', '#4aa3df'],
  orange: ['#e69f00', '#e69f00'],
  green: ['#009e73', '#2fbf94'],
  purple: ['#cc79a7', '#d98fb8'],
  vermilion: ['#d55e00', '#ff7f2a'],
  sky: ['#56b4e9', '#56b4e9'],
} as const;

/** A colour of marks, as it stands in files; the style sheet replaces it on dark ground. */
export const colour = (name: keyof typeof COLOURS): string => COLOURS[name][0];

export const DENSE = colour('sky');
export const PRUNED = colour('vermilion');

/** Colours of curves, one after the other. */
export const CURVES = (['blue', 'orange', 'green', 'purple', 'vermilion', 'sky'] as const).map(colour);

const INK = { light: ['#ffffff', '#1f2328', '#59636e'], dark: ['#0d1117', '#f0f6fc', '#9198a1'] } as const;

const scheme = (which: 'light' | 'dark'): string => {
  const [ground, ink, muted] = INK[which];
  return `.ground{fill:${ground}}svg.chart{color:${ink}}.chart text{fill:${ink}}.chart .muted{fill:${muted}}`;
};

const darkMarks = Object.values(COLOURS)
  .filter(([light, dark]) => light !== dark)
  .map(([light, dark]) => `.chart [fill="${light}"]{fill:${dark}}.chart [stroke="${light}"]{stroke:${dark}}`)
  .join('');

/** The style sheet of charts, in files of their own and in pages: light, or dark where the reader's system is. */
export const CHART_STYLE = [
  '.chart text{font-family:system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif}',
  '.chart .title{font-size:14px;font-weight:600}.chart .small{font-size:11px}',
  scheme('light'),
  // Labels on coloured cells keep the ink that their cell needs.
  '.chart .cells text[fill="#000000"]{fill:#000000}.chart .cells text[fill="#ffffff"]{fill:#ffffff}',
  `@media (prefers-color-scheme:dark){${scheme('dark')}${darkMarks}}`,
].join('');

/** The style sheet of a page. */
export const PAGE_STYLE = [
  ':root{color-scheme:light dark}',
  `body{margin:0;background:${INK.light[0]};color:${INK.light[1]};font:16px/1.5 system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif}`,
  'main,header,nav{max-width:1180px;margin:0 auto;padding:0 16px}header{padding-top:24px}h1{font-size:1.6rem;margin:0 0 4px;overflow-wrap:anywhere}',
  'h2{font-size:1.25rem;margin:40px 0 4px}p{margin:4px 0 12px;max-width:75ch}nav ul{display:flex;flex-wrap:wrap;gap:4px 16px;padding:0;list-style:none}',
  `a{color:${COLOURS.blue[0]}}figure{margin:12px 0 0}.panels{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,320px),1fr));gap:20px 16px;align-items:start}`,
  '.panels svg{width:100%;height:auto;max-width:480px;display:block}figcaption{font-size:.875rem}',
  '.scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.8125rem;font-variant-numeric:tabular-nums}',
  'th,td{padding:4px 12px 4px 0;text-align:left;vertical-align:top;border-bottom:1px solid #8b949e55;white-space:nowrap}td.number,th.number{text-align:right}',
  '.short th{white-space:normal}tbody th{font-weight:400;max-width:24rem;overflow:hidden;text-overflow:ellipsis}pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.8125rem}',
  `.muted{color:${INK.light[2]}}`,
  `@media (prefers-color-scheme:dark){body{background:${INK.dark[0]};color:${INK.dark[1]}}.muted{color:${INK.dark[2]}}a{color:${COLOURS.blue[1]}}}`,
].join('');
