/**
 * Classifies images and texts with Transformers.js and prints JSON. Arguments: `registered`, on zeroskip registered with the runtime of
 * Transformers.js and then on that runtime itself, or `symbol`, on zeroskip alone, under the symbol where Transformers.js looks for a runtime;
 * the folder of the models.
 */
import * as native from 'onnxruntime-node';
import * as ort from '../../src/onnxruntime/index.ts';

const [how, folder] = process.argv.slice(2);
if (how === 'symbol') Object.assign(globalThis, { [Symbol.for('onnxruntime')]: ort });
else ort.register(native, { fallback: ['cpu'] });
const { AutoModel, env, LogLevel, pipeline, RawImage, Tensor } = await import('@huggingface/transformers');

env.allowRemoteModels = false;
env.localModelPath = folder;
env.logLevel = LogLevel.NONE;

type Options = NonNullable<Parameters<typeof AutoModel.from_pretrained>[1]>;

/** Class of what runs the session of a model, under a fallback too. */
function handlerOf(model: unknown): string {
  const { handler } = (model as { sessions: { model: { handler: { current?: object } } } }).sessions.model;
  return (handler.current ?? handler).constructor.name;
}

const attempt = (run: () => Promise<unknown>): Promise<unknown> =>
  run().catch((error: Error & { code?: string }) => [error.code, error.message]);

async function classify(more: Options) {
  const options: Options = { dtype: 'fp32', ...more };
  const model = await AutoModel.from_pretrained('tiny-image', options);
  const outputs: unknown[] = [];
  for (const dims of [
    [1, 3, 32, 32],
    [2, 3, 16, 20],
    [1, 3, 32, 32],
  ]) {
    const data = Float32Array.from({ length: dims.reduce((a, b) => a * b) }, (_, i) => Math.sin(i));
    const { logits } = await model({ pixel_values: new Tensor('float32', data, dims) });
    outputs.push({ dims: logits.dims, data: Array.from(logits.data as Float32Array) });
  }
  const pixels = Uint8ClampedArray.from({ length: 40 * 36 * 3 }, (_, i) => (i * 37 + (i >> 5) * 11) % 256);
  const image = new RawImage(pixels, 40, 36, 3);
  const classifyImage = await pipeline('image-classification', 'tiny-image', options);
  const classifyText = await pipeline('text-classification', 'tiny-text', options);
  return {
    handlers: [model, classifyImage.model, classifyText.model].map(handlerOf),
    outputs,
    ranks: [
      await attempt(() => classifyImage(image, { top_k: 4 })),
      await attempt(() => classifyText('The film was great', { top_k: 4 })),
      await attempt(() => classifyText(['not a great film', 'very very very dull unheard'], { top_k: 4 })),
    ],
  };
}

const outcomes =
  how === 'symbol'
    ? [await classify({ device: 'auto' })]
    : [await classify({ session_options: { executionProviders: ['zeroskip'] } }), await classify({})];
console.log(JSON.stringify(outcomes));
