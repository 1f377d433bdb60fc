import type { Settings } from './options.ts';

/** Where a resized picture stands in the tensor, to find a place of the one in the other. */
export interface Placement {
  /** The whole picture after resizing, in pixels. */
  resizedWidth: number;
  resizedHeight: number;
  /** Column and row of the tensor at which it begins: above 0 behind a bar, below 0 where it is cropped. */
  left: number;
  top: number;
}

/** The nearest whole number, of two the even one, as Python rounds. */
function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  const half = x - below;
  return half > 0.5 || (half === 0.5 && below % 2 !== 0) ? below + 1 : below;
}

/**
 * Places a picture of `w` x `h` pixels in a tensor of `W` x `H`:
 *
 * - `fill`: resized to W x H.
 * - `cover`: one side is resized to fit and the other to `floor(other * ratio)`, at least as long as the tensor's; the middle stays, from
 *   `round((resized - crop) / 2)` on. With a square tensor, or `shortestEdge`, that is torchvision's Resize and CenterCrop.
 * - `contain`: resized by `min(W / w, H / h)`, sides rounded; bars left and above are `floor(rest / 2)` wide.
 */
export function place(settings: Settings, w: number, h: number): Placement {
  const { width, height, fit, shortestEdge } = settings;
  if (fit === 'fill') return { resizedWidth: width, resizedHeight: height, left: 0, top: 0 };
  if (fit === 'contain') {
    const ratio = Math.min(width / w, height / h);
    const resizedWidth = Math.min(width, Math.max(1, Math.round(w * ratio)));
    const resizedHeight = Math.min(height, Math.max(1, Math.round(h * ratio)));
    const left = Math.floor((width - resizedWidth) / 2);
    return { resizedWidth, resizedHeight, left, top: Math.floor((height - resizedHeight) / 2) };
  }
  const byWidth = shortestEdge === undefined ? width * h >= height * w : w <= h;
  const fixed = shortestEdge ?? (byWidth ? width : height);
  const resizedWidth = byWidth ? fixed : Math.floor((fixed * w) / h);
  const resizedHeight = byWidth ? Math.floor((fixed * h) / w) : fixed;
  const crop = (resized: number, size: number): number => 0 - roundHalfEven((resized - size) / 2);
  return { resizedWidth, resizedHeight, left: crop(resizedWidth, width), top: crop(resizedHeight, height) };
}
