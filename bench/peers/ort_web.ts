import { packageVersion } from './host.ts';
import type { OpenedNet, Runtime } from './runtime.ts';

/** onnxruntime-web: its one Wasm build (SIMD), execution provider `wasm`, one thread, all graph optimisations, the input tensor made once. */
export const ortWeb: Runtime<OpenedNet> = {
  name: 'ort-web',
  label: 'ONNX Runtime Web',
  version: () => packageVersion('onnxruntime-web'),
  unsupported: () => undefined,
  async open(net) {
    const { env, InferenceSession, Tensor } = await import('onnxruntime-web');
    env.wasm.numThreads = 1;
    env.logLevel = 'error';
    const onnx = net.onnx();
    const session = await InferenceSession.create(onnx, {
      executionProviders: ['wasm'],
      graphOptimizationLevel: 'all',
    });
    const feeds = { [net.input.name]: new Tensor('float32', net.data(), net.input.dims) };
    let last = new Float32Array();
    return {
      async run() {
        last = (await session.run(feeds))[net.output.name].data as Float32Array<ArrayBuffer>;
      },
      output: () => last,
      bytes: onnx.length,
      dispose: () => void session.release(),
    };
  },
};
