import { load, Tensor } from './zeroskip/web/zeroskip.js';

const model = await load('model.zsk');
const pixels = new Uint8Array(await (await fetch('digit.bin')).arrayBuffer());
const input = new Tensor(
  'float32',
  Float32Array.from(pixels, (p) => (p / 255 - 0.1307) / 0.3081),
  [1, 1, 28, 28],
);

const { logits } = await model.run({ input });
const scores = [...logits.data];
document.querySelector('#result').textContent = JSON.stringify({
  digit: scores.indexOf(Math.max(...scores)),
  logits: scores,
  variant: model.variant,
});
