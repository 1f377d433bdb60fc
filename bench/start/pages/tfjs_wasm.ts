import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { enableProdMode, setBackend } from '@tensorflow/tfjs-core';
import { tfjsGraph } from '../../peers/tfjs_graph.ts';
import { unpackLayers } from '../layers_file.ts';
import { tf } from '../tfjs_core.ts';
import { DIMS_LAST, done, fetchBytes, fetchInput, model, run } from './first.ts';

run(async () => {
  enableProdMode();
  setWasmPaths('/tfjs-wasm/');
  setThreadsCount(1);
  const [file, input] = await Promise.all([fetchBytes(model), fetchInput(), setBackend('wasm')]);
  const { predict } = tfjsGraph(tf, unpackLayers(file), ({ weights }) => weights);
  const x = tf.tensor(input, DIMS_LAST);
  const infer = () => tf.tidy(() => predict(x).dataSync());
  await done(infer(), infer);
});
