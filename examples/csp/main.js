import { cached } from './zeroskip/web/cache.js';
import { loadInWorker } from './zeroskip/web/worker.js';
import { load, Tensor } from './zeroskip/web/zeroskip.js';

const output = document.querySelector('#result');
try {
  const pkg = await cached('model.zsk', { version: '1' });
  const model = await load(pkg);
  const worker = new Worker('zeroskip/web/worker-script.js', { type: 'module' });
  const inWorker = await loadInWorker(worker, pkg);
  const pixels = new Uint8Array(await (await fetch('digit.bin')).arrayBuffer());
  const input = new Tensor(
    'float32',
    Float32Array.from(pixels, (p) => (p / 255 - 0.1307) / 0.3081),
    [1, 1, 28, 28],
  );

  const { logits } = await model.run({ input });
  const { logits: same } = await inWorker.run({ input });
  const scores = [...logits.data];
  output.textContent = JSON.stringify({
    digit: scores.indexOf(Math.max(...scores)),
    logits: scores,
    variant: model.variant,
    workerAgrees: scores.every((score, i) => score === same.data[i]),
  });
} catch (error) {
  output.textContent = JSON.stringify({ code: error.code, error: error.message });
}
