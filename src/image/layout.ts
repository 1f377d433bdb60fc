import type { Settings } from './options.ts';
import { place } from './placement.ts';
import { type Taps, tapsOf } from './taps.ts';

/** Source rows that stand in memory together, unless one row of the result needs more. */
const BAND_BYTES = 2 ** 19;

/** Where the record of the module stands. */
export const RECORD = 1024;
const AFTER_RECORD = 2048;

const align = (n: number): number => Math.ceil(n / 16) * 16;

/** How pictures of one size and number of channels become tensors, and where everything stands in the memory of the module. */
export interface Layout {
  channels: number;
  /** What the rows of the result are made of, and its columns. */
  down: Taps;
  across: Taps;
  /** Pairs of source rows for each row; weights for each column. */
  pairs: number;
  taps: number;
  /** The source columns that are read. */
  firstColumn: number;
  columns: number;
  /** Source rows in memory: most of them, and bytes from one to the next. */
  bandRows: number;
  pitch: number;
  /** The rectangle of the result that the picture covers begins here; its elements, and bytes from row to row and from channel to channel. */
  left: number;
  top: number;
  outChannels: number;
  elementBytes: number;
  outRow: number;
  outPlane: number;
  outBytes: number;
  at: Record<'down' | 'across' | 'columns' | 'pixels' | 'out' | 'band' | 'end', number>;
}

export function layoutOf(settings: Settings, w: number, h: number, channels: number): Layout {
  const { width, height, resize, antialias } = settings;
  const { resizedWidth, resizedHeight, left, top } = place(settings, w, h);
  const covered = (at: number, resized: number, size: number) => Math.min(size, at + resized) - Math.max(at, 0);
  const across = tapsOf(w, resizedWidth, Math.max(-left, 0), covered(left, resizedWidth, width), resize, antialias);
  const down = tapsOf(h, resizedHeight, Math.max(-top, 0), covered(top, resizedHeight, height), resize, antialias);
  const taps = channels === 1 ? Math.ceil(across.count / 4) * 4 : across.count;
  const pairs = Math.ceil(down.count / 2);

  const firstColumn = across.first[0];
  const columns = across.first[across.first.length - 1] + across.count - firstColumn;
  const pitch = align(columns * channels + 3);
  const bandRows = Math.min(h, Math.max(down.count, Math.floor(BAND_BYTES / pitch)));

  const outChannels = settings.mean.length;
  const elementBytes = settings.type === 'uint8' ? 1 : 4;
  const planar = outChannels === 1 || settings.layout === 'nchw';
  const outBytes = width * height * outChannels * elementBytes;

  let end = AFTER_RECORD;
  const room = (bytes: number): number => {
    const start = end;
    end += align(bytes);
    return start;
  };
  const at = {
    down: room(down.first.length * (4 + pairs * 8)),
    across: room(across.first.length * (4 + taps * 4)),
    columns: room(pitch * 4),
    pixels: room((across.first.length + 3) * 16),
    out: room(outBytes),
    // The second row of the last pair may be one behind the band.
    band: room((bandRows + 1) * pitch),
    end: 0,
  };
  at.end = end;
  return {
    channels,
    down,
    across,
    pairs,
    taps,
    firstColumn,
    columns,
    bandRows,
    pitch,
    left: Math.max(left, 0),
    top: Math.max(top, 0),
    outChannels,
    elementBytes,
    outRow: width * elementBytes * (planar ? 1 : outChannels),
    outPlane: planar ? width * height * elementBytes : 0,
    outBytes,
    at,
  };
}
