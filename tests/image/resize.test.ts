import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Resize } from '../../src/image/options.ts';
import { imagePreprocessor } from '../../src/image/preprocessor.ts';
import { IMAGENET } from '../../src/image/presets.ts';
import { picture, pytorch, resized } from '../support/pictures.ts';

/** Levels of 255; single precision leaves some 1e-4. */
const TOLERANCE = 1e-3;

/** Largest difference of channel `c` of a tensor [1, C, H, W] from a picture [H][W][channels] of which `c` takes channel `k`. */
function worst(
  found: ArrayLike<number | bigint>,
  c: number,
  expected: Float64Array,
  k: number,
  channels: number,
): number {
  const plane = expected.length / channels;
  let most = 0;
  for (let i = 0; i < plane; i++) {
    const error = Math.abs(Number(found[c * plane + i]) - expected[i * channels + k]);
    most = Math.max(most, error);
  }
  return most;
}

test('every resampling is what PyTorch computes', async () => {
  for (const { width, height, channels, toWidth, toHeight, resize, antialias, values } of pytorch.cases) {
    const name = `${resize} ${antialias} ${width}x${height}x${channels} to ${toWidth}x${toHeight}`;
    const options = { width: toWidth, height: toHeight, resize, antialias, scale: 1 };
    const prepare = await imagePreprocessor({ ...options, channels: channels === 1 ? 'gray' : 'rgb' });
    const { data, dims } = prepare(picture(width, height, channels));
    assert.equal(dims, [1, Math.min(channels, 3), toHeight, toWidth]);
    const error = Math.max(...Array.from(data as Float32Array, (x, i) => Math.abs(x - values[i])));
    assert.ok(error < TOLERANCE, `${name}: off by ${error}`);
    const reference = resized(picture(width, height, channels), toWidth, toHeight, resize, antialias);
    for (let c = 0; c < channels; c++)
      assert.ok(worst(values, c, reference, c, channels) < TOLERANCE, `${name}: the loops of the tests`);
  }
});

test('covering is what torchvision does: Resize, CenterCrop, ToTensor, Normalize', async () => {
  for (const { width, height, shortestEdge, crop, values } of pytorch.covers) {
    const prepare = await imagePreprocessor({ ...IMAGENET, width: crop, height: crop, fit: 'cover', shortestEdge });
    const { data } = prepare(picture(width, height, 3));
    const error = Math.max(...Array.from(data as Float32Array, (x, i) => Math.abs(x - values[i])));
    assert.ok(error < 2e-5, `${width}x${height}: off by ${error}`);
  }
});

const SIDES = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33];
const MODES: [Resize, boolean][] = [
  ['bilinear', true],
  ['bilinear', false],
  ['bicubic', true],
  ['bicubic', false],
  ['nearest', true],
  ['area', true],
];

for (const [resize, antialias] of MODES) {
  test(`${resize}${antialias ? '' : ', not antialiased'}: all sides to all sides, of 1, 3 and 4 channels`, async () => {
    for (const [i, to] of SIDES.entries()) {
      // The other direction pairs each size with another one.
      const prepare = await imagePreprocessor({
        ...{ width: to, height: SIDES[SIDES.length - 1 - i], resize, antialias, scale: 1 },
      });
      for (const [j, from] of SIDES.entries()) {
        const channels = [1, 3, 4][(i + j) % 3];
        const image = picture(from, SIDES[(j * 5 + i) % SIDES.length], channels);
        const expected = resized(image, to, SIDES[SIDES.length - 1 - i], resize, antialias);
        const { data } = prepare(image);
        for (let c = 0; c < 3; c++) {
          const error = worst(data as Float32Array, c, expected, channels === 1 ? 0 : c, channels);
          assert.ok(
            error < TOLERANCE,
            `${image.width}x${image.height}x${channels} to ${to}x${SIDES[SIDES.length - 1 - i]}, channel ${c}: off by ${error}`,
          );
        }
      }
    }
  });
}

test('the same size is the same picture, to the bit', async () => {
  for (const [resize, antialias] of MODES) {
    const prepare = await imagePreprocessor({ width: 19, height: 5, resize, antialias, layout: 'nhwc', type: 'uint8' });
    const image = picture(19, 5, 3);
    assert.equal([...prepare(image).data], [...image.data], resize);
  }
});

test('large pictures come in bands, and many weights lose nothing', async () => {
  const prepare = await imagePreprocessor({ width: 2, height: 3, channels: 'gray', scale: 1 });
  const tall = picture(11, 20000, 1);
  const wide = picture(20000, 11, 1);
  for (const image of [tall, wide]) {
    const expected = resized(image, 2, 3, 'bilinear', true);
    const error = worst(prepare(image).data as Float32Array, 0, expected, 0, 1);
    assert.ok(error < TOLERANCE, `${image.width}x${image.height}: off by ${error}`);
  }
  const bands = await imagePreprocessor({ width: 3, height: 300, channels: 'gray', scale: 1, antialias: false });
  const image = picture(4001, 601, 1);
  const error = worst(bands(image).data as Float32Array, 0, resized(image, 3, 300, 'bilinear', false), 0, 1);
  assert.ok(error < TOLERANCE, `bands: off by ${error}`);
});

test.run();
