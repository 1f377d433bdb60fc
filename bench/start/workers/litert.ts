import { loadAndCompile, loadLiteRt, Tensor } from '@litertjs/core';
import factory from '@litertjs/core/wasm/litert_wasm_internal.js';
import module from '@litertjs/core/wasm/litert_wasm_internal.wasm';
import { DIMS_LAST, usePrecompiled, worker } from './worker.ts';

export default worker(async (input, openModel) => {
  usePrecompiled(module);
  const scope = globalThis as Record<string, unknown>;
  scope.importScripts = () => {
    scope.ModuleFactory = factory;
  };
  scope.fetch = async () => new Response(new Uint8Array(8), { headers: { 'content-type': 'application/wasm' } });
  const [file] = await Promise.all([openModel().then((response) => response.arrayBuffer()), loadLiteRt('/litert/')]);
  const net = await loadAndCompile(new Uint8Array(file), { accelerator: 'wasm', cpuOptions: { numThreads: 1 } });
  const [output] = await net.run([new Tensor(input, DIMS_LAST)]);
  return output.toTypedArray();
});
