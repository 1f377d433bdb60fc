import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile } from 'zeroskip/compiler';
import * as ort from 'zeroskip/onnxruntime/lite';
import { model, pixels } from './digit.mjs';

// Where the model is built. In a shell: zeroskip compile model.onnx -o model.zsk --shape input=1x1x28x28
const folder = await mkdtemp(join(tmpdir(), 'zeroskip-'));
const path = join(folder, 'model.zsk');
await writeFile(path, await compile(model, { shapes: { input: [1, 1, 28, 28] } }));

// Where it runs: the same code as before, without a compiler.
const session = await ort.InferenceSession.create(path);
const { logits } = await session.run({ input: new ort.Tensor('float32', pixels(), [1, 1, 28, 28]) });
console.log(JSON.stringify({ logits: [...logits.data] }));
await session.release();
await rm(folder, { recursive: true });
