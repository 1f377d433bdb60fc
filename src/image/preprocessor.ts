import { IMAGE_BAND_ROW } from '../../assembly/abi/image.ts';
import { ensure, ZeroskipError } from '../errors.ts';
import { Tensor } from '../tensor.ts';
import { type Layout, layoutOf, RECORD } from './layout.ts';
import { checkRoom, type ImageKernels, imageKernels, reserve } from './module.ts';
import { type ImageOptions, isSide, MAX_SIDE, type Settings, settingsOf } from './options.ts';
import { type Placement, place } from './placement.ts';
import { type ImageSource, type Pixels, pixelReader } from './source.ts';
import { writeTables } from './tables.ts';

const CALLER = 'imagePreprocessor';

/** Makes tensors of pictures. */
export interface ImagePreprocessor {
  /**
   * One picture, or several of any sizes as a batch: `[N, C, H, W]`, with the layout `nhwc` `[N, H, W, C]`.
   *
   * @throws ZeroskipError `INVALID_ARGUMENT`, `SHAPE_MISMATCH` for bytes that are not the pixels they should be, `OUT_OF_MEMORY`,
   *   `UNSUPPORTED_HOST` where something is to be drawn and there is no canvas
   */
  (images: ImageSource | readonly ImageSource[]): Tensor;
  /** Where a picture of this size comes to stand in the tensor. */
  placement(width: number, height: number): Placement;
}

/**
 * Prepares pictures for a network: reads their pixels, resizes them, orders the channels and normalises,
 * `y = (x * scale - mean) / std` for bytes x.
 *
 * It holds a small Wasm instance, whose memory grows to what the largest picture has needed: one result, and a band of source rows.
 *
 * @throws ZeroskipError `INVALID_ARGUMENT` for options, `OUT_OF_MEMORY` if a result takes more than `maxBytes`,
 *   `UNSUPPORTED_HOST` without Wasm SIMD, `FILE_ERROR` if the module cannot be read
 */
export async function imagePreprocessor(options: ImageOptions): Promise<ImagePreprocessor> {
  const settings = settingsOf(options);
  const resultBytes = settings.width * settings.height * settings.mean.length * (settings.type === 'uint8' ? 1 : 4);
  checkRoom(resultBytes, settings.maxBytes);
  const kernels = await imageKernels(options.module, options.wasmPaths);
  const read = pixelReader(CALLER);
  let last: { key: string; layout: Layout } | undefined;

  function layoutFor({ width, height, channels }: Pixels): Layout {
    const key = `${width}x${height}x${channels}`;
    if (last?.key === key) return last.layout;
    const layout = layoutOf(settings, width, height, channels);
    last = undefined;
    reserve(kernels.memory, layout.at.end, settings.maxBytes);
    writeTables(settings, layout, kernels.memory);
    last = { key, layout };
    return layout;
  }

  function prepare(images: ImageSource | readonly ImageSource[]): Tensor {
    const list = Array.isArray(images) ? (images as readonly ImageSource[]) : [images as ImageSource];
    ensure(list.length > 0, 'INVALID_ARGUMENT', `${CALLER}: there is no image`);
    const { width, height, type, layout, mean } = settings;
    const size = width * height * mean.length;
    const data = allocate(type, list.length * size);
    list.forEach((image, i) => {
      const pixels = read(image);
      data.set(computed(settings, kernels, layoutFor(pixels), pixels), i * size);
    });
    const sizes = layout === 'nchw' ? [mean.length, height, width] : [height, width, mean.length];
    return new Tensor(type, data, [list.length, ...sizes]);
  }

  function placement(width: number, height: number): Placement {
    ensure(
      isSide(width) && isSide(height),
      'INVALID_ARGUMENT',
      () => `${CALLER}: sides are whole numbers from 1 to ${MAX_SIDE}, found ${width}x${height}`,
    );
    return place(settings, width, height);
  }

  return Object.assign(prepare, { placement });
}

/** @throws ZeroskipError `OUT_OF_MEMORY` */
function allocate(type: 'float32' | 'uint8', length: number): Float32Array | Uint8Array {
  try {
    return new (type === 'uint8' ? Uint8Array : Float32Array)(length);
  } catch (cause) {
    throw new ZeroskipError('OUT_OF_MEMORY', `${CALLER}: the host has no room for ${length} elements`, { cause });
  }
}

/** Runs the module over one picture, band by band. @returns the result, in the memory of the module */
function computed(
  settings: Settings,
  kernels: ImageKernels,
  layout: Layout,
  pixels: Pixels,
): Uint8Array | Float32Array {
  const { at, bandRows, down, outBytes } = layout;
  const { buffer } = kernels.memory;
  const record = new DataView(buffer, RECORD);
  const background = settings.background.reduce((word, x, i) => word | (x << (8 * i)), 0);
  for (let from = 0, to = 0; from < down.first.length; from = to) {
    const firstRow = down.first[from];
    while (to < down.first.length && down.first[to] + down.count - firstRow <= bandRows) to++;
    const rows = down.first[to - 1] + down.count - firstRow;
    copyRows(pixels, layout, from, to, new Uint8Array(buffer, at.band));
    if (settings.alpha === 'blend' && layout.channels === 4) kernels.blend(at.band, rows * layout.pitch, background);
    record.setUint32(IMAGE_BAND_ROW, firstRow, true);
    kernels.rows(RECORD, from, to);
  }
  return settings.type === 'uint8'
    ? new Uint8Array(buffer, at.out, outBytes)
    : new Float32Array(buffer, at.out, outBytes / 4);
}

/** Copies the source rows that rows `from` to `to - 1` of the result read; where it shrinks without antialiasing there are others between them. */
function copyRows({ data, width }: Pixels, layout: Layout, from: number, to: number, band: Uint8Array): void {
  const { channels, columns, down, firstColumn, pitch } = layout;
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.length);
  const firstRow = down.first[from];
  for (let i = from, y = firstRow; i < to; i++) {
    for (y = Math.max(y, down.first[i]); y < down.first[i] + down.count; y++) {
      const start = (y * width + firstColumn) * channels;
      band.set(bytes.subarray(start, start + columns * channels), (y - firstRow) * pitch);
    }
  }
}
