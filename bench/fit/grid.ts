import { conv, depthwise, linear, type Site } from '../kernels/sites.ts';

/** Per cent of zeros in the weights of the layers that can have zeros. */
export const GRID_SPARSITIES: readonly number[] = [0, 50, 80, 90, 95, 98];

const POINTWISE = [
  [32, 64, 112],
  [64, 64, 56],
  [64, 256, 56],
  [256, 64, 56],
  [128, 512, 28],
  [256, 256, 28],
  [512, 128, 28],
  [48, 192, 14],
  [256, 1024, 14],
  [512, 512, 14],
  [1024, 256, 14],
  [160, 960, 7],
  [512, 1024, 7],
  [1024, 1024, 7],
];

const WINDOWS = [
  [32, 32, 112],
  [64, 64, 56],
  [128, 128, 28],
  [192, 192, 14],
  [256, 256, 14],
  [512, 512, 7],
];

const DEPTHWISE = [
  [32, 112],
  [96, 56],
  [128, 56],
  [256, 28],
  [512, 14],
  [960, 7],
];

const VECTORS = [
  [300, 100],
  [784, 300],
  [1024, 1000],
  [2048, 1000],
  [768, 3072],
  [3072, 768],
  [2048, 2048],
];

/** Shares of zeros in the inputs of layers that skip them. */
const INPUT_ZEROS = [0.6, 0.8, 0.95];

/** Layers of many shapes: 1x1 and 3x3 convolutions, depthwise ones of both steps, vectors, with zeros and without, and batches of them. */
export const GRID: readonly Site[] = [
  ...POINTWISE.map(([c, m, size]) => conv({ c, m, size })),
  ...WINDOWS.map(([c, m, size]) => conv({ c, m, size, kernel: 3 })),
  ...DEPTHWISE.flatMap(([c, size]) => [depthwise(c, size, 1), depthwise(c, size, 2)]),
  ...VECTORS.map(([inputs, outputs]) => linear(1, inputs, outputs)),
  ...VECTORS.flatMap(([inputs, outputs]) => INPUT_ZEROS.map((zeros) => linear(1, inputs, outputs, zeros))),
  linear(4, 768, 3072, 0.9),
  linear(8, 3072, 768, 0.9),
  linear(128, 256, 512),
  linear(32, 768, 768),
];
