import { readFileSync } from 'node:fs';

const read = (name) => readFileSync(new URL(name, import.meta.url));

/** A pruned LeNet-5: `input` `[batch, 1, 28, 28]` to `logits` `[batch, 10]`. */
export const model = new Uint8Array(read('model.onnx'));

/** The same, compiled for one image. */
export const compiled = new Uint8Array(read('model.zsk'));

/** A digit as the network wants it. */
export const pixels = Float32Array.from(read('digit.bin'), (p) => (p / 255 - 0.1307) / 0.3081);
