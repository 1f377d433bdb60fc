import type { RuntimeName } from '../peers/runtime.ts';

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
export const COLOURS: Readonly<Record<LineName, readonly [light: string, dark: string]>> = {
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
