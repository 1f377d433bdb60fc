import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ImageOptions } from '../../src/image/options.ts';
import { place } from '../../src/image/placement.ts';
import { imagePreprocessor } from '../../src/image/preprocessor.ts';
import type { Pixels } from '../../src/image/source.ts';
import { numbersOf } from '../../src/tensor.ts';
import { picture } from '../support/pictures.ts';
import { raises } from '../support/raises.ts';
import { rejects } from '../support/rejects.ts';

/** `count` pictures of one row, so that vectors of pixels end anywhere. */
const widths = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33];

/** What a tensor holds by the formula, in its own order; uint8 before it is rounded. */
function expected({ data, width, height, channels }: Pixels, options: ImageOptions): number[] {
  const { layout, type = 'float32', background = [0, 0, 0] } = options;
  const scale = options.scale ?? (type === 'uint8' ? 1 : 1 / 255);
  const out = options.channels === 'gray' ? 1 : 3;
  const list = (x: number | readonly number[] = 0) => (typeof x === 'number' ? new Array<number>(3).fill(x) : x);
  const y = new Array<number>(width * height * out);
  for (let i = 0; i < width * height; i++) {
    const alpha = options.alpha === 'blend' && channels === 4 ? data[4 * i + 3] : 255;
    const [r, g, b] = [0, 1, 2].map((k) =>
      Math.round((data[i * channels + (channels === 1 ? 0 : k)] * alpha + background[k] * (255 - alpha)) / 255),
    );
    const grey = channels === 1 ? r : 0.299 * r + 0.587 * g + 0.114 * b;
    const colour = options.channels === 'gray' ? [grey] : options.channels === 'bgr' ? [b, g, r] : [r, g, b];
    colour.forEach((x, c) => {
      const value = (x * scale - list(options.mean)[c]) / list(options.std ?? 1)[c];
      const at = layout === 'nhwc' ? i * out + c : c * width * height + i;
      y[at] = type === 'uint8' ? Math.min(255, Math.max(0, value)) : value;
    });
  }
  return y;
}

const choices: Partial<ImageOptions>[] = [];
for (const channels of ['rgb', 'bgr', 'gray'] as const)
  for (const layout of ['nchw', 'nhwc'] as const)
    for (const type of ['float32', 'uint8'] as const) choices.push({ channels, layout, type });

for (const choice of choices) {
  test(`${Object.values(choice).join(', ')}: channels, layout and normalisation`, async () => {
    const colours = choice.channels === 'gray' ? [0.3] : [0.3, 0.5, 0.7];
    const norms: Partial<ImageOptions>[] = [
      {},
      { mean: 0.25, std: 2 },
      { mean: colours, std: colours.map((x) => x / 3), scale: 1 / 127 },
      { scale: 0.9, mean: -20 },
    ];
    for (const [i, width] of widths.entries()) {
      for (const channels of [1, 3, 4]) {
        const options = { ...choice, ...norms[i % norms.length], width, height: 2 };
        const image = picture(width, 2, channels);
        const { type, data, dims } = (await imagePreprocessor(options))(image);
        const c = choice.channels === 'gray' ? 1 : 3;
        assert.equal(dims, choice.layout === 'nhwc' ? [1, 2, width, c] : [1, c, 2, width]);
        assert.is(type, choice.type);
        const wanted = expected(image, options);
        for (let at = 0; at < wanted.length; at++) {
          const error = Math.abs(Number(data[at]) - wanted[at]);
          const name = `${JSON.stringify(options)} of ${channels} channels, element ${at}`;
          const most = type === 'uint8' ? 0.5001 : 1e-6 * Math.max(10, Math.abs(wanted[at]));
          assert.ok(error <= most, `${name}: off by ${error}`);
        }
      }
    }
  });
}

test('alpha is ignored, or blended over a background to the byte', async () => {
  for (const width of widths) {
    for (const alpha of ['ignore', 'blend'] as const) {
      const options = { width, height: 3, alpha, background: [10, 128, 255], type: 'uint8' } as const;
      const image = picture(width, 3, 4);
      image.data.set([0, 50, 100, 0, 0, 50, 100, 255].slice(0, image.data.length));
      assert.equal(numbersOf((await imagePreprocessor(options))(image)), expected(image, options), `${alpha} ${width}`);
    }
  }
  const all = { data: new Uint8Array(256 * 256 * 4), width: 256, height: 256 };
  for (let i = 0; i < 65536; i++) all.data.set([i & 255, i & 255, i & 255, i >> 8], 4 * i);
  const options = { width: 256, height: 256, alpha: 'blend', background: [0, 77, 255], type: 'uint8' } as const;
  assert.equal(numbersOf((await imagePreprocessor(options))(all)), expected({ ...all, channels: 4 }, options));
});

