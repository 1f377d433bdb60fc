import { readFileSync } from 'node:fs';
import { loadAndCompile, loadLiteRt, Tensor } from '@litertjs/core';
import { asWorker, packageFolder } from '../../peers/host.ts';
import { DIMS_LAST, done, model, readInput } from '../first.ts';

await asWorker(() => loadLiteRt(`${packageFolder('@litertjs/core')}wasm/`));
const net = await loadAndCompile(readFileSync(model), { accelerator: 'wasm', cpuOptions: { numThreads: 1 } });
const [output] = await net.run([new Tensor(readInput(), DIMS_LAST)]);
done(output.toTypedArray());
