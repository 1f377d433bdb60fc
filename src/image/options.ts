import { ensure } from '../errors.ts';
import type { WasmPaths } from '../runtime/wasm_files.ts';

/** How pixels between pixels are computed; see `taps.ts` for the equations. */
export type Resize = 'nearest' | 'bilinear' | 'bicubic' | 'area';

/** What to do with a picture of another aspect ratio; see `placement.ts`. */
export type Fit = 'fill' | 'cover' | 'contain';

export interface ImageOptions {
  /** Columns and rows of the tensor. */
  width: number;
  height: number;
  /** `bilinear` unless given. */
  resize?: Resize;
  /**
   * Whether `bilinear` and `bicubic` widen their filters when they shrink, as Pillow and torchvision do (the default), or look at the two or four
   * nearest pixels only, as OpenCV and `torch.nn.functional.interpolate` do.
   */
  antialias?: boolean;
  /** `fill` (the default) stretches, `cover` crops the middle, `contain` leaves bars of `background`. */
  fit?: Fit;
  /** With `cover`: what the shorter side is resized to before the middle is cropped (256 for a crop of 224, say); unset: as small as covers. */
  shortestEdge?: number;
  /** Red, green and blue from 0 to 255 of the bars of `contain` and of what lies below an alpha channel; black unless given. */
  background?: readonly number[];
  /** Pixels of four bytes: `ignore` (the default) takes their colours as they are, `blend` puts them over `background`. */
  alpha?: 'ignore' | 'blend';
  /** Channels of the tensor, in their order; `rgb` unless given. `gray` is `0.299 R + 0.587 G + 0.114 B`. */
  channels?: 'rgb' | 'bgr' | 'gray';
  /** What bytes are multiplied by first: 1 / 255 unless given, 1 for `uint8`. */
  scale?: number;
  /** What is subtracted then: one number, or one for each channel of the tensor, in its order; 0 unless given. */
  mean?: number | readonly number[];
  /** What it is divided by then, alike; 1 unless given. */
  std?: number | readonly number[];
  /** `nchw` unless given. */
  layout?: 'nchw' | 'nhwc';
  /** `float32` unless given; `uint8` is rounded to the nearest (of two, the even one) and kept within 0 and 255. */
  type?: 'float32' | 'uint8';
  /** The compiled module (`zeroskip/wasm/image.wasm`), where the host may not compile bytes itself. */
  module?: WebAssembly.Module;
  /** Where the Wasm file is, where it is not beside the script: the folder of `zeroskip.image.wasm`, or `{ image: url }`, as `load` takes it. */
  wasmPaths?: WasmPaths;
  /** Most memory that the module may take, 256 MiB unless set. */
  maxBytes?: number;
}

/** Options with their defaults filled in, `mean` and `std` one number a channel. */
export interface Settings extends Required<Omit<ImageOptions, 'module' | 'wasmPaths' | 'shortestEdge'>> {
  shortestEdge: number | undefined;
  mean: readonly number[];
  std: readonly number[];
}

export const MAX_SIDE = 65535;
const DEFAULT_MAX_BYTES = 2 ** 28;

const CHOICES = {
  resize: ['bilinear', 'nearest', 'bicubic', 'area'],
  antialias: [true, false],
  fit: ['fill', 'cover', 'contain'],
  alpha: ['ignore', 'blend'],
  channels: ['rgb', 'bgr', 'gray'],
  layout: ['nchw', 'nhwc'],
  type: ['float32', 'uint8'],
} as const;
const OTHERS = [
  'width',
  'height',
  'shortestEdge',
  'background',
  'scale',
  'mean',
  'std',
  'module',
  'wasmPaths',
  'maxBytes',
];

const isFiniteNumber = (x: unknown): x is number => typeof x === 'number' && Number.isFinite(x);
export const isSide = (x: unknown): x is number => Number.isInteger(x) && Number(x) >= 1 && Number(x) <= MAX_SIDE;

/** Checks options and fills in the defaults. @throws ZeroskipError `INVALID_ARGUMENT` */
export function settingsOf(options: ImageOptions): Settings {
  const require = (condition: boolean, message: () => string): void =>
    ensure(condition, 'INVALID_ARGUMENT', () => `imagePreprocessor: ${message()}`);
  require(typeof options === 'object' && options !== null, () => 'the options are an object');
  const given = options as unknown as Record<string, unknown>;
  for (const key of Object.keys(given)) {
    require(Object.hasOwn(CHOICES, key) || OTHERS.includes(key), () =>
      `unknown option '${key}'; the options are ${[...OTHERS, ...Object.keys(CHOICES)].join(', ')}`);
  }
  for (const [key, choices] of Object.entries(CHOICES)) {
    const value = given[key];
    require(value === undefined || (choices as readonly unknown[]).includes(value), () =>
      `${key} is ${choices.map((c) => (typeof c === 'string' ? `'${c}'` : c)).join(' or ')}, found ${String(value)}`);
  }
  const { width, height, fit = 'fill', channels = 'rgb', type = 'float32', shortestEdge } = options;
  for (const [key, value] of [
    ['width', width],
    ['height', height],
  ] as const)
    require(isSide(value), () => `${key} is a whole number from 1 to ${MAX_SIDE}, found ${value}`);
  if (shortestEdge !== undefined) {
    require(fit === 'cover', () => `shortestEdge belongs to fit 'cover', found fit '${fit}'`);
    require(isSide(shortestEdge) && shortestEdge >= Math.max(width, height), () =>
      `shortestEdge is a whole number from ${Math.max(width, height)}, the longer side of the crop, to ${MAX_SIDE}, found ${shortestEdge}`);
  }
  const { background = [0, 0, 0], scale = type === 'uint8' ? 1 : 1 / 255, maxBytes = DEFAULT_MAX_BYTES } = options;
  const isByte = (x: unknown): boolean => Number.isInteger(x) && Number(x) >= 0 && Number(x) <= 255;
  require(Array.isArray(background) && background.length === 3 && background.every(isByte), () =>
    `background is three whole numbers from 0 to 255, found ${background}`);
  require(isFiniteNumber(scale) && scale !== 0, () => `scale is a number other than 0, found ${scale}`);
  require(isFiniteNumber(maxBytes) && maxBytes > 0, () => `maxBytes is a positive number, found ${maxBytes}`);
  const count = channels === 'gray' ? 1 : 3;
  return {
    width,
    height,
    fit,
    channels,
    type,
    shortestEdge,
    background,
    scale,
    maxBytes,
    resize: options.resize ?? 'bilinear',
    antialias: options.antialias ?? true,
    alpha: options.alpha ?? 'ignore',
    layout: options.layout ?? 'nchw',
    mean: perChannel('imagePreprocessor: mean', options.mean ?? 0, count),
    std: perChannel('imagePreprocessor: std', options.std ?? 1, count, true),
  };
}

/** One finite number for each of `count` channels. @throws ZeroskipError `INVALID_ARGUMENT` */
export function perChannel(what: string, value: unknown, count: number, divides = false): number[] {
  const list = Array.isArray(value) || ArrayBuffer.isView(value) ? Array.from(value as ArrayLike<unknown>) : [value];
  const numbers = list.length === 1 && list !== value ? new Array<unknown>(count).fill(list[0]) : list;
  ensure(
    numbers.length === count && numbers.every((x) => isFiniteNumber(x) && !(divides && x === 0)),
    'INVALID_ARGUMENT',
    () => `${what} is a number${divides ? ' other than 0' : ''}, or one for each of ${count} channels, found ${value}`,
  );
  return numbers as number[];
}
