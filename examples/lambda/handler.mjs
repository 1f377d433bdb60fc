import { load, Tensor, ZeroskipError } from 'zeroskip';

// Outside of the handler: done once for each instance of the function, while it starts.
const model = await load(new URL('model.zsk', import.meta.url));

/** A function URL or API Gateway: POST 28 x 28 grey values of one byte each, get the digit and the score of each class. */
export async function handler(event) {
  const pixels = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  try {
    const input = new Tensor(
      'float32',
      Float32Array.from(pixels, (p) => (p / 255 - 0.1307) / 0.3081),
      [1, 1, 28, 28],
    );
    const { logits } = await model.run({ input });
    const scores = [...logits.data];
    return json(200, { digit: scores.indexOf(Math.max(...scores)), logits: scores, variant: model.variant });
  } catch (error) {
    if (error instanceof ZeroskipError) return json(400, { error: error.message, code: error.code });
    throw error;
  }
}

const json = (statusCode, body) => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
