import { load, Tensor } from 'zeroskip';

const model = await load(new URL('../model.zsk', import.meta.url));
const digit = await fetch(new URL('../digit.bin', import.meta.url));
const pixels = new Uint8Array(await digit.arrayBuffer());
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
