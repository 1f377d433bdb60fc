import * as ort from 'zeroskip/onnxruntime';
import { model, pixels } from './digit.mjs';

ort.env.wasm.numThreads = 1;
const session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'] });
const { logits } = await session.run({ input: new ort.Tensor('float32', pixels, [1, 1, 28, 28]) });
const scores = [...logits.data];
console.log(JSON.stringify({ digit: scores.indexOf(Math.max(...scores)), logits: scores }));
await session.release();
