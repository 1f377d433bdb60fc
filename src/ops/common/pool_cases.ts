import type { OpCase } from '../op.ts';

const cases: readonly [dims: number[], attrs: NonNullable<OpCase['attrs']>][] = [
  [[1, 1, 1, 1], { kernel_shape: [1, 1] }],
  [[2, 3, 8, 8], { kernel_shape: [2, 2], strides: [2, 2] }],
  [[1, 3, 9, 11], { kernel_shape: [2, 2], strides: [2, 2] }],
  [[1, 2, 28, 28], { kernel_shape: [2, 2], strides: [2, 2] }],
  [[1, 2, 5, 9], { kernel_shape: [2, 2] }],
  [[1, 2, 6, 23], { kernel_shape: [2, 5], strides: [1, 2] }],
  [[1, 2, 6, 23], { kernel_shape: [2, 3], strides: [1, 2], dilations: [1, 2] }],
  [[1, 5, 7, 9], { kernel_shape: [3, 3], strides: [1, 1] }],
  [[2, 3, 7, 9], { kernel_shape: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1] }],
  [[1, 3, 17, 19], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }],
  [[1, 2, 12, 13], { kernel_shape: [3, 2], strides: [3, 3], pads: [0, 1, 2, 1] }],
  [[1, 2, 9, 21], { kernel_shape: [1, 3], strides: [1, 2], pads: [0, 2, 0, 0] }],
  [[1, 2, 9, 21], { kernel_shape: [5, 1], strides: [2, 1], pads: [2, 0, 2, 0] }],
  [[1, 3, 7, 7], { kernel_shape: [7, 7] }],
  [[1, 2, 9, 9], { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }],
  [[1, 2, 8, 10], { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }],
  [[1, 2, 8, 10], { kernel_shape: [2, 2], strides: [3, 3], pads: [1, 1, 1, 1], ceil_mode: 1 }],
  [[1, 2, 7, 10], { kernel_shape: [3, 2], strides: [2, 2], auto_pad: 'SAME_UPPER' }],
  [[1, 2, 7, 10], { kernel_shape: [2, 3], strides: [2, 2], auto_pad: 'SAME_LOWER' }],
  [[1, 2, 7, 10], { kernel_shape: [3, 3], strides: [2, 1], auto_pad: 'VALID' }],
  [[1, 2, 11, 14], { kernel_shape: [3, 3], dilations: [2, 3] }],
  [[1, 2, 11, 14], { kernel_shape: [3, 2], dilations: [2, 1], strides: [1, 2], pads: [2, 1, 2, 1] }],
  [[2, 3, 17], { kernel_shape: [3], strides: [2], pads: [1, 1] }],
  [[2, 3, 9], { kernel_shape: [4] }],
  [[0, 3, 5, 5], { kernel_shape: [2, 2] }],
  // Squares two apart, output rows around the tile.
  ...[6, 7, 8, 9, 10, 11, 16, 17, 19].flatMap((w): [number[], NonNullable<OpCase['attrs']>][] => [
    [[1, 3, 7, w], { kernel_shape: [2, 2], strides: [2, 2] }],
    [[1, 3, 7, w], { kernel_shape: [3, 3], strides: [2, 2] }],
    [[1, 3, 7, w], { kernel_shape: [3, 3], strides: [3, 2] }],
    [[1, 3, 7, w], { kernel_shape: [3, 3], strides: [2, 2], pads: [0, 1, 0, 1] }],
  ]),
];

/** Windows of every kind over planes around the tile of four columns. */
export const poolCases = (extra: NonNullable<OpCase['attrs']> = {}): OpCase[] =>
  cases.map(([dims, attrs]) => ({
    name: [`[${dims}]`, ...Object.entries({ ...attrs, ...extra }).map(([key, v]) => `${key} ${v}`)].join(' '),
    attrs: { ...attrs, ...extra },
    inputs: [{ dims }],
  }));
