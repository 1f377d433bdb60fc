import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import type * as TF from '@tensorflow/tfjs-core';
import {
  add,
  dispose,
  enableProdMode,
  fused,
  maxPool,
  mean,
  relu,
  relu6,
  reshape,
  setBackend,
  tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import { tfjsGraph } from '../../peers/tfjs_graph.ts';
import { unpackLayers } from '../layers_file.ts';
import { DIMS_LAST, done, fetchBytes, fetchInput, model, run } from './first.ts';

/** Only what the network calls, so that the rest is not bundled. */
const tf = { add, dispose, fused, maxPool, mean, relu, relu6, reshape, tensor, tidy } as unknown as typeof TF;

run(async () => {
  enableProdMode();
  setWasmPaths('/tfjs-wasm/');
  setThreadsCount(1);
  const [file, input] = await Promise.all([fetchBytes(model), fetchInput(), setBackend('wasm')]);
  const { predict } = tfjsGraph(tf, unpackLayers(file), ({ weights }) => weights);
  const x = tensor(input, DIMS_LAST);
  const infer = () => tidy(() => predict(x).dataSync());
  await done(infer(), infer);
});
