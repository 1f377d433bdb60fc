import { load, Tensor } from 'zeroskip';
import relaxed from 'zeroskip/wasm/relaxed.wasm';
import simd from 'zeroskip/wasm/simd.wasm';
import digitFile from '../digit.bin';
import modelFile from '../model.zsk';

/** esbuild's loader `file` gives paths from the bundle. */
const at = (file) => new URL(file, import.meta.url);

const model = await load(at(modelFile), { wasmPaths: { simd: at(simd), relaxed: at(relaxed) } });
const pixels = new Uint8Array(await (await fetch(at(digitFile))).arrayBuffer());
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
