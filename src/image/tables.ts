import * as abi from '../../assembly/abi/image.ts';
import { affineOf, applied } from './affine.ts';
import { type Layout, RECORD } from './layout.ts';
import type { Settings } from './options.ts';

/** Bits of the high part of a weight of 1; weights lie well within 4. */
const HIGH_BITS = 13;
const MOST_LOW_BITS = 15;

/**
 * Bits of the low part: as many as 16 bits hold, and few enough that the low parts of all weights, times bytes, add up to 32 bits.
 */
const lowBits = (taps: number): number => Math.min(MOST_LOW_BITS, Math.floor(Math.log2(2 ** 31 / (255 * taps))));

/** Writes the record, the tables and, where bars are left, the whole result in their colour. */
export function writeTables(settings: Settings, layout: Layout, memory: WebAssembly.Memory): void {
  const view = new DataView(memory.buffer);
  const { at } = layout;
  const bits = lowBits(2 * layout.pairs);
  const words: [field: number, value: number][] = [
    [abi.IMAGE_BAND, at.band],
    [abi.IMAGE_PITCH, layout.pitch],
    [abi.IMAGE_CHANNELS, layout.channels],
    [abi.IMAGE_VERTICAL, at.down],
    [abi.IMAGE_PAIRS, layout.pairs],
    [abi.IMAGE_ACROSS, at.across],
    [abi.IMAGE_TAPS, layout.taps],
    [abi.IMAGE_COLUMNS, at.columns],
    [abi.IMAGE_PIXELS, at.pixels],
    [abi.IMAGE_WIDTH, layout.across.first.length],
    [abi.IMAGE_OUT, at.out + layout.top * layout.outRow + (layout.left * layout.outRow) / settings.width],
    [abi.IMAGE_OUT_ROW, layout.outRow],
    [abi.IMAGE_OUT_PLANE, layout.outPlane],
    [abi.IMAGE_OUT_CHANNELS, layout.outChannels],
    [abi.IMAGE_OUT_BYTES, layout.elementBytes],
  ];
  for (const [field, value] of words) view.setUint32(RECORD + field, value, true);
  view.setFloat32(RECORD + abi.IMAGE_HIGH, 2 ** -HIGH_BITS, true);
  view.setFloat32(RECORD + abi.IMAGE_LOW, 2 ** -(HIGH_BITS + bits), true);
  const { m, b } = affineOf(settings, layout.channels === 1);
  [...m, b].forEach((row, k) => {
    for (let c = 0; c < 4; c++) view.setFloat32(RECORD + abi.IMAGE_MATRIX + 16 * k + 4 * c, row[c] ?? 0, true);
  });
  writeDown(layout, bits, view);
  writeAcross(layout, view);
  const { width, height } = settings;
  if (layout.across.first.length < width || layout.down.first.length < height) fillBars(settings, layout, memory);
}

function writeDown({ at, down: { first, count, weights }, pairs }: Layout, bits: number, view: DataView): void {
  const scale = 2 ** (HIGH_BITS + bits);
  let p = at.down;
  for (let i = 0; i < first.length; i++, p += 4 + pairs * 8) {
    view.setUint32(p, first[i], true);
    for (let k = 0; k < 2 * pairs; k++) {
      const weight = k < count ? Math.round(weights[i * count + k] * scale) : 0;
      const to = p + 4 + (k >> 1) * 8 + (k & 1) * 2;
      view.setInt16(to, weight >> bits, true);
      view.setInt16(to + 4, weight & (2 ** bits - 1), true);
    }
  }
}

function writeAcross({ at, across: { first, count, weights }, taps, ...layout }: Layout, view: DataView): void {
  let p = at.across;
  for (let i = 0; i < first.length; i++, p += 4 + taps * 4) {
    view.setUint32(p, (first[i] - layout.firstColumn) * layout.channels * 4, true);
    for (let k = 0; k < taps; k++) view.setFloat32(p + 4 + 4 * k, k < count ? weights[i * count + k] : 0, true);
  }
}

function fillBars(
  settings: Settings,
  { at, outBytes, outChannels, outPlane }: Layout,
  memory: WebAssembly.Memory,
): void {
  const out =
    settings.type === 'uint8'
      ? new Uint8ClampedArray(memory.buffer, at.out, outBytes)
      : new Float32Array(memory.buffer, at.out, outBytes / 4);
  const colour = applied(affineOf(settings), settings.background);
  const plane = settings.width * settings.height;
  for (let c = 0; c < outChannels; c++) {
    if (outPlane > 0) out.fill(colour[c], c * plane, (c + 1) * plane);
    else for (let i = c; i < out.length; i += outChannels) out[i] = colour[c];
  }
}
