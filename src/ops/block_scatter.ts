import { OP_BLOCK_SCATTER } from '../../assembly/abi.ts';
import { sameDims } from '../tensor.ts';
import { emitBlock, expectList, firstBlock, listCase, pair, pixels, refuseImport, rowsCost } from './common/blocks.ts';
import { type Call, floats, floatTensor, type Op } from './op.ts';

const windowOf = (call: Call) => ({
  grid: pair(call, 'grid'),
  step: pair(call, 'block'),
  offset: [0, 0] as [number, number],
  size: pair(call, 'block'),
});

/**
 * An image with one of its blocks replaced: `y[n, c, top + i, left + j] = block[0, c, i, j]` inside of the image, elsewhere `y = image`.
 * Which block it is says the list, as for BlockGather. The image is changed where it stands.
 *
 * Block `[1, C, bh, bw]`, list, image and Y `[N, C, H, W]`. Attributes `grid`, `block` [bh, bw].
 */
export const blockScatter: Op = {
  name: 'BlockScatter',
  onnx: { normalize: refuseImport },
  updates: 2,
  infer(call: Call) {
    const { grid, size } = windowOf(call);
    const { dims } = call.input(2);
    const own = call.input(0).dims;
    call.expectType(0, 'float32');
    call.expectType(2, 'float32');
    call.expect(
      sameDims(own, [1, dims[1], ...size]),
      () => `the block has dims 1x${dims[1]}x${size.join('x')}, found ${own.join('x')}`,
    );
    expectList(call, 1, dims[0] * grid[0] * grid[1]);
    return [{ type: 'float32', dims }];
  },
  reference(call, [own, list, image]) {
    const y = Float32Array.from(floats(image));
    const block = firstBlock(list, windowOf(call));
    if (block) {
      const { inside, at } = pixels(image);
      const [, channels, h, w] = own!.dims;
      for (let c = 0; c < channels; c++) {
        for (let i = 0; i < h; i++) {
          for (let j = 0; j < w; j++) {
            const [row, column] = [block.y + i, block.x + j];
            if (inside(row, column)) y[at(block.image, c, row, column)] = floats(own)[(c * h + i) * w + j];
          }
        }
      }
    }
    return [floatTensor(image!.dims, y)];
  },
  lower(call) {
    const [, channels, h, w] = call.input(0).dims;
    const window = windowOf(call);
    return [
      {
        kernel: 'f32_block_scatter',
        cost: rowsCost(channels * h * w, channels * h),
        inputs: [{ kind: 'any' }, { kind: 'dense' }, { kind: 'any' }],
        output: 'dense',
        emit(e) {
          const [x, list, y] = [e.input(0), e.input(1), e.output()];
          emitBlock(e, OP_BLOCK_SCATTER, { x, y, list, image: y.dims, window });
        },
      },
    ];
  },
  cases: [
    [1, 3, 8, 9, 4, 4, 5],
    [2, 2, 7, 6, 3, 5, 7],
    [1, 2, 40, 40, 16, 16, 8],
    [1, 2, 5, 5, 8, 8, 0],
  ].map(([n, c, h, w, bh, bw, active]) => {
    const grid = [Math.ceil(h / bh), Math.ceil(w / bw)];
    return {
      name: `${n}x${c}x${h}x${w} ${bh}x${bw}, block ${active}`,
      attrs: { grid, block: [bh, bw] },
      inputs: [{ dims: [1, c, bh, bw] }, listCase(n * grid[0] * grid[1], active), { dims: [n, c, h, w] }],
    };
  }),
};
