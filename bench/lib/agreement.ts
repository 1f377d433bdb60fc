import type { Model } from '../../src/runtime/model.ts';
import { Tensor } from '../../src/tensor.ts';
import { argmax, type Digits, normalised } from './mnist.ts';
import type { Network } from './networks.ts';
import { relativeError } from './stats.ts';

const CLASSES = 10;

/** How a package does on the test digits. */
export interface Agreement {
  /** Digits that it gets right. */
  correct: number;
  /** Relative error of the logits that PyTorch's are known of. */
  error: number;
  /** Time to run all digits in batches, without their normalisation. */
  ms: number;
}

/** Runs all `digits` through `model`, `batch` at a time; `batch` divides their count. */
export function agreement(
  model: Model,
  batch: number,
  digits: Digits,
  { indices, logits: expected, normalisation }: Network,
  onProgress: (share: number) => void,
): Agreement {
  const logits = new Float32Array(digits.count * CLASSES);
  let ms = 0;
  for (let first = 0; first < digits.count; first += batch) {
    const images = normalised(
      digits,
      Array.from({ length: batch }, (_, i) => first + i),
      normalisation,
    );
    const feeds = { [model.inputs[0].name]: new Tensor('float32', images, [batch, 1, 28, 28]) };
    const start = performance.now();
    const out = model.runSync(feeds);
    ms += performance.now() - start;
    logits.set(out[model.outputs[0].name].data as Float32Array, first * CLASSES);
    onProgress((first + batch) / digits.count);
  }
  const correct = digits.labels.reduce((n, label, i) => n + Number(argmax(logits, i * CLASSES, CLASSES) === label), 0);
  const known = Float32Array.from(indices.flatMap((i) => [...logits.subarray(i * CLASSES, (i + 1) * CLASSES)]));
  return { correct, error: relativeError(known, expected), ms };
}
