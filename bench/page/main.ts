/** The page that measures in a browser: fetches the network from its server and compares the runtimes as in Node. */
import { importOnnx } from '../../src/compile.ts';
import type { BenchNet } from '../nets/net.ts';
import { litert } from '../peers/litert.ts';
import { litertSparse } from '../peers/litert_sparse.ts';
import { ortWeb } from '../peers/ort_web.ts';
import type { Runtime } from '../peers/runtime.ts';
import { tfjsWasm } from '../peers/tfjs_wasm.ts';
import { zeroskip } from '../peers/zeroskip.ts';
import { zeroskipDense } from '../peers/zeroskip_dense.ts';
import { compare } from '../run/compare.ts';
import type { PageTask } from './task.ts';

const RUNTIMES: readonly Runtime[] = [zeroskip, zeroskipDense, ortWeb, tfjsWasm, litert, litertSparse];

window.compareNet = async ({ net, runtimes, options }: PageTask) => {
  const fetched = await Promise.all(['net.onnx', 'input.bin'].map(bytesOf));
  const [onnx, data] = fetched.map((buffer) => new Uint8Array(buffer));
  const whole: BenchNet = {
    ...net,
    graph: () => importOnnx(onnx, net.id),
    onnx: () => onnx,
    onnxFile: () => new URL('/net.onnx', location.href).href,
    data: () => new Float32Array(data.slice().buffer),
  };
  const chosen = RUNTIMES.filter(({ name }) => runtimes.includes(name));
  return compare(whole, chosen, options, (...stage) => window.onStage(...stage));
};

async function bytesOf(name: string): Promise<ArrayBuffer> {
  const response = await fetch(`/${name}`);
  if (!response.ok) throw new Error(`${name}: HTTP status ${response.status}`);
  return response.arrayBuffer();
}
