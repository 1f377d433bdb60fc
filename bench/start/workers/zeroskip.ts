import { load, Tensor } from 'zeroskip';
import simd from 'zeroskip/wasm/simd.wasm';
import { DIMS, worker } from './worker.ts';

export default worker(async (input, openModel) => {
  const net = await load((await openModel()).body!, { module: simd });
  const feeds = { [net.inputs[0].name]: new Tensor('float32', input, DIMS) };
  return net.runSync(feeds)[net.outputs[0].name].data as Float32Array;
});
