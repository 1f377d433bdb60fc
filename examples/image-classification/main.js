// A digit drawn on a canvas, recognised while it is drawn: canvas -> tensor -> logits -> labels.
import { load } from 'zeroskip';
import { imagePreprocessor } from 'zeroskip/image';
import { softmax, topK } from 'zeroskip/labels';

const LABELS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

const paper = document.querySelector('#paper');
const guesses = document.querySelector('#guesses');
const ink = paper.getContext('2d');

const [model, prepare] = await Promise.all([
  load(new URL('./model.zsk', import.meta.url)),
  // What the network was trained with: x / 255, less the mean of MNIST, by its deviation.
  imagePreprocessor({ width: 28, height: 28, resize: 'area', channels: 'gray', mean: 0.1307, std: 0.3081 }),
]);

function guess() {
  const { logits } = model.runSync({ input: prepare(paper) });
  const [best] = topK(softmax(logits), 3, LABELS);
  guesses.replaceChildren(
    ...best.map(({ label, score }) => {
      const item = document.createElement('li');
      item.textContent = `${label} ${(100 * score).toFixed(1)} %`;
      return item;
    }),
  );
}

function clear() {
  ink.fillStyle = 'black';
  ink.fillRect(0, 0, paper.width, paper.height);
  guesses.replaceChildren();
}

paper.addEventListener('pointerdown', ({ offsetX, offsetY, pointerId }) => {
  paper.setPointerCapture(pointerId);
  ink.beginPath();
  ink.moveTo(offsetX, offsetY);
});
paper.addEventListener('pointermove', ({ buttons, offsetX, offsetY }) => {
  if (buttons === 0) return;
  ink.lineTo(offsetX, offsetY);
  ink.stroke();
  guess();
});
document.querySelector('#clear').addEventListener('click', clear);

Object.assign(ink, { strokeStyle: 'white', lineWidth: 22, lineCap: 'round', lineJoin: 'round' });
clear();
document.body.dataset.state = 'ready';
