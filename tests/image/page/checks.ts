/** What `pages.test.ts` runs in a page, built with the package as it is installed. */
import { IMAGENET, imagePreprocessor, toCanvas, toImageData } from 'zeroskip/image';

type Numbers = ArrayLike<number | bigint>;

const same = (a: Numbers, b: Numbers): boolean => a.length === b.length && Array.from(a).every((x, i) => x === b[i]);

function pattern(width: number, height: number): ImageData {
  const pixels = new ImageData(width, height);
  for (let i = 0; i < pixels.data.length; i++) pixels.data[i] = i % 4 === 3 ? 255 : (i * 37) & 255;
  return pixels;
}

function drawn<T extends HTMLCanvasElement | OffscreenCanvas>(canvas: T, pixels: ImageData): T {
  Object.assign(canvas, { width: pixels.width, height: pixels.height });
  (canvas.getContext('2d') as CanvasRenderingContext2D).putImageData(pixels, 0, 0);
  return canvas;
}

const pixelsOf = (canvas: HTMLCanvasElement | OffscreenCanvas): Uint8ClampedArray =>
  (canvas.getContext('2d') as CanvasRenderingContext2D).getImageData(0, 0, canvas.width, canvas.height).data;

async function element(src: string): Promise<HTMLImageElement> {
  const image = Object.assign(new Image(), { src });
  await image.decode().catch(() => undefined);
  return image;
}

/** The names of those kinds of pictures that give another tensor than their bytes do. */
async function differing(): Promise<string[]> {
  const pixels = pattern(20, 14);
  const prepare = await imagePreprocessor({ ...IMAGENET, width: 9, height: 8, fit: 'cover' });
  const { data, width, height } = pixels;
  const expected = prepare({ data: new Uint8Array(data), width, height });
  const canvas = drawn(document.createElement('canvas'), pixels);
  const image = await element(canvas.toDataURL());
  // The size of an element is not that of its picture.
  image.width = 3;
  const frame = new VideoFrame(canvas, { timestamp: 0 });
  const sources = {
    pixels,
    canvas,
    offscreen: drawn(new OffscreenCanvas(1, 1), pixels),
    bitmap: await createImageBitmap(pixels),
    image,
    frame,
  };
  const found = Object.entries(sources).filter(([, source]) => !same(prepare(source).data, expected.data));
  const batch = prepare(Object.values(sources));
  frame.close();
  if (batch.dims[0] !== 6 || !same(batch.data.slice(-expected.size), expected.data)) return ['a batch'];
  return found.map(([name]) => name);
}

/** The colour of a picture that is fetched. */
async function colourOf(src: string): Promise<number[]> {
  const prepare = await imagePreprocessor({ width: 1, height: 1, type: 'uint8' });
  return Array.from(prepare(await element(src)).data, Number);
}

/** Whether tensors become the pictures that they were made of. */
async function restored(): Promise<Record<string, boolean>> {
  const pixels = pattern(20, 14);
  const { data, width, height } = pixels;
  const tensor = (await imagePreprocessor({ ...IMAGENET, width, height }))(pixels);
  const image = toImageData(tensor, IMAGENET);
  const mine = document.createElement('canvas');
  return {
    imageData: image instanceof ImageData && same(image.data, data),
    newCanvas: same(pixelsOf(toCanvas(tensor, IMAGENET)), data),
    givenCanvas: toCanvas(tensor, IMAGENET, mine) === mine && mine.width === width && same(pixelsOf(mine), data),
  };
}

/** What is said of pictures that cannot be read, and whether the next one is read all the same. */
async function refusals(foreign: string): Promise<Record<string, string>> {
  const prepare = await imagePreprocessor({ width: 4, height: 4 });
  const said = (x: object): string => {
    try {
      prepare(x as ImageData);
      return 'nothing was thrown';
    } catch (error) {
      const { code, message } = error as Error & { code: string };
      return `${code} ${message}`;
    }
  };
  const closed = await createImageBitmap(new ImageData(2, 2));
  closed.close();
  const words = {
    foreign: said(await element(foreign)),
    closed: said(closed),
    unloaded: said(new Image()),
    broken: said(await element('/absent.png')),
    node: said(document.createElement('div')),
    sized: said({ width: 3, height: 3 }),
  };
  const pixels = pattern(5, 5);
  const next = same(prepare(drawn(new OffscreenCanvas(1, 1), pixels)).data, prepare(pixels).data);
  return { ...words, next: next ? 'read' : 'another' };
}

export const checks = { differing, colourOf, restored, refusals };

Object.assign(globalThis, { checks });
