import { readFileSync } from 'node:fs';
import { env, InferenceSession, Tensor } from 'onnxruntime-web';
import { DIMS, done, model, readInput } from '../first.ts';

env.wasm.numThreads = 1;
const session = await InferenceSession.create(readFileSync(model), { executionProviders: ['wasm'] });
const outputs = await session.run({ [session.inputNames[0]]: new Tensor('float32', readInput(), DIMS) });
done(outputs[session.outputNames[0]].data as Float32Array);
