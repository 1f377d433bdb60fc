import { OP_BLOCK_EDGE } from '../../assembly/abi.ts';
import {
  emitBlock,
  expectList,
  firstBlock,
  listCase,
  pair,
  refuseImport,
  rowsCost,
  windowOf,
} from './common/blocks.ts';
import { anyPlanes } from './lower.ts';
import { type Call, floats, floatTensor, type Op } from './op.ts';

function imageOf(call: Call): number[] {
  const [h, w] = pair(call, 'image');
  return [call.int('images'), call.input(0).dims[1], h, w];
}

/**
 * A block whose positions outside of the image are zero, as a padded convolution reads them: `y = x` inside, 0 outside. Which block it is
 * says the list, as for BlockGather.
 *
 * X, Y `[1, C, ...size]`. Attributes: `images`, `image` [H, W], and those of {@link windowOf}.
 */
export const blockEdge: Op = {
  name: 'BlockEdge',
  onnx: { normalize: refuseImport },
  zeros: (_call, [share]) => share,
  infer(call: Call) {
    const { dims } = call.input(0);
    const { grid, size } = windowOf(call);
    call.expectType(0, 'float32');
    call.expect(
      dims.length === 4 && dims[0] === 1 && dims[2] === size[0] && dims[3] === size[1],
      () => `the block has dims 1xCx${size.join('x')}, found ${dims.join('x')}`,
    );
    expectList(call, 1, imageOf(call)[0] * grid[0] * grid[1]);
    return [{ type: 'float32', dims }];
  },
  reference(call, [x, list]) {
    const [, , height, width] = imageOf(call);
    const block = firstBlock(list, windowOf(call));
    const [, , h, w] = x!.dims;
    const inside = (at: number): boolean => {
      if (!block) return true;
      const row = block.y + (Math.floor(at / w) % h);
      const column = block.x + (at % w);
      return row >= 0 && row < height && column >= 0 && column < width;
    };
    return [
      floatTensor(
        x!.dims,
        floats(x).map((value, at) => (inside(at) ? value : 0)),
      ),
    ];
  },
  lower(call) {
    const { dims } = call.input(0);
    const window = windowOf(call);
    const image = imageOf(call);
    return (['planes', 'dense'] as const).map((output) => ({
      kernel: `f32_block_edge__${output}`,
      // Blocks in the middle of the image cost nothing.
      cost: rowsCost(0, dims[1] * dims[2]) / 4,
      inputs: [output === 'planes' ? anyPlanes(true) : { kind: 'dense' as const }, { kind: 'dense' as const }],
      output,
      inplace: [0],
      emit(e) {
        const [x, list, y] = [e.input(0), e.input(1), e.output()];
        emitBlock(e, OP_BLOCK_EDGE, { x, y, list, image, window });
      },
    }));
  },
  cases: [0, 1, 4, 7, 8].map((active) => ({
    name: `block ${active}`,
    attrs: { images: 1, image: [8, 7], grid: [3, 3], step: [3, 3], offset: [1, 2], size: [5, 6] },
    inputs: [{ dims: [1, 3, 5, 6] }, listCase(9, active)],
  })),
};
