/** Pictures to tensors and back. */
export type { Canvas, HostCanvas, ImageDataLike } from './canvas.ts';
export type { Fit, ImageOptions, Resize } from './options.ts';
export type { Placement } from './placement.ts';
export { type ImagePreprocessor, imagePreprocessor } from './preprocessor.ts';
export { IMAGENET } from './presets.ts';
export type { Drawable, ImageSource, RawImage } from './source.ts';
export { type ToImageOptions, toCanvas, toImageData } from './to_image.ts';
