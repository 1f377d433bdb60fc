import {
  BLOCK_BLOCK_H,
  BLOCK_BLOCK_W,
  BLOCK_CHANNELS,
  BLOCK_GRID_H,
  BLOCK_GRID_W,
  BLOCK_H,
  BLOCK_IMAGES,
  BLOCK_LEFT,
  BLOCK_LIST,
  BLOCK_STEP_X,
  BLOCK_STEP_Y,
  BLOCK_TOP,
  BLOCK_W,
  BLOCK_X,
  BLOCK_X_CHANNEL,
  BLOCK_X_IMAGE,
  BLOCK_X_ROW,
  BLOCK_Y,
  BLOCK_Y_CHANNEL,
  BLOCK_Y_IMAGE,
  BLOCK_Y_ROW,
} from '../abi/blocks';
import { arenaBytes, field, readable, writable } from '../bounds';
import { currentRound } from '../control';
import { shareEnd, shareStart } from '../prelude';
import { clearWords, copyWords } from '../rows';

// The block of the running round: its image, and the rows and columns `[top, bottom)`, `[left, right)` of the buffer that are inside of
// the image; buffer row 0 is row `originY` of the image.
let image: u32 = 0;
let originY: i32 = 0;
let originX: i32 = 0;
let top: i32 = 0;
let bottom: i32 = 0;
let left: i32 = 0;
let right: i32 = 0;

/** Finds the block of this round; false if there is none. A number beyond the grid is no block. */
function findBlock(record: usize): bool {
  const list = load<usize>(record, BLOCK_LIST);
  const gridW = load<u32>(record, BLOCK_GRID_W);
  const grid = load<u32>(record, BLOCK_GRID_H) * gridW;
  const blocks = load<u32>(record, BLOCK_IMAGES) * grid;
  const round = currentRound();
  if (round >= min(load<u32>(list), blocks)) return false;
  const number = load<u32>(list + (<usize>(round + 1) << 2));
  if (number >= blocks) return false;
  image = number / grid;
  const within = number - image * grid;
  const row = within / gridW;
  originY = <i32>(row * load<u32>(record, BLOCK_STEP_Y)) - load<i32>(record, BLOCK_TOP);
  originX = <i32>((within - row * gridW) * load<u32>(record, BLOCK_STEP_X)) - load<i32>(record, BLOCK_LEFT);
  const blockH = load<i32>(record, BLOCK_BLOCK_H);
  const blockW = load<i32>(record, BLOCK_BLOCK_W);
  top = min(max(-originY, 0), blockH);
  left = min(max(-originX, 0), blockW);
  bottom = max(top, min(blockH, load<i32>(record, BLOCK_H) - originY));
  right = max(left, min(blockW, load<i32>(record, BLOCK_W) - originX));
  return true;
}

/** One channel of a buffer: rows and columns outside of the image are cleared, the others copied from `src` unless it is null. */
// @ts-ignore: decorator
@inline
function fillChannel(dst: usize, dstRow: usize, src: usize, srcRow: usize, blockH: i32, blockW: i32): void {
  let y = 0;
  for (; y < top; y++, dst += dstRow) clearWords(dst, blockW);
  const inner = <u32>(right - left);
  const leftBytes = <usize>left << 2;
  const rightBytes = <usize>right << 2;
  for (; y < bottom; y++, dst += dstRow, src += srcRow) {
    if (left > 0) clearWords(dst, left);
    if (srcRow != 0) copyWords(src, dst + leftBytes, inner);
    if (right < blockW) clearWords(dst + rightBytes, blockW - right);
  }
  for (; y < blockH; y++, dst += dstRow) clearWords(dst, blockW);
}

