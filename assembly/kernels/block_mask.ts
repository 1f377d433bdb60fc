import {
  MASK_BLOCK_H,
  MASK_BLOCK_W,
  MASK_DOWN_X,
  MASK_DOWN_Y,
  MASK_H,
  MASK_IMAGES,
  MASK_LIST,
  MASK_MASK,
  MASK_MASK_H,
  MASK_MASK_W,
  MASK_MAX,
  MASK_POOL,
  MASK_THRESHOLD,
  MASK_UP_X,
  MASK_UP_Y,
  MASK_W,
} from '../abi/blocks';
import { field, readable, writable } from '../bounds';

/** Parts of a block, in elements of the image, along one axis: those that mask element `at` has of `[first, last)`. */
// @ts-ignore: decorator
@inline
function overlap(at: u32, down: u32, first: u32, last: u32): u32 {
  return min(last, (at + 1) * down) - max(first, at * down);
}

/** Whether the mask lies above the threshold over rows `[y0, y1)`, columns `[x0, x1)` of the image. */
function isActive(record: usize, mask: usize, y0: u32, y1: u32, x0: u32, x1: u32): bool {
  const width = load<u32>(record, MASK_MASK_W);
  const upY = load<u32>(record, MASK_UP_Y);
  const upX = load<u32>(record, MASK_UP_X);
  const downY = load<u32>(record, MASK_DOWN_Y);
  const downX = load<u32>(record, MASK_DOWN_X);
  const most = load<u32>(record, MASK_POOL) == MASK_MAX;
  const threshold = load<f32>(record, MASK_THRESHOLD);
  // In elements of the finer of mask and image.
  y0 *= upY;
  y1 *= upY;
  x0 *= upX;
  x1 *= upX;
  const lastY = (y1 - 1) / downY;
  const lastX = (x1 - 1) / downX;
  let sum: f64 = 0;
  for (let y = y0 / downY; y <= lastY; y++) {
    const row = mask + (<usize>y * width) * 4;
    const weight = overlap(y, downY, y0, y1);
    for (let x = x0 / downX; x <= lastX; x++) {
      const value = load<f32>(row + (<usize>x << 2));
      if (most) {
        if (value > threshold) return true;
      } else sum += <f64>value * <f64>(weight * overlap(x, downX, x0, x1));
    }
  }
  return !most && sum / <f64>((y1 - y0) * (x1 - x0)) > <f64>threshold;
}

/** list = count and numbers of the blocks whose mask lies above the threshold, then -1; one thread does it all. */
export function blockMask(record: usize, thread: i32, _threads: i32): void {
  if (thread != 0) return;
  const list = load<usize>(record, MASK_LIST);
  const images = load<u32>(record, MASK_IMAGES);
  const h = load<u32>(record, MASK_H);
  const w = load<u32>(record, MASK_W);
  const blockH = load<u32>(record, MASK_BLOCK_H);
  const blockW = load<u32>(record, MASK_BLOCK_W);
  const image = (<usize>load<u32>(record, MASK_MASK_H) * load<u32>(record, MASK_MASK_W)) << 2;
  let mask = load<usize>(record, MASK_MASK);
  let number: u32 = 0;
  let count: u32 = 0;
  for (let n: u32 = 0; n < images; n++, mask += image) {
    for (let y: u32 = 0; y < h; y += blockH) {
      for (let x: u32 = 0; x < w; x += blockW, number++) {
        if (!isActive(record, mask, y, min(y + blockH, h), x, min(x + blockW, w))) continue;
        store<u32>(list + (<usize>++count << 2), number);
      }
    }
  }
  store<u32>(list, count);
  while (count < number) store<u32>(list + (<usize>++count << 2), 0xffffffff);
}

/** Whether mask and image have lengths of one proportion. */
function proportional(record: usize, mask: i32, image: i32, up: i32, down: i32): bool {
  const u = field(record, up);
  const d = field(record, down);
  return min(u, d) == 1 && field(record, mask) * d == field(record, image) * u && field(record, image) * u < 2147483648.0;
}

export function checkBlockMask(record: usize): i32 {
  const images = field(record, MASK_IMAGES);
  const h = field(record, MASK_H);
  const w = field(record, MASK_W);
  const blockH = field(record, MASK_BLOCK_H);
  const blockW = field(record, MASK_BLOCK_W);
  if (blockH == 0 || blockH >= 65536.0) return MASK_BLOCK_H;
  if (blockW == 0 || blockW >= 65536.0) return MASK_BLOCK_W;
  if (load<u32>(record, MASK_POOL) > <u32>MASK_MAX) return MASK_POOL;
  if (!proportional(record, MASK_MASK_H, MASK_H, MASK_UP_Y, MASK_DOWN_Y)) return MASK_MASK_H;
  if (!proportional(record, MASK_MASK_W, MASK_W, MASK_UP_X, MASK_DOWN_X)) return MASK_MASK_W;
  if (h == 0 || w == 0) return MASK_H;
  // Elements of the finer of mask and image in a block are counted in 32 bits.
  const fine = blockH * field(record, MASK_UP_Y) * blockW * field(record, MASK_UP_X);
  if (fine >= 2147483648.0) return MASK_BLOCK_H;
  const blocks = images * Math.ceil(h / blockH) * Math.ceil(w / blockW);
  const mask = images * field(record, MASK_MASK_H) * field(record, MASK_MASK_W) * 4;
  if (images >= 2147483648.0) return MASK_IMAGES;
  if (!readable(field(record, MASK_MASK), mask)) return MASK_MASK;
  return blocks < 2147483648.0 && writable(field(record, MASK_LIST), (blocks + 1) * 4) ? 0 : MASK_LIST;
}
