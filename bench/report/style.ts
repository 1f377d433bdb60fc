import type { RuntimeName } from '../peers/runtime.ts';
import { element } from './svg.ts';

/** A runtime, or a way to run a layer whose input has zeros. */
export type LineName = RuntimeName | 'static' | 'walked' | 'chosen';

export interface LineStyle {
  label: string;
  dash?: string;
  width: number;
  marker: 'circle' | 'square' | 'diamond' | 'triangle';
}

/** Solid: zeros are skipped, or the plain build; dashed: the dense or native sibling. Shapes tell the lines apart without colours. */
export const LINES: Readonly<Record<LineName, LineStyle>> = {
  zeroskip: { label: 'zeroskip', width: 3, marker: 'circle' },
  'zeroskip-dense': { label: 'zeroskip, dense', width: 1.75, dash: '5 3', marker: 'circle' },
  'ort-web': { label: 'ORT Web', width: 1.75, marker: 'square' },
  'ort-node': { label: 'ORT native', width: 1.75, dash: '2 3', marker: 'square' },
  'tfjs-wasm': { label: 'TF.js Wasm', width: 1.75, marker: 'triangle' },
  litert: { label: 'LiteRT.js', width: 1.75, dash: '5 3', marker: 'diamond' },
  'litert-sparse': { label: 'LiteRT.js, sparse', width: 1.75, marker: 'diamond' },
  chosen: { label: 'chosen', width: 3, marker: 'circle' },
  walked: { label: 'live columns', width: 1.75, dash: '2 3', marker: 'triangle' },
  static: { label: 'static', width: 1.75, dash: '5 3', marker: 'square' },
};

/** Okabe and Ito's colours, which colour-blind people can tell apart; on dark ground the darker ones are lightened. */
const COLOURS: Readonly<Record<LineName, [light: string, dark: string]>> = {
  zeroskip: ['#d55e00', '#ff7f2a'],
  'zeroskip-dense': ['#d55e00', '#ff7f2a'],
  'ort-web': ['#0072b2', '#56b4e9'],
  'ort-node': ['#0072b2', '#56b4e9'],
  'tfjs-wasm': ['#009e73', '#1fc79a'],
  litert: ['#b0518a', '#e59ac4'],
  'litert-sparse': ['#b0518a', '#e59ac4'],
  chosen: ['#d55e00', '#ff7f2a'],
  walked: ['#009e73', '#1fc79a'],
  static: ['#0072b2', '#56b4e9'],
};

const GROUND = {
  light: ['#ffffff', '#1f2328', '#59636e', '#e4e8ec'],
  dark: ['#0d1117', '#f0f6fc', '#9198a1', '#2a313b'],
};

/** The rules of one colour scheme. Lines take `stroke` from their class, labels and markers `fill`. */
function rules(scheme: 'light' | 'dark'): string {
  const [ground, ink, muted, grid] = GROUND[scheme];
  const runtimes = Object.entries(COLOURS).map(([name, colours]) => {
    const colour = colours[scheme === 'light' ? 0 : 1];
    return `.${name}{fill:${colour};stroke:${colour}}`;
  });
  return [
    `.ground{fill:${ground}}.ink{fill:${ink}}.muted{fill:${muted}}.grid{stroke:${grid}}.axis{stroke:${muted}}`,
    `.halo{stroke:${ground}}`,
    ...runtimes,
  ].join('');
}

/** The style sheet of a chart: light, or dark where the reader's system is. */
export const styleSheet = (): string =>
  element('style', {}, [
    'text{font:12px system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;stroke:none!important}',
    '.title{font-size:14px;font-weight:600}.line{fill:none!important}.small{font-size:11px}',
    rules('light'),
    `@media (prefers-color-scheme:dark){${rules('dark')}}`,
  ]);