/** Y[c, y, x] = X[image, c, y + originY, x + originX], 0 outside of the image; threads share channels. */
export function gatherBlock(record: usize, thread: i32, threads: i32): void {
  if (!findBlock(record)) return;
  const xRow = load<usize>(record, BLOCK_X_ROW);
  const yRow = load<usize>(record, BLOCK_Y_ROW);
  const xChannel = load<usize>(record, BLOCK_X_CHANNEL);
  const yChannel = load<usize>(record, BLOCK_Y_CHANNEL);
  const blockH = load<i32>(record, BLOCK_BLOCK_H);
  const blockW = load<i32>(record, BLOCK_BLOCK_W);
  const inside = top < bottom && left < right;
  const x =
    load<usize>(record, BLOCK_X) +
    <usize>image * load<usize>(record, BLOCK_X_IMAGE) +
    (inside ? <usize>(originY + top) * xRow + (<usize>(originX + left) << 2) : 0);
  const y = load<usize>(record, BLOCK_Y);
  const channels = load<i32>(record, BLOCK_CHANNELS);
  const last = shareEnd(channels, thread, threads);
  for (let c = shareStart(channels, thread, threads); c < last; c++) {
    fillChannel(y + <usize>c * yChannel, yRow, x + <usize>c * xChannel, xRow, blockH, blockW);
  }
}

/** Y = X inside of the image, 0 outside; threads share channels. */
export function edgeBlock(record: usize, thread: i32, threads: i32): void {
  if (!findBlock(record)) return;
  const x = load<usize>(record, BLOCK_X);
  const y = load<usize>(record, BLOCK_Y);
  const blockH = load<i32>(record, BLOCK_BLOCK_H);
  const blockW = load<i32>(record, BLOCK_BLOCK_W);
  if (x == y && top == 0 && left == 0 && bottom == blockH && right == blockW) return;
  const xRow = load<usize>(record, BLOCK_X_ROW);
  const yRow = load<usize>(record, BLOCK_Y_ROW);
  const xChannel = load<usize>(record, BLOCK_X_CHANNEL);
  const yChannel = load<usize>(record, BLOCK_Y_CHANNEL);
  const skipped = <usize>top * xRow + (<usize>left << 2);
  const channels = load<i32>(record, BLOCK_CHANNELS);
  const last = shareEnd(channels, thread, threads);
  for (let c = shareStart(channels, thread, threads); c < last; c++) {
    const src = x + <usize>c * xChannel + skipped;
    fillChannel(y + <usize>c * yChannel, yRow, src, x == y ? 0 : xRow, blockH, blockW);
  }
}

/** Y[image, c, y + originY, x + originX] = X[c, y, x] inside of the image; threads share channels. */
export function scatterBlock(record: usize, thread: i32, threads: i32): void {
  if (!findBlock(record) || top == bottom || left == right) return;
  const xRow = load<usize>(record, BLOCK_X_ROW);
  const yRow = load<usize>(record, BLOCK_Y_ROW);
  const x = load<usize>(record, BLOCK_X) + <usize>top * xRow + (<usize>left << 2);
  const y =
    load<usize>(record, BLOCK_Y) +
    <usize>image * load<usize>(record, BLOCK_Y_IMAGE) +
    <usize>(originY + top) * yRow +
    (<usize>(originX + left) << 2);
  const xChannel = load<usize>(record, BLOCK_X_CHANNEL);
  const yChannel = load<usize>(record, BLOCK_Y_CHANNEL);
  const count = <u32>(right - left);
  const channels = load<i32>(record, BLOCK_CHANNELS);
  const last = shareEnd(channels, thread, threads);
  for (let c = shareStart(channels, thread, threads); c < last; c++) {
    let src = x + <usize>c * xChannel;
    let dst = y + <usize>c * yChannel;
    for (let row = top; row < bottom; row++, src += xRow, dst += yRow) copyWords(src, dst, count);
  }
}

/** Bytes from the first to the last element of `images` images of `h` rows of `w` elements. */
// @ts-ignore: decorator
@inline
function reach(record: usize, imageField: i32, channelField: i32, rowField: i32, images: f64, h: f64, w: f64): f64 {
  return (
    (images - 1) * field(record, imageField) +
    (field(record, BLOCK_CHANNELS) - 1) * field(record, channelField) +
    (h - 1) * field(record, rowField) +
    w * 4
  );
}

