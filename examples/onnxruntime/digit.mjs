import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** A pruned LeNet-5 for handwritten digits: `input` `[batch, 1, 28, 28]` to `logits` `[batch, 10]`. */
export const model = new Uint8Array(
  gunzipSync(readFileSync(new URL('../../tests/fixtures/lenet5.dynamic.onnx.gz', import.meta.url))),
);

const DRAWING = `
  ##############
 ###############
 ##############
           ####
           ###
          ####
         ####
         ###
        ####
       ####
       ###
      ####
      ###
     ####
     ####
     ###
    ####
    ####
    ###
`;

/** A seven, 28 x 28, as the network wants it. */
export function pixels() {
  const image = new Float32Array(28 * 28).fill(-0.1307 / 0.3081);
  DRAWING.split('\n').forEach((line, y) => {
    [...line].forEach((c, x) => {
      if (c === '#') image[(y + 3) * 28 + x + 5] = (1 - 0.1307) / 0.3081;
    });
  });
  return image;
}
