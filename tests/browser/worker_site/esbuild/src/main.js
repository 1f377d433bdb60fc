import { Tensor } from 'zeroskip';
import { cached } from 'zeroskip/cache';
import relaxed from 'zeroskip/wasm/relaxed.wasm';
import simd from 'zeroskip/wasm/simd.wasm';
import { loadInWorker } from 'zeroskip/worker';
import digitFile from '../digit.bin';
import modelFile from '../model.zsk';

const at = (file) => new URL(file, import.meta.url);

const worker = new Worker(new URL('worker.js', import.meta.url), { type: 'module' });
const bytes = await cached(at(modelFile), { version: '1' });
const model = await loadInWorker(worker, bytes, {
  wasmPaths: { simd: at(simd), relaxed: at(relaxed) },
});
const pixels = new Uint8Array(await (await fetch(at(digitFile))).arrayBuffer());
const input = new Tensor(
  'float32',
  Float32Array.from(pixels, (p) => (p / 255 - 0.1307) / 0.3081),
  [1, 1, 28, 28],
);
const { logits } = await model.run({ input });
document.querySelector('#result').textContent = JSON.stringify({ logits: [...logits.data], variant: model.variant });