test('containing leaves bars of the background, normalised like the picture', async () => {
  const background = [10, 20, 30];
  const flat = (w: number, h: number) => ({ data: new Uint8Array(w * h * 3).fill(200), width: w, height: h });
  for (const layout of ['nchw', 'nhwc'] as const) {
    for (const type of ['float32', 'uint8'] as const) {
      for (const [w, h, left, top, right, bottom] of [
        [8, 4, 0, 1, 7, 5],
        [4, 10, 2, 0, 4, 6],
        [14, 7, 0, 1, 7, 5],
        [1, 1, 0, 0, 7, 7],
      ]) {
        const options = {
          width: 7,
          height: 7,
          fit: 'contain',
          background,
          layout,
          type,
          scale: 1,
          mean: [1, 2, 3],
        } as const;
        const prepare = await imagePreprocessor(options);
        const { data } = prepare(flat(w, h));
        const p = prepare.placement(w, h);
        for (let i = 0; i < 49; i++) {
          const [x, y] = [i % 7, Math.floor(i / 7)];
          const inside = x >= p.left && x < p.left + p.resizedWidth && y >= p.top && y < p.top + p.resizedHeight;
          if (w !== 4) assert.is(inside, x >= left && x < right && y >= top && y < bottom, `${w}x${h} at ${x},${y}`);
          for (let c = 0; c < 3; c++)
            assert.is(data[layout === 'nchw' ? c * 49 + i : i * 3 + c], (inside ? 200 : background[c]) - c - 1);
        }
      }
    }
  }
});

test('bars stay where sizes alternate, and belong to each size', async () => {
  const prepare = await imagePreprocessor({ width: 6, height: 6, fit: 'contain', type: 'uint8', channels: 'gray' });
  const wide = { data: new Uint8Array(12 * 4).fill(9), width: 12, height: 4 };
  const tall = { data: new Uint8Array(12 * 4).fill(7), width: 4, height: 12 };
  const first = [numbersOf(prepare(wide)), numbersOf(prepare(tall))];
  assert.equal([numbersOf(prepare(wide)), numbersOf(prepare(tall))], first);
  assert.equal(numbersOf(prepare([wide, tall, wide])), [...first[0], ...first[1], ...first[0]]);
  assert.equal(
    first[0],
    Array.from({ length: 36 }, (_, i) => (i >= 12 && i < 24 ? 9 : 0)),
  );
});

test('placements', () => {
  const at = (options: object, w: number, h: number) =>
    Object.values(place({ width: 224, height: 224, fit: 'fill', ...options } as never, w, h));
  assert.equal(at({}, 640, 480), [224, 224, 0, 0]);
  assert.equal(at({ fit: 'cover' }, 640, 480), [298, 224, -37, 0]);
  assert.equal(at({ fit: 'cover', shortestEdge: 256 }, 640, 480), [341, 256, -58, -16]);
  assert.equal(at({ fit: 'cover', shortestEdge: 256 }, 480, 640), [256, 341, -16, -58]);
  assert.equal(at({ fit: 'cover', width: 320 }, 1920, 1080), [398, 224, -39, 0]);
  assert.equal(at({ fit: 'cover', width: 320 }, 1080, 1920), [320, 568, 0, -172]);
  assert.equal(at({ fit: 'contain' }, 640, 480), [224, 168, 0, 28]);
  assert.equal(at({ fit: 'contain', width: 320 }, 100, 1000), [22, 224, 149, 0]);
  assert.equal(at({ fit: 'contain' }, 10000, 1), [224, 1, 0, 111]);
});

test('several pictures make a batch', async () => {
  const prepare = await imagePreprocessor({ width: 5, height: 4 });
  const images = [picture(9, 7, 3), picture(3, 3, 4), picture(20, 2, 1)];
  const { dims, data } = prepare(images);
  assert.equal(dims, [3, 3, 4, 5]);
  assert.equal(
    numbersOf({ data } as never),
    images.flatMap((image) => numbersOf(prepare(image))),
  );
});

test('bytes of a larger buffer, and clamped ones', async () => {
  const prepare = await imagePreprocessor({ width: 3, height: 3 });
  const { data } = picture(7, 5, 3);
  const room = new Uint8Array(data.length + 9);
  room.set(data, 5);
  const found = prepare({ data: room.subarray(5, 5 + data.length), width: 7, height: 5 });
  assert.equal(found, prepare({ data, width: 7, height: 5, channels: 3 }));
});

test('the module may be handed over, and must be the right one', async () => {
  const bytes = (name: string) => readFileSync(new URL(`../../dist/wasm/zeroskip.${name}.wasm`, import.meta.url));
  const module = await WebAssembly.compile(bytes('image'));
  const prepare = await imagePreprocessor({ width: 3, height: 3, module });
  assert.equal(prepare(picture(4, 4, 3)), (await imagePreprocessor({ width: 3, height: 3 }))(picture(4, 4, 3)));
  for (const other of [
    await WebAssembly.compile(bytes('simd')),
    new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)),
  ])
    await rejects(
      () => imagePreprocessor({ width: 3, height: 3, module: other }),
      'INVALID_ARGUMENT',
      /not the image module/,
    );
  await rejects(
    () => imagePreprocessor({ width: 3, height: 3, module: bytes('image') as never }),
    'INVALID_ARGUMENT',
    /WebAssembly\.Module/,
  );
});

