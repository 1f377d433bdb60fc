import {
  SELECT_BLOCK_H,
  SELECT_BLOCK_W,
  SELECT_CHANNELS,
  SELECT_H,
  SELECT_IMAGES,
  SELECT_LIST,
  SELECT_W,
  SELECT_X,
  SELECT_X_CHANNEL,
  SELECT_X_IMAGE,
  SELECT_X_ROW,
  SELECT_Y,
  SELECT_Y_CHANNEL,
  SELECT_Y_IMAGE,
  SELECT_Y_ROW,
  SELECT_Z,
  SELECT_Z_CHANNEL,
  SELECT_Z_IMAGE,
  SELECT_Z_ROW,
} from '../abi/blocks';
import { arenaBytes, field, readable, writable } from '../bounds';
import { shareEnd, shareStart } from '../prelude';
import { clearWords, copyWords } from '../rows';

/** Copies `rows` rows of `w` words, or clears them where `src` is 0. */
// @ts-ignore: decorator
@inline
function writeRows(dst: usize, dstRow: usize, src: usize, srcRow: usize, rows: u32, w: u32): void {
  const row = <usize>w << 2;
  if (src == 0) {
    if (dstRow == row) memory.fill(dst, 0, <usize>rows * row);
    else for (; rows > 0; rows--, dst += dstRow) clearWords(dst, w);
  } else if (dstRow == row && srcRow == row) memory.copy(dst, src, <usize>rows * row);
  else for (; rows > 0; rows--, dst += dstRow, src += srcRow) copyWords(src, dst, w);
}

/** Y = X in the blocks of the list, Z or 0 elsewhere; threads share channels. Neighbours in a row of the grid go together. */
export function selectBlocks(record: usize, thread: i32, threads: i32): void {
  const list = load<usize>(record, SELECT_LIST);
  const x = load<usize>(record, SELECT_X);
  const y = load<usize>(record, SELECT_Y);
  const z = load<usize>(record, SELECT_Z);
  const images = load<u32>(record, SELECT_IMAGES);
  const h = load<u32>(record, SELECT_H);
  const w = load<u32>(record, SELECT_W);
  const blockH = load<u32>(record, SELECT_BLOCK_H);
  const blockW = load<u32>(record, SELECT_BLOCK_W);
  const xChannel = load<usize>(record, SELECT_X_CHANNEL);
  const yChannel = load<usize>(record, SELECT_Y_CHANNEL);
  const zChannel = load<usize>(record, SELECT_Z_CHANNEL);
  const xRow = load<usize>(record, SELECT_X_ROW);
  const yRow = load<usize>(record, SELECT_Y_ROW);
  const zRow = load<usize>(record, SELECT_Z_ROW);
  const channels = load<i32>(record, SELECT_CHANNELS);
  const first = shareStart(channels, thread, threads);
  const last = shareEnd(channels, thread, threads);
  const gridW = (w + blockW - 1) / blockW;
  const blocks = images * ((h + blockH - 1) / blockH) * gridW;
  const count = min(load<u32>(list), blocks);

  let seen: u32 = 0;
  let number: u32 = 0;
  for (let n: u32 = 0; n < images; n++) {
    const xImage = x + <usize>n * load<usize>(record, SELECT_X_IMAGE);
    const yImage = y + <usize>n * load<usize>(record, SELECT_Y_IMAGE);
    const zImage = z + <usize>n * load<usize>(record, SELECT_Z_IMAGE);
    for (let row: u32 = 0; row < h; row += blockH) {
      const rows = min(blockH, h - row);
      for (let column: u32 = 0; column < gridW; ) {
        const start = column;
        const active = seen < count && load<u32>(list + (<usize>(seen + 1) << 2)) == number;
        do {
          if (active) seen++;
          number++;
          column++;
        } while (column < gridW && (seen < count && load<u32>(list + (<usize>(seen + 1) << 2)) == number) == active);
        if (y == (active ? x : z)) continue;
        const at = start * blockW;
        const width = min(column * blockW, w) - at;
        const from = active ? xImage : zImage;
        const fromRow = active ? xRow : zRow;
        const fromChannel = active ? xChannel : zChannel;
        const src: usize = !active && z == 0 ? <usize>0 : from + <usize>row * fromRow + (<usize>at << 2);
        const dst = yImage + <usize>row * yRow + (<usize>at << 2);
        for (let c = first; c < last; c++) {
          writeRows(dst + <usize>c * yChannel, yRow, src == 0 ? <usize>0 : src + <usize>c * fromChannel, fromRow, rows, width);
        }
      }
    }
  }
}

/** Bytes from the first to the last element behind strides at `image` and the two fields behind it. */
// @ts-ignore: decorator
@inline
function reach(record: usize, image: i32): f64 {
  return (
    (field(record, SELECT_IMAGES) - 1) * field(record, image) +
    (field(record, SELECT_CHANNELS) - 1) * field(record, image + 4) +
    (field(record, SELECT_H) - 1) * field(record, image + 8) +
    field(record, SELECT_W) * 4
  );
}

export function checkSelectBlocks(record: usize): i32 {
  const images = field(record, SELECT_IMAGES);
  const h = field(record, SELECT_H);
  const w = field(record, SELECT_W);
  const blockH = field(record, SELECT_BLOCK_H);
  const blockW = field(record, SELECT_BLOCK_W);
  const elements = images * field(record, SELECT_CHANNELS) * h * w;
  if (elements == 0 || elements * 4 > arenaBytes()) return SELECT_IMAGES;
  // Sums of a position and a block stay in 32 bits.
  if (blockH == 0 || blockH >= 65536.0) return SELECT_BLOCK_H;
  if (blockW == 0 || blockW >= 65536.0) return SELECT_BLOCK_W;
  const blocks = images * Math.ceil(h / blockH) * Math.ceil(w / blockW);
  if (!readable(field(record, SELECT_LIST), (blocks + 1) * 4)) return SELECT_LIST;
  if (!readable(field(record, SELECT_X), reach(record, SELECT_X_IMAGE))) return SELECT_X;
  if (!writable(field(record, SELECT_Y), reach(record, SELECT_Y_IMAGE))) return SELECT_Y;
  if (load<u32>(record, SELECT_Z) == 0) return 0;
  return readable(field(record, SELECT_Z), reach(record, SELECT_Z_IMAGE)) ? 0 : SELECT_Z;
}