/** Lengths, and that the list can be read. */
function checkGrid(record: usize): i32 {
  const blocks = field(record, BLOCK_IMAGES) * field(record, BLOCK_GRID_H) * field(record, BLOCK_GRID_W);
  const blockH = field(record, BLOCK_BLOCK_H);
  const blockW = field(record, BLOCK_BLOCK_W);
  const most = 1073741824.0;
  if (blocks == 0 || blocks >= most) return BLOCK_IMAGES;
  // 0 would tell the buffers of an edge apart from those in place.
  if (field(record, BLOCK_X_ROW) == 0) return BLOCK_X_ROW;
  if (field(record, BLOCK_GRID_H) * field(record, BLOCK_STEP_Y) >= most) return BLOCK_STEP_Y;
  if (field(record, BLOCK_GRID_W) * field(record, BLOCK_STEP_X) >= most) return BLOCK_STEP_X;
  if (field(record, BLOCK_TOP) >= most) return BLOCK_TOP;
  if (field(record, BLOCK_LEFT) >= most) return BLOCK_LEFT;
  if (field(record, BLOCK_H) == 0 || field(record, BLOCK_H) >= most) return BLOCK_H;
  if (field(record, BLOCK_W) == 0 || field(record, BLOCK_W) >= most) return BLOCK_W;
  if (blockH == 0 || blockH >= most) return BLOCK_BLOCK_H;
  if (blockW == 0 || blockW >= most) return BLOCK_BLOCK_W;
  const channels = field(record, BLOCK_CHANNELS);
  if (channels == 0 || channels * blockH * blockW * 4 > arenaBytes()) return BLOCK_CHANNELS;
  return readable(field(record, BLOCK_LIST), (blocks + 1) * 4) ? 0 : BLOCK_LIST;
}

// @ts-ignore: decorator
@inline
function xReach(record: usize, images: f64, h: f64, w: f64): f64 {
  return reach(record, BLOCK_X_IMAGE, BLOCK_X_CHANNEL, BLOCK_X_ROW, images, h, w);
}

// @ts-ignore: decorator
@inline
function yReach(record: usize, images: f64, h: f64, w: f64): f64 {
  return reach(record, BLOCK_Y_IMAGE, BLOCK_Y_CHANNEL, BLOCK_Y_ROW, images, h, w);
}

export function checkGatherBlock(record: usize): i32 {
  const wrong = checkGrid(record);
  if (wrong != 0) return wrong;
  const whole = xReach(record, field(record, BLOCK_IMAGES), field(record, BLOCK_H), field(record, BLOCK_W));
  if (!readable(field(record, BLOCK_X), whole)) return BLOCK_X;
  const buffer = yReach(record, 1, field(record, BLOCK_BLOCK_H), field(record, BLOCK_BLOCK_W));
  return writable(field(record, BLOCK_Y), buffer) ? 0 : BLOCK_Y;
}

export function checkEdgeBlock(record: usize): i32 {
  const wrong = checkGrid(record);
  if (wrong != 0) return wrong;
  const blockH = field(record, BLOCK_BLOCK_H);
  const blockW = field(record, BLOCK_BLOCK_W);
  if (!readable(field(record, BLOCK_X), xReach(record, 1, blockH, blockW))) return BLOCK_X;
  return writable(field(record, BLOCK_Y), yReach(record, 1, blockH, blockW)) ? 0 : BLOCK_Y;
}

export function checkScatterBlock(record: usize): i32 {
  const wrong = checkGrid(record);
  if (wrong != 0) return wrong;
  const buffer = xReach(record, 1, field(record, BLOCK_BLOCK_H), field(record, BLOCK_BLOCK_W));
  if (!readable(field(record, BLOCK_X), buffer)) return BLOCK_X;
  const whole = yReach(record, field(record, BLOCK_IMAGES), field(record, BLOCK_H), field(record, BLOCK_W));
  return writable(field(record, BLOCK_Y), whole) ? 0 : BLOCK_Y;
}
