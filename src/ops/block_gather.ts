import { OP_BLOCK_GATHER } from '../../assembly/abi.ts';
import { sizeOf } from '../tensor.ts';
import {
  emitBlock,
  expectList,
  firstBlock,
  listCase,
  pixels,
  refuseImport,
  rowsCost,
  windowOf,
} from './common/blocks.ts';
import { type Call, floatTensor, type Op } from './op.ts';

const dimsOf = (call: Call): number[] => [1, call.input(0).dims[1], ...windowOf(call).size];

/**
 * A block with its halo: `y[0, c, i, j] = x[n, c, top + i, left + j]`, 0 outside of the image. In a loop over the list of active blocks
 * it is the block of the round, elsewhere the first. If the list is empty, y is not written; the reference has zeros.
 *
 * X `[N, C, H, W]`, list `[1 + N * blocks of an image]`, Y `[1, C, ...size]`. Attributes: those of {@link windowOf}.
 */
export const blockGather: Op = {
  name: 'BlockGather',
  onnx: { normalize: refuseImport },
  zeros: (_call, [share]) => share,
  infer(call: Call) {
    call.expectType(0, 'float32');
    call.expectRank(0, 4);
    const { grid } = windowOf(call);
    expectList(call, 1, call.input(0).dims[0] * grid[0] * grid[1]);
    return [{ type: 'float32', dims: dimsOf(call) }];
  },
  reference(call, [x, list]) {
    const dims = dimsOf(call);
    const [, channels, h, w] = dims;
    const y = new Float32Array(sizeOf(dims));
    const block = firstBlock(list, windowOf(call));
    if (block) {
      const { read } = pixels(x);
      for (let c = 0; c < channels; c++) {
        for (let i = 0; i < h; i++) {
          for (let j = 0; j < w; j++) y[(c * h + i) * w + j] = read(block.image, c, block.y + i, block.x + j);
        }
      }
    }
    return [floatTensor(dims, y)];
  },
  lower(call) {
    const [, channels, h, w] = dimsOf(call);
    const window = windowOf(call);
    return [
      {
        kernel: 'f32_block_gather',
        cost: rowsCost(channels * h * w, channels * h),
        inputs: [{ kind: 'any' }, { kind: 'dense' }],
        output: 'planes',
        emit(e) {
          const [x, list, y] = [e.input(0), e.input(1), e.output()];
          emitBlock(e, OP_BLOCK_GATHER, { x, y, list, image: x.dims, window });
        },
      },
    ];
  },
  cases: [
    [1, 3, 8, 9, 4, 4, 1, 5],
    [2, 5, 7, 6, 3, 5, 0, 2],
    [2, 1, 7, 6, 3, 5, 3, 5],
    [1, 2, 40, 40, 16, 16, 2, 0],
    [1, 2, 5, 5, 8, 8, 1, 0],
  ].map(([n, c, h, w, bh, bw, halo, active]) => {
    const grid = [Math.ceil(h / bh), Math.ceil(w / bw)];
    return {
      name: `${n}x${c}x${h}x${w} ${bh}x${bw} halo ${halo}, block ${active}`,
      attrs: { grid, step: [bh, bw], offset: [halo, halo], size: [bh + 2 * halo, bw + 2 * halo] },
      inputs: [{ dims: [n, c, h, w] }, listCase(n * grid[0] * grid[1], active)],
    };
  }),
};
