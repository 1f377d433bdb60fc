import { load, Tensor, ZeroskipError } from 'zeroskip';
// Compiled when the Worker is uploaded: Workers may not compile Wasm while they run.
import simd from 'zeroskip/wasm/simd.wasm';

let model;

export default {
  /** POST 28 x 28 grey values of one byte each, get the digit and the score of each class. */
  async fetch(request, env) {
    if (request.method !== 'POST') return new Response('POST 784 bytes\n', { status: 405 });
    const pixels = new Uint8Array(await request.arrayBuffer());
    try {
      model ??= await open(env);
      if (!model) return new Response('there is no model.zsk in the bucket\n', { status: 503 });
      const values = Float32Array.from(pixels, (p) => (p / 255 - 0.1307) / 0.3081);
      const { logits } = await model.run({ input: new Tensor('float32', values, [1, 1, 28, 28]) });
      const scores = [...logits.data];
      return Response.json({ digit: scores.indexOf(Math.max(...scores)), logits: scores, variant: model.variant });
    } catch (error) {
      if (!(error instanceof ZeroskipError)) throw error;
      const status = error.code === 'SHAPE_MISMATCH' ? 400 : 500;
      return Response.json({ error: error.message, code: error.code }, { status });
    }
  },
};

/** The package streams from the bucket into the memory of the model. */
async function open(env) {
  const object = await env.MODELS.get('model.zsk');
  return object ? load(object.body, { module: simd }) : undefined;
}
