import { ensure } from '../errors.ts';
import { showDims, Tensor } from '../tensor.ts';
import { type Canvas, contextOf, createCanvas, type HostCanvas, type ImageDataLike } from './canvas.ts';
import { perChannel } from './options.ts';

export interface ToImageOptions {
  /** What {@link ImageOptions} say; here they are undone. `scale` is 1 / 255 for float32 and 1 for uint8 unless given. */
  scale?: number;
  mean?: number | readonly number[];
  std?: number | readonly number[];
  /** Order of the colours of tensors of three or four channels; `rgb` unless given. */
  channels?: 'rgb' | 'bgr';
  /** `nchw` unless given. */
  layout?: 'nchw' | 'nhwc';
  /** Which image of a batch; the first unless given. */
  index?: number;
}

const KNOWN = ['scale', 'mean', 'std', 'channels', 'layout', 'index'];

/**
 * Pixels of a tensor: `round((y * std + mean) / scale)` within 0 and 255; halves go to the even number and NaN to 0.
 *
 * The tensor is float32 or uint8, `[N, C, H, W]`, `[C, H, W]` or `[H, W]` (with the layout `nhwc`, C comes last). One channel becomes grey;
 * of four the last is alpha, to which `mean` and `std` do not apply.
 *
 * @returns an `ImageData`, where the host has none `{ data, width, height }`
 * @throws ZeroskipError `TYPE_MISMATCH`, `SHAPE_MISMATCH`, `INVALID_ARGUMENT`
 */
export const toImageData = (tensor: Tensor, options: ToImageOptions = {}): ImageDataLike =>
  imageDataOf('toImageData', tensor, options);

/**
 * Draws what {@link toImageData} gives on a canvas, which takes the size of the picture; without one on a new OffscreenCanvas, or canvas element.
 *
 * @throws ZeroskipError what {@link toImageData} throws, `UNSUPPORTED_HOST` where there is no canvas
 */
export function toCanvas<T extends object = HostCanvas>(tensor: Tensor, options: ToImageOptions = {}, canvas?: T): T {
  const image = imageDataOf('toCanvas', tensor, options);
  const { width, height } = image;
  const target = (canvas ?? createCanvas('toCanvas', width, height)) as Canvas;
  const context = contextOf('toCanvas', target);
  Object.assign(target, { width, height });
  context.putImageData(image, 0, 0);
  return target as T;
}

function imageDataOf(caller: string, tensor: Tensor, options: ToImageOptions): ImageDataLike {
  const { type, dims, data } = tensor instanceof Tensor ? tensor : fail(caller, 'the first argument is a Tensor');
  for (const key of Object.keys(options))
    if (!KNOWN.includes(key)) fail(caller, `unknown option '${key}'; the options are ${KNOWN.join(', ')}`);
  const { channels: order = 'rgb', layout = 'nchw', index = 0, scale = type === 'uint8' ? 1 : 1 / 255 } = options;
  if (order !== 'rgb' && order !== 'bgr') fail(caller, `channels is 'rgb' or 'bgr', found '${order}'`);
  if (layout !== 'nchw' && layout !== 'nhwc') fail(caller, `layout is 'nchw' or 'nhwc', found '${layout}'`);
  if (!(Number.isFinite(scale) && scale !== 0)) fail(caller, `scale is a number other than 0, found ${scale}`);
  ensure(
    type === 'float32' || type === 'uint8',
    'TYPE_MISMATCH',
    () => `${caller}: a tensor of float32 or uint8 is expected, found ${type}`,
  );
  const last = layout === 'nhwc';
  const shape = dims.length === 2 ? [1, 1, ...dims] : dims.length === 3 ? [1, ...dims] : dims;
  const [batch, channels, height, width] =
    last && dims.length > 2 ? [shape[0], shape[3], shape[1], shape[2]] : [...shape];
  ensure(
    shape.length === 4 && [1, 3, 4].includes(channels) && height > 0 && width > 0,
    'SHAPE_MISMATCH',
    () =>
      `${caller}: dims of ${last ? '[N, H, W, C]' : '[N, C, H, W]'} with C 1, 3 or 4 are expected, found ${showDims(dims)}`,
  );
  if (!(Number.isInteger(index) && index >= 0 && index < batch))
    fail(caller, `index is a whole number from 0 to ${batch - 1}, found ${index}`);
  const colours = Math.min(channels, 3);
  const mean = perChannel(`${caller}: mean`, options.mean ?? 0, colours);
  const std = perChannel(`${caller}: std`, options.std ?? 1, colours);

  const plane = width * height;
  const pixels = new Uint8ClampedArray(plane * 4).fill(255);
  for (let k = 0; k < (channels === 4 ? 4 : 3); k++) {
    const c = channels === 1 ? 0 : k < 3 && order === 'bgr' ? 2 - k : k;
    const a = (k < 3 ? std[c] : 1) / scale;
    const b = (k < 3 ? mean[c] : 0) / scale;
    const start = index * channels * plane + (last ? c : c * plane);
    const step = last ? channels : 1;
    for (let i = 0, from = start; i < plane; i++, from += step) pixels[4 * i + k] = Number(data[from]) * a + b;
  }
  return typeof ImageData === 'undefined'
    ? ({ data: pixels, width, height } as ImageDataLike)
    : (new ImageData(pixels, width, height) as ImageDataLike);
}

function fail(caller: string, message: string): never {
  ensure(false, 'INVALID_ARGUMENT', `${caller}: ${message}`);
}
