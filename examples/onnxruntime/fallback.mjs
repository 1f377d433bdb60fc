import * as ort from 'onnxruntime-web';
import { exportOnnx, GraphBuilder } from 'zeroskip/compiler';
import { register } from 'zeroskip/onnxruntime';
import { model, pixels } from './digit.mjs';

register(ort, { fallback: ['wasm'] });
ort.env.wasm.numThreads = 1;

// With the provider named, onnxruntime-web and its 14 MB of Wasm start only if a model needs them.
const options = { executionProviders: ['zeroskip'] };

// Runs on zeroskip.
const session = await ort.InferenceSession.create(model, options);
const { logits } = await session.run({ input: new ort.Tensor('float32', pixels, [1, 1, 28, 28]) });

// Has a node that zeroskip has no kernel for, so it runs on onnxruntime-web.
const g = new GraphBuilder('sinh');
g.output(g.node('Sinh', [g.input('x', 'float32', ['n'])]), 'y', ['n']);
const other = await ort.InferenceSession.create(exportOnnx(g.build()), options);
const { y } = await other.run({ x: new ort.Tensor('float32', [0, 1], [2]) });

console.log(JSON.stringify({ logits: [...logits.data], sinh: [...y.data] }));
await session.release();
await other.release();
