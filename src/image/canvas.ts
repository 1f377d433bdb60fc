import { ensure } from '../errors.ts';

/** An OffscreenCanvas or HTMLCanvasElement, as far as it is needed: the types of pages are not those of every host. */
export interface Canvas {
  width: number;
  height: number;
  getContext(kind: '2d', options?: object): unknown;
}

/** A 2D context, alike. */
export interface Context {
  globalCompositeOperation: string;
  drawImage(image: unknown, x: number, y: number, width: number, height: number): void;
  getImageData(x: number, y: number, width: number, height: number): { data: unknown };
  putImageData(image: unknown, x: number, y: number): void;
}

/** The type of instances of a global class, where the types of a project know it. */
type Instance<Name extends string, Otherwise> = typeof globalThis extends { [K in Name]: { prototype: infer T } }
  ? T
  : Otherwise;

/** What a canvas is in the types of this project. */
export type HostCanvas = Instance<'OffscreenCanvas', Canvas> | Instance<'HTMLCanvasElement', Canvas>;

/** `ImageData` where the types of this project know it, otherwise the parts of it that matter. */
export type ImageDataLike = Instance<
  'ImageData',
  { readonly data: Uint8ClampedArray; readonly width: number; readonly height: number }
>;

/** @throws ZeroskipError `UNSUPPORTED_HOST` */
export function createCanvas(caller: string, width: number, height: number): Canvas {
  if (typeof OffscreenCanvas !== 'undefined') return new OffscreenCanvas(width, height);
  ensure(
    typeof document !== 'undefined',
    'UNSUPPORTED_HOST',
    `${caller}: this host has no canvas; pictures are { data, width, height } here, with the bytes of their pixels`,
  );
  return Object.assign(document.createElement('canvas'), { width, height });
}

/** @throws ZeroskipError `INVALID_ARGUMENT`, `UNSUPPORTED_HOST` */
export function contextOf(caller: string, canvas: Canvas): Context {
  ensure(typeof canvas?.getContext === 'function', 'INVALID_ARGUMENT', `${caller}: a canvas is expected`);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  ensure(context, 'UNSUPPORTED_HOST', `${caller}: the canvas gives no 2D context`);
  return context as Context;
}
