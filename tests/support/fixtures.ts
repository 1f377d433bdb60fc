import { type Network, networks } from '../../bench/lib/networks.ts';
import type { Model } from '../../src/runtime/model.ts';
import { Tensor } from '../../src/tensor.ts';

/** A pruned network with what PyTorch computes: its logits of 64 digits and its accuracy. */
export type Fixture = Network;

export const fixtures: readonly Fixture[] = networks;

export const PIXELS = 28 * 28;
export const CLASSES = 10;

/** Feeds for `batch` images from image `first` of `images`. */
export const imagesAt = (images: Float32Array, first: number, batch: number): Tensor =>
  new Tensor('float32', images.subarray(first * PIXELS, (first + batch) * PIXELS), [batch, 1, 28, 28]);

/** Calls `run` on the images `first` to `first + batch` until all `count` have been in a batch; the last batch may overlap the one before. */
function inBatches(count: number, batch: number, run: (first: number) => void): void {
  for (let first = 0; first < count; first += batch) run(Math.min(first, count - batch));
}

/** The logits of all `images`, computed `batch` at a time. */
export function logitsOf(model: Model, images: Float32Array, batch: number): Float32Array {
  const count = images.length / PIXELS;
  const logits = new Float32Array(count * CLASSES).fill(Number.NaN);
  inBatches(count, batch, (first) => {
    const out = model.runSync({ [model.inputs[0].name]: imagesAt(images, first, batch) });
    logits.set(out[model.outputs[0].name].data as Float32Array, first * CLASSES);
  });
  return logits;
}
