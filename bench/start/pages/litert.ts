import { loadAndCompile, loadLiteRt, Tensor } from '@litertjs/core';
import { DIMS_LAST, done, fetchBytes, fetchInput, model, run } from './first.ts';

run(async () => {
  const [file, input] = await Promise.all([fetchBytes(model), fetchInput(), loadLiteRt('/litert/')]);
  const net = await loadAndCompile(file, { accelerator: 'wasm', cpuOptions: { numThreads: 1 } });
  const x = new Tensor(input, DIMS_LAST);
  const infer = async () => {
    const [output] = await net.run([x]);
    const values = output.toTypedArray();
    output.delete();
    return values;
  };
  await done(await infer(), infer);
});
