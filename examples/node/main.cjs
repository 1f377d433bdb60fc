const { readFile } = require('node:fs/promises');
const { join } = require('node:path');
const { load, Tensor } = require('zeroskip');

async function main() {
  const model = await load(join(__dirname, 'model.zsk'));
  const pixels = await readFile(join(__dirname, 'digit.bin'));
  const input = new Tensor(
    'float32',
    Float32Array.from(pixels, (p) => (p / 255 - 0.1307) / 0.3081),
    [1, 1, 28, 28],
  );

  const { logits } = await model.run({ input });
  const scores = [...logits.data];
  console.log(JSON.stringify({ digit: scores.indexOf(Math.max(...scores)), logits: scores, variant: model.variant }));
  model.dispose();
}

main();