test('wasmPaths says where the module is', async () => {
  const size = { width: 3, height: 3 };
  const folder = new URL('../../dist/wasm', import.meta.url);
  const file = new URL('../../dist/wasm/zeroskip.image.wasm', import.meta.url);
  const expected = (await imagePreprocessor(size))(picture(4, 4, 3));
  for (const wasmPaths of [folder, folder.pathname, `${folder}/`, { image: file }, { image: file.pathname }])
    assert.equal((await imagePreprocessor({ ...size, wasmPaths }))(picture(4, 4, 3)), expected);
  const refused = (wasmPaths: unknown, ...rest: Parameters<typeof rejects> extends [unknown, ...infer R] ? R : never) =>
    rejects(() => imagePreprocessor({ ...size, wasmPaths } as ImageOptions), ...rest);
  await refused(
    '/there/is/nothing',
    'FILE_ERROR',
    /^imagePreprocessor: the image module cannot be loaded: .*nothing/,
    /wasmPaths/,
  );
  await refused({ simd: file }, 'INVALID_ARGUMENT', /^imagePreprocessor: wasmPaths names no file for 'image'/);
  await refused(3, 'INVALID_ARGUMENT', /wasmPaths is the URL of a folder/);
});

test('options are checked', async () => {
  const wrong: [object, RegExp][] = [
    [{ width: 0 }, /width is a whole number from 1 to 65535, found 0/],
    [{ height: 2.5 }, /height .* found 2.5/],
    [{ height: '3' }, /height/],
    [{ resize: 'lanczos' }, /resize is 'bilinear' or .*found lanczos/],
    [{ antialias: 1 }, /antialias is true or false/],
    [{ fit: 'crop' }, /fit is/],
    [{ size: 3 }, /unknown option 'size'/],
    [{ toString: 3 }, /unknown option 'toString'/],
    [{ shortestEdge: 8 }, /shortestEdge belongs to fit 'cover'/],
    [{ fit: 'cover', shortestEdge: 3 }, /from 4, the longer side of the crop/],
    [{ background: [1, 2] }, /background/],
    [{ background: [1, 2, 256] }, /background/],
    [{ background: 'red' }, /background/],
    [{ mean: [1, 2] }, /mean is a number, or one for each of 3 channels/],
    [{ mean: Number.NaN }, /mean/],
    [{ std: [1, 0, 1] }, /std is a number other than 0/],
    [{ channels: 'gray', std: [1, 1, 1] }, /each of 1 channels/],
    [{ scale: 0 }, /scale/],
    [{ maxBytes: -1 }, /maxBytes/],
  ];
  for (const [options, message] of wrong)
    await rejects(
      () => imagePreprocessor({ width: 4, height: 4, ...options }),
      'INVALID_ARGUMENT',
      /^imagePreprocessor: /,
      message,
    );
  await rejects(() => imagePreprocessor(null as never), 'INVALID_ARGUMENT', /options are an object/);
  await rejects(() => imagePreprocessor({ width: 65535, height: 65535 }), 'OUT_OF_MEMORY', /51538034700 bytes/);
});

test('pictures are checked', async () => {
  const prepare = await imagePreprocessor({ width: 4, height: 4, maxBytes: 70000 });
  const data = new Uint8Array(12);
  raises(
    () => prepare({ data, width: 2, height: 3 }),
    'SHAPE_MISMATCH',
    /2x3 pixels has 1, 3 or 4 bytes a pixel, found 12 bytes/,
  );
  raises(() => prepare({ data, width: 2, height: 2, channels: 4 }), 'SHAPE_MISMATCH', /take 16 bytes, found 12/);
  raises(() => prepare({ data, width: 2, height: 3, channels: 2 }), 'INVALID_ARGUMENT', /1, 3 or 4 channels, found 2/);
  raises(() => prepare({ data, width: 0, height: 2 }), 'INVALID_ARGUMENT', /found 0x2/);
  raises(() => prepare({ data: [1, 2, 3] as never, width: 1, height: 1 }), 'INVALID_ARGUMENT', /bytes, found Array/);
  raises(
    () => prepare({ data: new Float32Array(3) as never, width: 1, height: 1 }),
    'INVALID_ARGUMENT',
    /Float32Array/,
  );
  raises(() => prepare([]), 'INVALID_ARGUMENT', /no image/);
  raises(() => prepare(null as never), 'INVALID_ARGUMENT', /an image is an object/);
  raises(() => prepare({ width: 3, height: 3 }), 'UNSUPPORTED_HOST', /no canvas/);
  raises(() => prepare({} as never), 'INVALID_ARGUMENT', /found undefinedxundefined/);
  raises(() => prepare.placement(1, 0), 'INVALID_ARGUMENT', /found 1x0/);
  raises(() => prepare(picture(1, 60000, 3)), 'OUT_OF_MEMORY', /maxBytes is 70000/);
  assert.is(prepare({ data, width: 2, height: 2 }).size, 48, 'it still works');
});

test.run();
