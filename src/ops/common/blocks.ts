import * as B from '../../../assembly/abi/blocks.ts';
import { ZeroskipError } from '../../errors.ts';
import type { Tensor } from '../../tensor.ts';
import type { Emitter, Operand, View } from '../lower.ts';
import { viewOf } from '../lower.ts';
import { type Call, type CaseInput, floats, type OnnxNode, type ValueType } from '../op.ts';

/**
 * An image cut into blocks, numbered image by image, row by row; those at the lower and right border may be smaller. The list of active
 * blocks is an int32 value of `1 + blocks` elements: their count, their numbers in ascending order, then -1.
 */

/** Type of the list for `blocks` blocks. */
export const listType = (blocks: number): ValueType => ({ type: 'int32', dims: [1 + blocks] });

/** Rows and columns of blocks. */
export const gridOf = ([h, w]: readonly number[], [bh, bw]: readonly number[]): [number, number] => [
  Math.ceil(h / bh),
  Math.ceil(w / bw),
];

/** Numbers of the active blocks of a list. */
export function activeBlocks(list: Tensor | undefined): number[] {
  const [count = 0, ...numbers] = Array.from(list!.data as Int32Array);
  return numbers.slice(0, count);
}

/** A pair of whole numbers >= `least` among the attributes. */
export function pair(call: Call, name: string, least = 1): [number, number] {
  const values = call.ints(name);
  call.expect(
    values.length === 2 && values.every((v) => v >= least),
    () => `${name} is two whole numbers >= ${least}, found ${values.join(', ')}`,
  );
  return [values[0], values[1]];
}

export function expectList(call: Call, index: number, blocks: number): void {
  call.expectType(index, 'int32');
  const { dims } = call.input(index);
  call.expect(
    dims.length === 1 && dims[0] === 1 + blocks,
    () => `the list of ${blocks} blocks has ${1 + blocks} elements, found ${dims.join('x')}`,
  );
}

/** The ops of this file come from the compiler; models may not hold them. */
export function refuseImport({ node }: OnnxNode): void {
  throw new ZeroskipError('UNSUPPORTED_OP', `${node.op} '${node.name}' is not read from models`);
}

/** A grid of blocks whose block at row i, column j covers `size` elements from `(i * step[0] - offset[0], j * step[1] - offset[1])` on. */
export interface BlockWindow {
  grid: [number, number];
  step: [number, number];
  offset: [number, number];
  size: [number, number];
}

export const windowOf = (call: Call): BlockWindow => ({
  grid: pair(call, 'grid'),
  step: pair(call, 'step'),
  offset: pair(call, 'offset', 0),
  size: pair(call, 'size'),
});

/** Image, first row and first column of the first active block; undefined if there is none. */
export function firstBlock(list: Tensor | undefined, { grid, step, offset }: BlockWindow) {
  const [number] = activeBlocks(list);
  if (number === undefined) return undefined;
  const within = number % (grid[0] * grid[1]);
  return {
    image: Math.floor(number / (grid[0] * grid[1])),
    y: Math.floor(within / grid[1]) * step[0] - offset[0],
    x: (within % grid[1]) * step[1] - offset[1],
  };
}

/** A row-major `[N, C, H, W]` tensor: its elements, 0 outside of its images. */
export function pixels(tensor: Tensor | undefined) {
  const [, c, h, w] = tensor!.dims;
  const data = floats(tensor);
  const at = (n: number, channel: number, y: number, x: number): number => ((n * c + channel) * h + y) * w + x;
  const inside = (y: number, x: number): boolean => y >= 0 && y < h && x >= 0 && x < w;
  return {
    inside,
    at,
    read: (n: number, channel: number, y: number, x: number): number => (inside(y, x) ? data[at(n, channel, y, x)] : 0),
  };
}

export const isView = ({ strides }: View): boolean => strides[3] === 1;

/** Writes a record that copies a block between an image and a buffer, or within a buffer. */
export function emitBlock(
  e: Emitter,
  op: number,
  {
    x,
    y,
    list,
    image,
    window,
  }: { x: Operand; y: Operand; list: Operand; image: readonly number[]; window: BlockWindow },
): void {
  const [images, channels, h, w] = image;
  const record = e
    .record(op, B.BLOCK_SIZE)
    .at(B.BLOCK_LIST, list)
    .int(B.BLOCK_IMAGES, images)
    .int(B.BLOCK_GRID_H, window.grid[0])
    .int(B.BLOCK_GRID_W, window.grid[1])
    .int(B.BLOCK_STEP_Y, window.step[0])
    .int(B.BLOCK_STEP_X, window.step[1])
    .int(B.BLOCK_TOP, window.offset[0])
    .int(B.BLOCK_LEFT, window.offset[1])
    .int(B.BLOCK_CHANNELS, channels)
    .int(B.BLOCK_H, h)
    .int(B.BLOCK_W, w)
    .int(B.BLOCK_BLOCK_H, window.size[0])
    .int(B.BLOCK_BLOCK_W, window.size[1]);
  const sides = [
    [x, B.BLOCK_X, B.BLOCK_X_IMAGE, B.BLOCK_X_CHANNEL, B.BLOCK_X_ROW],
    [y, B.BLOCK_Y, B.BLOCK_Y_IMAGE, B.BLOCK_Y_CHANNEL, B.BLOCK_Y_ROW],
  ] as const;
  for (const [operand, address, imageField, channelField, rowField] of sides) {
    const { offset, strides } = viewOf(operand.layout, operand.dims);
    record
      .at(address, operand, offset)
      .int(imageField, strides[0] * 4)
      .int(channelField, strides[1] * 4)
      .int(rowField, strides[2] * 4);
  }
}

/** Modelled time in ns of copying `elements` elements in `rows` rows of an image that is far from the processor. */
export const rowsCost = (elements: number, rows: number): number => 50 + 0.06 * elements + 8 * rows;

/** A list operand of a test case. */
export const listCase = (blocks: number, ...active: number[]): CaseInput => ({
  type: 'int32',
  dims: [1 + blocks],
  values: [active.length, ...active, ...new Array<number>(blocks - active.length).fill(-1)],
});
