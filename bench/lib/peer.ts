import { env, InferenceSession, Tensor } from 'onnxruntime-web';

export const peerVersion: string = env.versions.web ?? 'unknown';

/** A network in onnxruntime-web: Wasm, one thread, all graph optimisations. */
export interface Peer {
  /** One inference on the prepared input, with nothing around it. */
  run(): Promise<unknown>;
  /** What it computes. */
  output(): Promise<Float32Array>;
  release(): Promise<void>;
}

export async function loadPeer(onnx: Uint8Array, input: Float32Array, dims: readonly number[]): Promise<Peer> {
  env.wasm.numThreads = 1;
  env.logLevel = 'error';
  const session = await InferenceSession.create(onnx, { executionProviders: ['wasm'], graphOptimizationLevel: 'all' });
  const feeds = { [session.inputNames[0]]: new Tensor('float32', input, dims) };
  return {
    run: () => session.run(feeds),
    output: async () => (await session.run(feeds))[session.outputNames[0]].data as Float32Array,
    release: () => session.release(),
  };
}
