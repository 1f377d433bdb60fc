import type * as TF from '@tensorflow/tfjs-core';
import { packageFolder, packageVersion } from './host.ts';
import { layersOf } from './layers.ts';
import { toChannelsFirst, toChannelsLast } from './order.ts';
import type { Runtime } from './runtime.ts';
import { tfjsGraph } from './tfjs_graph.ts';

const PACKAGE = '@tensorflow/tfjs-backend-wasm';

let ready: Promise<typeof TF> | undefined;

function loadTfjs(): Promise<typeof TF> {
  ready ??= (async () => {
    const tf = await import('@tensorflow/tfjs-core');
    const backend = await import('@tensorflow/tfjs-backend-wasm');
    tf.enableProdMode();
    backend.setWasmPaths(`${packageFolder(PACKAGE)}dist/`);
    backend.setThreadsCount(1);
    await tf.setBackend('wasm');
    await tf.ready();
    return tf;
  })();
  return ready;
}

/**
 * TensorFlow.js, Wasm backend (XNNPACK). Best settings: the SIMD build, one thread, production mode, the fused kernels of a converted graph
 * model called without its executor, weights and input uploaded once, each intermediate freed after its last use.
 */
export const tfjsWasm: Runtime = {
  name: 'tfjs-wasm',
  label: 'TensorFlow.js, Wasm',
  version: () => packageVersion(PACKAGE),
  unsupported: () => undefined,
  async open(net) {
    const tf = await loadTfjs();
    const network = layersOf(net.graph());
    const { predict, bytes, dispose } = tfjsGraph(tf, network);
    const input = tf.tensor(toChannelsLast(net.data(), net.input.dims), [...network.shapes.get(network.input)!]);
    let last = new Float32Array();
    return {
      run() {
        const output = predict(input);
        last = output.dataSync() as Float32Array<ArrayBuffer>;
        output.dispose();
      },
      output: () => toChannelsFirst(last, network.shapes.get(network.output)!),
      bytes,
      dispose() {
        input.dispose();
        dispose();
      },
    };
  },
};
