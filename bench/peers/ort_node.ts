import { packageVersion } from './host.ts';
import type { OpenedNet, Runtime } from './runtime.ts';

/** onnxruntime-node: native code with the CPU's widest vectors, one thread within and between operators, all graph optimisations. */
export const ortNode: Runtime<OpenedNet> = {
  name: 'ort-node',
  label: 'ONNX Runtime, native',
  version: () => packageVersion('onnxruntime-node'),
  unsupported: () => undefined,
  async open(net) {
    const { InferenceSession, Tensor } = await import('onnxruntime-node');
    const onnx = net.onnx();
    const session = await InferenceSession.create(onnx, {
      executionProviders: ['cpu'],
      graphOptimizationLevel: 'all',
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      logSeverityLevel: 3,
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
