import { readFileSync } from 'node:fs';
import type { Resize } from '../../src/image/options.ts';
import type { Pixels } from '../../src/image/source.ts';

/** Byte i is bits 13 to 20 of i * 2654435761, as in the fixtures of PyTorch. */
export function picture(width: number, height: number, channels: number): Pixels {
  const data = new Uint8ClampedArray(width * height * channels);
  for (let i = 0; i < data.length; i++) data[i] = (Math.imul(i, 2654435761) >>> 13) & 255;
  return { data, width, height, channels };
}

export interface ResizeCase {
  width: number;
  height: number;
  channels: number;
  toWidth: number;
  toHeight: number;
  resize: Resize;
  antialias: boolean;
  /** `[channels][toHeight][toWidth]`, within 0 and 255. */
  values: number[];
}

interface CoverCase {
  width: number;
  height: number;
  shortestEdge: number;
  crop: number;
  values: number[];
}

/** What PyTorch makes of small pictures (`tests/fixtures/image`). */
export const pytorch: { cases: ResizeCase[]; covers: CoverCase[] } = JSON.parse(
  readFileSync(new URL('../fixtures/image/resize.json', import.meta.url), 'utf8'),
);

const triangle = (x: number): number => Math.max(0, 1 - Math.abs(x));

function cubic(x: number, a: number): number {
  const d = Math.abs(x);
  if (d <= 1) return (a + 2) * d ** 3 - (a + 3) * d ** 2 + 1;
  return d < 2 ? a * d ** 3 - 5 * a * d ** 2 + 8 * a * d - 4 * a : 0;
}

/** What pixel `j` adds to position `i` when `n` pixels become `m`: the definition, over all pixels and some beyond the edges. */
function share(resize: Resize, antialias: boolean, n: number, m: number, i: number, j: number): number {
  const s = n / m;
  const distance = j + 0.5 - (i + 0.5) * s;
  if (resize === 'nearest') return j === Math.floor((i + 0.5) * s) ? 1 : 0;
  if (resize === 'area') return Math.max(0, Math.min((i + 1) * s, j + 1) - Math.max(i * s, j)) / s;
  if (antialias && (j < 0 || j >= n)) return 0;
  const wide = antialias ? Math.max(s, 1) : 1;
  return resize === 'bilinear' ? triangle(distance / wide) : cubic(distance / wide, antialias ? -0.5 : -0.75);
}

const BEYOND = 4;

/** A resized picture, `[height][width][channels]`, by plain loops over all pixels in both directions at once, kept within 0 and 255. */
export function resized(from: Pixels, width: number, height: number, resize: Resize, antialias: boolean): Float64Array {
  const { channels } = from;
  const out = new Float64Array(width * height * channels);
  const inside = (j: number, n: number): number => Math.min(Math.max(j, 0), n - 1);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const sums = new Float64Array(channels);
      let total = 0;
      for (let v = -BEYOND; v < from.height + BEYOND; v++) {
        const wy = share(resize, antialias, from.height, height, y, v);
        if (wy === 0) continue;
        for (let u = -BEYOND; u < from.width + BEYOND; u++) {
          const w = wy * share(resize, antialias, from.width, width, x, u);
          total += w;
          const at = (inside(v, from.height) * from.width + inside(u, from.width)) * channels;
          for (let c = 0; c < channels; c++) sums[c] += w * from.data[at + c];
        }
      }
      for (let c = 0; c < channels; c++)
        out[(y * width + x) * channels + c] = Math.min(255, Math.max(0, sums[c] / total));
    }
  }
  return out;
}
