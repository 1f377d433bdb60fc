import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { imagePreprocessor } from '../../src/image/preprocessor.ts';
import { IMAGENET } from '../../src/image/presets.ts';
import { toCanvas, toImageData } from '../../src/image/to_image.ts';
import { Tensor } from '../../src/tensor.ts';
import { picture } from '../support/pictures.ts';
import { raises } from '../support/raises.ts';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

test('what the preprocessor did is undone to the byte', async () => {
  const size = { width: 5, height: 3 };
  for (const layout of ['nchw', 'nhwc'] as const) {
    for (const channels of ['rgb', 'bgr'] as const) {
      for (const norm of [
        IMAGENET,
        { mean: 0.5, std: 0.25 },
        { scale: 1, mean: [103.9, 116.8, 123.7] },
        { type: 'uint8' as const },
      ]) {
        const prepare = await imagePreprocessor({ ...size, ...norm, layout, channels });
        const images = [picture(5, 3, 3), { ...picture(5, 3, 4), channels: 4 }];
        const batch = prepare(images);
        const { type: _, ...back } = { type: undefined, ...norm };
        images.forEach((image, index) => {
          const { data, width, height } = toImageData(batch, { ...back, layout, channels, index });
          assert.equal([width, height], [5, 3]);
          for (let i = 0; i < 15; i++) {
            const from = image.data.subarray(i * image.channels, i * image.channels + 3);
            assert.equal([...data.subarray(4 * i, 4 * i + 4)], [...from, 255]);
          }
        });
      }
    }
  }
});

test('numbers outside are clamped, halves go to the even byte, NaN to 0', () => {
  const x = new Tensor('float32', Float32Array.of(-1, 0.5, 1.5, 2.5, 300, nan, inf, -inf), [2, 4]);
  const { data } = toImageData(x, { scale: 1 });
  assert.equal(
    [...data].filter((_, i) => i % 4 === 0),
    [0, 0, 2, 2, 255, 0, 255, 0],
  );
  assert.equal(
    [...data].filter((_, i) => i % 4 === 3),
    new Array(8).fill(255),
  );
  assert.equal([...data.subarray(8, 11)], [2, 2, 2], 'one channel is grey');
});

test('tensors of two, three and four dimensions', () => {
  const planes = new Tensor('uint8', Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), [4, 1, 2]);
  assert.equal([...toImageData(planes).data], [1, 3, 5, 7, 2, 4, 6, 8]);
  const pixels = new Tensor('uint8', Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), [1, 2, 4]);
  assert.equal([...toImageData(pixels, { layout: 'nhwc', channels: 'bgr' }).data], [3, 2, 1, 4, 7, 6, 5, 8]);
  assert.equal([...toImageData(pixels.reshape([1, 1, 2, 4]), { layout: 'nhwc' }).data], [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.equal(
    [...toImageData(pixels, { layout: 'nhwc', mean: [1, 1, 1], std: 2 }).data],
    [3, 5, 7, 4, 11, 13, 15, 8],
    'alpha is left alone',
  );
  assert.equal([...toImageData(new Tensor('uint8', Uint8Array.of(9), [1, 1])).data], [9, 9, 9, 255]);
});

test('mistakes are named', () => {
  const x = new Tensor('float32', new Float32Array(12), [1, 3, 2, 2]);
  raises(
    () => toImageData(x, { layout: 'nhwc' }),
    'SHAPE_MISMATCH',
    /\[N, H, W, C\] with C 1, 3 or 4 are expected, found 1x3x2x2/,
  );
  raises(() => toImageData(x.reshape([12])), 'SHAPE_MISMATCH', /found 12/);
  raises(() => toImageData(x.reshape([1, 1, 3, 2, 2])), 'SHAPE_MISMATCH');
  raises(() => toImageData(new Tensor('float32', [], [1, 3, 0, 2])), 'SHAPE_MISMATCH');
  raises(() => toImageData(new Tensor('int64', new BigInt64Array(4), [2, 2])), 'TYPE_MISMATCH', /found int64/);
  raises(() => toImageData(x, { index: 1 }), 'INVALID_ARGUMENT', /0 to 0, found 1/);
  raises(() => toImageData(x, { mean: [1, 2] }), 'INVALID_ARGUMENT', /toImageData: mean/);
  raises(() => toImageData(x, { scale: 0 }), 'INVALID_ARGUMENT', /scale/);
  raises(() => toImageData(x, { channels: 'gray' as never }), 'INVALID_ARGUMENT', /'rgb' or 'bgr'/);
  raises(() => toImageData(x, { layout: 'chw' as never }), 'INVALID_ARGUMENT', /layout/);
  raises(() => toImageData(x, { size: 1 } as never), 'INVALID_ARGUMENT', /unknown option 'size'/);
  raises(() => toImageData({ data: [], dims: [] } as never), 'INVALID_ARGUMENT', /a Tensor/);
  raises(() => toCanvas(x), 'UNSUPPORTED_HOST', /^toCanvas: .*no canvas/);
  raises(() => toCanvas(x, {}, {}), 'INVALID_ARGUMENT', /a canvas is expected/);
  raises(() => toCanvas(x, {}, { getContext: () => null }), 'UNSUPPORTED_HOST', /no 2D context/);
});

test.run();
