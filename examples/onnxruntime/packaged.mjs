import * as ort from 'zeroskip/onnxruntime/lite';
import { compiled, pixels } from './digit.mjs';

const session = await ort.InferenceSession.create(compiled);
const { logits } = await session.run({ input: new ort.Tensor('float32', pixels, [1, 1, 28, 28]) });
console.log(JSON.stringify({ logits: [...logits.data] }));
await session.release();
