import type { Settings } from './options.ts';

/** ITU-R BT.601. */
const LUMINANCE = [0.299, 0.587, 0.114];

/** `y[c] = b[c] + sum_k m[k][c] * x[k]`, for channels c of the tensor and k of red, green and blue. */
export interface Affine {
  m: number[][];
  b: number[];
}

/** Colours to channels, and `y = (x * scale - mean) / std`, in one step; the three colours of a grey picture are one. */
export function affineOf({ channels, scale, mean, std }: Settings, grey = false): Affine {
  const share = (k: number, c: number): number => {
    if (channels !== 'gray') return k === (channels === 'bgr' ? 2 - c : c) ? 1 : 0;
    return grey ? Number(k === 0) : LUMINANCE[k];
  };
  return {
    m: [0, 1, 2].map((k) => mean.map((_, c) => (share(k, c) * scale) / std[c])),
    b: mean.map((x, c) => -x / std[c]),
  };
}

/** The channels of one colour. */
export function applied({ m, b }: Affine, colour: readonly number[]): number[] {
  return b.map((bias, c) => colour.reduce((sum, x, k) => sum + x * m[k][c], bias));
}
