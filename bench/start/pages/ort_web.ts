import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import { DIMS, done, fetchInput, model, run } from './first.ts';

run(async () => {
  env.wasm.numThreads = 1;
  env.wasm.wasmPaths = { wasm: '/ort-web/ort-wasm-simd-threaded.wasm' };
  const opening = InferenceSession.create(model, { executionProviders: ['wasm'] });
  const [session, input] = await Promise.all([opening, fetchInput()]);
  const feeds = { [session.inputNames[0]]: new Tensor('float32', input, DIMS) };
  const infer = async () => (await session.run(feeds))[session.outputNames[0]].data as Float32Array;
  await done(await infer(), infer);
});
