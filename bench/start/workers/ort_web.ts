import module from 'onnxruntime-web/ort-wasm-simd-threaded.wasm';
import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import { DIMS, usePrecompiled, worker } from './worker.ts';

export default worker(async (input, openModel) => {
  usePrecompiled(module);
  env.wasm.numThreads = 1;
  // Any bytes: they keep it from fetching its module.
  env.wasm.wasmBinary = new ArrayBuffer(8);
  const model = new Uint8Array(await (await openModel()).arrayBuffer());
  const session = await InferenceSession.create(model, { executionProviders: ['wasm'] });
  const outputs = await session.run({ [session.inputNames[0]]: new Tensor('float32', input, DIMS) });
  return outputs[session.outputNames[0]].data as Float32Array;
});
