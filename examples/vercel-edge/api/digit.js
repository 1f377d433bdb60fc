import { load, Tensor, ZeroskipError } from 'zeroskip';
// Compiled when the function is deployed: the edge runtime may not compile Wasm while it runs.
import simd from 'zeroskip/wasm/simd.wasm?module';

export const config = { runtime: 'edge' };

let model;

/** POST 28 x 28 grey values of one byte each, get the digit and the score of each class. */
export default async function handler(request) {
  const pixels = new Uint8Array(await request.arrayBuffer());
  try {
    model ??= await load(new URL('/model.zsk', request.url), { module: simd });
    const values = Float32Array.from(pixels, (p) => (p / 255 - 0.1307) / 0.3081);
    const { logits } = await model.run({ input: new Tensor('float32', values, [1, 1, 28, 28]) });
    const scores = [...logits.data];
    return json(200, { digit: scores.indexOf(Math.max(...scores)), logits: scores, variant: model.variant });
  } catch (error) {
    if (!(error instanceof ZeroskipError)) throw error;
    return json(error.code === 'SHAPE_MISMATCH' ? 400 : 500, { error: error.message, code: error.code });
  }
}

const json = (status, body) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
