import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import module from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm';
import { enableProdMode, env, setBackend } from '@tensorflow/tfjs-core';
import { tfjsGraph } from '../../peers/tfjs_graph.ts';
import { unpackLayers } from '../layers_file.ts';
import { tf } from '../tfjs_core.ts';
import { DIMS_LAST, usePrecompiled, worker } from './worker.ts';

/** Everything that it fetches is the Wasm module, which is there. */
const platform = {
  fetch: async () => new Response(new Uint8Array(8)),
  now: () => Date.now(),
  encode: (text: string) => new TextEncoder().encode(text),
  decode: (bytes: Uint8Array) => new TextDecoder().decode(bytes),
  isTypedArray: (a: unknown): a is Float32Array => ArrayBuffer.isView(a),
  setTimeoutCustom: setTimeout,
};

export default worker(async (input, openModel) => {
  usePrecompiled(module);
  enableProdMode();
  env().setPlatform('worker', platform as Parameters<ReturnType<typeof env>['setPlatform']>[1]);
  setWasmPaths('http://localhost/', true);
  setThreadsCount(1);
  const [file, ready] = await Promise.all([openModel().then((response) => response.arrayBuffer()), setBackend('wasm')]);
  if (!ready) throw new Error('the backend wasm does not start');
  const { predict } = tfjsGraph(tf, unpackLayers(new Uint8Array(file)), ({ weights }) => weights);
  return predict(tf.tensor(input, DIMS_LAST)).dataSync();
});
