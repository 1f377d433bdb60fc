import { Tensor } from 'zeroskip';
import { cached } from 'zeroskip/cache';
import { loadInWorker } from 'zeroskip/worker';

const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
const bytes = await cached(new URL('../model.zsk', import.meta.url), { version: '1' });
const model = await loadInWorker(worker, bytes);
const pixels = new Uint8Array(await (await fetch(new URL('../digit.bin', import.meta.url))).arrayBuffer());
const input = new Tensor(
  'float32',
  Float32Array.from(pixels, (p) => (p / 255 - 0.1307) / 0.3081),
  [1, 1, 28, 28],
);
const { logits } = await model.run({ input });
document.querySelector('#result').textContent = JSON.stringify({ logits: [...logits.data], variant: model.variant });
