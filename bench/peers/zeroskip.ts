import { type CompileOptions, compileGraph } from '../../src/compile.ts';
import { load } from '../../src/runtime/index.ts';
import { Tensor } from '../../src/tensor.ts';
import { version } from '../lib/machine.ts';
import type { OpenedNet, Runtime, Session } from './runtime.ts';

/** Networks are up to half a gigabyte of weights. */
const MAX_BYTES = 2 ** 32;

/**
 * Compiles and loads `net`; the build (`relaxed` where the host has it) and the engine class are what `load` chooses. A run copies the
 * input in and the output out.
 */
export async function openZeroskip(net: OpenedNet, sparse: CompileOptions['sparse']): Promise<Session> {
  const { bytes } = compileGraph(net.graph(), { sparse });
  const model = await load(bytes, { maxBytes: MAX_BYTES });
  const feeds = { [net.input.name]: new Tensor('float32', net.data(), net.input.dims) };
  let last = new Float32Array();
  return {
    run() {
      last = model.runSync(feeds)[net.output.name].data as Float32Array<ArrayBuffer>;
    },
    output: () => last,
    bytes: bytes.length,
    dispose: () => model.dispose(),
    notes: [`${model.variant} build, ${model.engine} kernels`],
  };
}

/** Ours: each layer in the format that the planner takes to be fastest. */
export const zeroskip: Runtime<OpenedNet> = {
  name: 'zeroskip',
  label: 'zeroskip',
  version: () => version,
  unsupported: () => undefined,
  open: (net) => openZeroskip(net, 'auto'),
};
