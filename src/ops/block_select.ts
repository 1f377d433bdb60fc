import * as B from '../../assembly/abi/blocks.ts';
import { OP_BLOCK_SELECT } from '../../assembly/abi.ts';
import { sameDims, showDims, sizeOf } from '../tensor.ts';
import { activeBlocks, expectList, gridOf, listCase, pair, refuseImport, rowsCost } from './common/blocks.ts';
import { anyPlanes, type Emitter, viewOf } from './lower.ts';
import { type Call, floats, floatTensor, type Op, type OpCase } from './op.ts';

/** True if the region's own input shows outside of the active blocks. */
function passesInput(call: Call): boolean {
  const outside = call.string('outside');
  call.expect(outside === 'zero' || outside === 'input', () => `outside is 'zero' or 'input', found '${outside}'`);
  return outside === 'input';
}

/**
 * What a masked region gives: `y = x` in the active blocks, elsewhere 0 (`outside` 'zero') or `input` ('input'). The nodes between
 * `input` and x are the region, which the planner may compute block by block.
 *
 * X, Y `[N, C, H, W]`, list of active blocks, input: of the dims of X for 'input'. Attributes `block` [bh, bw], `outside`, `limit`: most
 * active share of the blocks for which the region runs block by block; negative: the cost model decides.
 */
export const blockSelect: Op = {
  name: 'BlockSelect',
  onnx: { normalize: refuseImport },
  infer(call: Call) {
    call.expectType(0, 'float32');
    call.expectRank(0, 4);
    const { dims } = call.input(0);
    const input = call.input(2).dims;
    const [gh, gw] = gridOf(dims.slice(2), pair(call, 'block'));
    call.float('limit');
    expectList(call, 1, dims[0] * gh * gw);
    call.expect(
      !passesInput(call) || sameDims(dims, input),
      () => `the input that shows outside has dims ${showDims(dims)}, found ${showDims(input)}`,
    );
    return [{ type: 'float32', dims }];
  },
  reference(call, [x, list, input]) {
    const [, channels, h, w] = x!.dims;
    const block = pair(call, 'block');
    const [gh, gw] = gridOf([h, w], block);
    const active = new Set(activeBlocks(list));
    const outside = passesInput(call) ? floats(input) : undefined;
    const y = floats(x).map((value, at) => {
      const row = Math.floor((Math.floor(at / w) % h) / block[0]);
      const number = (Math.floor(at / (channels * h * w)) * gh + row) * gw + Math.floor((at % w) / block[1]);
      return active.has(number) ? value : (outside?.[at] ?? 0);
    });
    return [floatTensor(x!.dims, y)];
  },
  lower(call) {
    const { dims } = call.input(0);
    const block = pair(call, 'block');
    const shows = passesInput(call);
    const list = { kind: 'dense' as const };
    const input = shows ? { kind: 'any' as const } : { kind: 'none' as const };
    const ways = [
      { name: 'planes', x: anyPlanes(true), output: 'planes' as const },
      { name: 'dense', x: { kind: 'dense' as const }, output: 'dense' as const },
      { name: 'planes_dense', x: anyPlanes(false), output: 'dense' as const },
    ];
    return ways.map(({ name, x, output }) => ({
      kernel: `f32_block_select__${name}`,
      cost: rowsCost(sizeOf(dims), dims[0] * dims[1] * dims[2]),
      inputs: [x, list, input],
      output,
      // Where the input dies here, only the active blocks are copied.
      inplace: [...(shows ? [2] : []), ...(x.kind === output ? [0] : [])],
      emit: (e: Emitter) => emitSelect(e, dims, block, shows),
    }));
  },
  cases: cases(),
};

function emitSelect(e: Emitter, [images, channels, h, w]: readonly number[], block: readonly number[], shows: boolean) {
  if (images * channels * h * w === 0) return;
  const record = e
    .record(OP_BLOCK_SELECT, B.SELECT_SIZE)
    .at(B.SELECT_LIST, e.input(1))
    .int(B.SELECT_IMAGES, images)
    .int(B.SELECT_CHANNELS, channels)
    .int(B.SELECT_H, h)
    .int(B.SELECT_W, w)
    .int(B.SELECT_BLOCK_H, block[0])
    .int(B.SELECT_BLOCK_W, block[1]);
  const operands = [
    [e.input(0), B.SELECT_X, B.SELECT_X_IMAGE],
    [e.output(), B.SELECT_Y, B.SELECT_Y_IMAGE],
    ...(shows ? [[e.input(2), B.SELECT_Z, B.SELECT_Z_IMAGE] as const] : []),
  ] as const;
  for (const [operand, address, image] of operands) {
    const { offset, strides } = viewOf(operand.layout, operand.dims);
    record.at(address, operand, offset);
    for (const axis of [0, 1, 2]) record.int(image + axis * 4, strides[axis] * 4);
  }
}

function cases(): OpCase[] {
  const made: OpCase[] = [];
  for (const outside of ['zero', 'input']) {
    for (const [n, c, h, w, bh, bw] of [
      [1, 3, 8, 9, 4, 4],
      [2, 2, 7, 6, 3, 5],
      [1, 2, 20, 20, 16, 16],
      [1, 1, 5, 3, 8, 8],
    ]) {
      const blocks = n * Math.ceil(h / bh) * Math.ceil(w / bw);
      for (const active of new Set([0, 1, blocks >> 1, blocks])) {
        const numbers = Array.from({ length: active }, (_, i) => Math.floor((i * blocks) / active));
        made.push({
          name: `${outside} ${n}x${c}x${h}x${w} ${bh}x${bw}, ${active} active`,
          attrs: { block: [bh, bw], outside, limit: -1 },
          inputs: [{ dims: [n, c, h, w] }, listCase(blocks, ...numbers), { dims: [n, c, h, w] }],
        });
      }
    }
  }
  return made;
}
