import { ensure, ZeroskipError } from '../errors.ts';
import { classOf } from '../runtime/input.ts';
import { type Canvas, contextOf, createCanvas } from './canvas.ts';
import { isSide, MAX_SIDE } from './options.ts';

/** Pixels as bytes, row by row; an `ImageData` is one. */
export interface RawImage {
  /** `width * height * channels` bytes. */
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
  /** 1 (grey), 3 (RGB) or 4 (RGBA, not premultiplied); unset: what the length of `data` says. */
  readonly channels?: number;
}

/** What a 2D context draws: HTMLCanvasElement, OffscreenCanvas, ImageBitmap, HTMLImageElement, HTMLVideoElement, VideoFrame. */
export type Drawable =
  | { readonly width: number; readonly height: number }
  | { readonly displayWidth: number; readonly displayHeight: number };

export type ImageSource = RawImage | Drawable;

export type Pixels = Required<RawImage>;

/** Reads pixels out of pictures; what is drawn goes through one canvas, which is kept. */
export type PixelReader = (image: ImageSource) => Pixels;

/**
 * @throws ZeroskipError of the reader: `INVALID_ARGUMENT` for what is no picture, is empty or belongs to another site, `SHAPE_MISMATCH` for a
 *   length of `data` that is not that of the pixels, `UNSUPPORTED_HOST` where there is no canvas
 */
export function pixelReader(caller: string): PixelReader {
  let canvas: Canvas | undefined;
  return (image) => {
    ensure(typeof image === 'object' && image !== null, 'INVALID_ARGUMENT', `${caller}: an image is an object`);
    if ('data' in image) return checked(caller, image);
    const [width, height] = drawnSize(image as Record<string, number>);
    checkSides(caller, width, height);
    canvas ??= createCanvas(caller, width, height);
    return draw(caller, canvas, image, width, height);
  };
}

function checked(caller: string, { data, width, height, channels: given }: RawImage): Pixels {
  const found = classOf(data);
  ensure(
    found === 'Uint8ClampedArray' || found === 'Uint8Array',
    'INVALID_ARGUMENT',
    () => `${caller}: the data of an image is bytes, found ${found}`,
  );
  checkSides(caller, width, height);
  const channels = given ?? data.length / (width * height);
  ensure(
    channels === 1 || channels === 3 || channels === 4,
    given === undefined ? 'SHAPE_MISMATCH' : 'INVALID_ARGUMENT',
    () =>
      given === undefined
        ? `${caller}: an image of ${width}x${height} pixels has 1, 3 or 4 bytes a pixel, found ${data.length} bytes`
        : `${caller}: an image has 1, 3 or 4 channels, found ${given}`,
  );
  const needed = width * height * channels;
  ensure(
    data.length === needed,
    'SHAPE_MISMATCH',
    () => `${caller}: ${width}x${height} pixels of ${channels} channels take ${needed} bytes, found ${data.length}`,
  );
  return { data, width, height, channels };
}

function checkSides(caller: string, width: number, height: number): void {
  ensure(
    isSide(width) && isSide(height),
    'INVALID_ARGUMENT',
    () => `${caller}: an image is from 1 to ${MAX_SIDE} pixels wide and high, found ${width}x${height}`,
  );
}

/** The size in pixels of what is drawn; elements of a page have others beside it. */
function drawnSize(image: Record<string, number>): [number, number] {
  const width = image.displayWidth ?? image.videoWidth ?? image.naturalWidth ?? image.width;
  return [width, image.displayHeight ?? image.videoHeight ?? image.naturalHeight ?? image.height];
}

function draw(caller: string, canvas: Canvas, image: ImageSource, width: number, height: number): Pixels {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = contextOf(caller, canvas);
  context.globalCompositeOperation = 'copy';
  try {
    context.drawImage(image, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height);
    return { data: data as Uint8ClampedArray, width, height, channels: 4 };
  } catch (cause) {
    const { name, message } = cause as Error;
    const why =
      name === 'SecurityError'
        ? 'its pixels cannot be read, since it comes from another site without CORS (crossorigin="anonymous")'
        : `it cannot be drawn (${message})`;
    throw new ZeroskipError('INVALID_ARGUMENT', `${caller}: the image is not usable: ${why}`, { cause });
  }
}
