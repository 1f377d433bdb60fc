import * as B from '../../assembly/abi/blocks.ts';
import { OP_BLOCK_MASK } from '../../assembly/abi.ts';
import { Tensor } from '../tensor.ts';
import { gridOf, listType, pair, refuseImport } from './common/blocks.ts';
import { type Call, floats, type Op, type OpCase } from './op.ts';

/** Factors between mask and image along one axis: `mask * down = image * up`, one of them is 1. */
interface Scale {
  up: number;
  down: number;
}

interface MaskGeometry {
  images: number;
  image: [number, number];
  mask: number[];
  block: [number, number];
  scale: [Scale, Scale];
}

/** Factors between a mask of `mask` elements and an image of `image` along one axis; undefined if neither divides the other. */
export function scaleOf(mask: number, image: number): Scale | undefined {
  if (mask > 0 && image % mask === 0) return { up: 1, down: image / mask };
  return image > 0 && mask % image === 0 ? { up: mask / image, down: 1 } : undefined;
}

function geometry(call: Call): MaskGeometry {
  call.expectType(0, 'float32');
  const { dims } = call.input(0);
  const image = pair(call, 'image');
  const block = pair(call, 'block');
  const flat = dims.length === 3 || (dims.length === 4 && dims[1] === 1);
  call.expect(flat, () => `the mask is [N, 1, H, W] or [N, H, W], found ${dims.join('x')}`);
  const mask = dims.slice(-2);
  const scale = mask.map((m, axis) => scaleOf(m, image[axis]));
  call.expect(
    scale[0] && scale[1],
    () => `a mask of ${mask.join('x')} does not divide the image of ${image.join('x')}, nor the other way round`,
  );
  return { images: dims[0], image, mask, block, scale: [scale[0]!, scale[1]!] };
}

const poolOf = (call: Call): string => {
  const pool = call.string('pool');
  call.expect(pool === 'average' || pool === 'max', () => `pool is 'average' or 'max', found '${pool}'`);
  return pool;
};

/**
 * The list of active blocks (`common/blocks.ts`) of images of H rows and W columns: those over which the maximum or the average of the mask
 * lies above `threshold`. A mask that is coarser than the image by a whole factor stands for its nearest neighbours, of a finer one all
 * elements count. The maximum passes over NaN; an average with NaN lies above nothing.
 *
 * Mask `[N, 1, MH, MW]` or `[N, MH, MW]`; attributes `image` [H, W], `block` [bh, bw], `threshold`, `pool` 'max' or 'average'.
 */
export const blockMask: Op = {
  name: 'BlockMask',
  onnx: { normalize: refuseImport },
  infer(call: Call) {
    const { images, image, block } = geometry(call);
    poolOf(call);
    const [gh, gw] = gridOf(image, block);
    return [listType(images * gh * gw)];
  },
  reference(call, [mask]) {
    const { images, image, mask: [mh, mw], block, scale } = geometry(call); // biome-ignore format: one line
    const threshold = Math.fround(call.float('threshold'));
    const [gh, gw] = gridOf(image, block);
    const active: number[] = [];
    for (let number = 0; number < images * gh * gw; number++) {
      const n = Math.floor(number / (gh * gw));
      const top = (Math.floor(number / gw) % gh) * block[0];
      const left = (number % gw) * block[1];
      const values: number[] = [];
      // In elements of the finer of mask and image.
      for (let y = top * scale[0].up; y < Math.min(top + block[0], image[0]) * scale[0].up; y++) {
        for (let x = left * scale[1].up; x < Math.min(left + block[1], image[1]) * scale[1].up; x++) {
          const at = Math.floor(y / scale[0].down) * mw + Math.floor(x / scale[1].down);
          values.push(floats(mask)[n * mh * mw + at]);
        }
      }
      const above =
        poolOf(call) === 'max'
          ? values.some((v) => v > threshold)
          : values.reduce((sum, v) => sum + v, 0) / values.length > threshold;
      if (above) active.push(number);
    }
    const list = new Int32Array(1 + images * gh * gw).fill(-1);
    list.set([active.length, ...active]);
    return [new Tensor('int32', list, [list.length])];
  },
  lower(call) {
    const { images, image, mask, block, scale } = geometry(call);
    const pool = poolOf(call);
    return [
      {
        kernel: 'f32_block_mask',
        cost: 50 + images * mask[0] * mask[1],
        inputs: [{ kind: 'dense' }],
        output: 'dense',
        emit(e) {
          if (images === 0) return;
          e.record(OP_BLOCK_MASK, B.MASK_SIZE)
            .at(B.MASK_MASK, e.input(0))
            .at(B.MASK_LIST, e.output())
            .int(B.MASK_IMAGES, images)
            .int(B.MASK_H, image[0])
            .int(B.MASK_W, image[1])
            .int(B.MASK_BLOCK_H, block[0])
            .int(B.MASK_BLOCK_W, block[1])
            .int(B.MASK_MASK_H, mask[0])
            .int(B.MASK_MASK_W, mask[1])
            .int(B.MASK_UP_Y, scale[0].up)
            .int(B.MASK_DOWN_Y, scale[0].down)
            .int(B.MASK_UP_X, scale[1].up)
            .int(B.MASK_DOWN_X, scale[1].down)
            .int(B.MASK_POOL, pool === 'max' ? B.MASK_MAX : B.MASK_AVERAGE)
            .float(B.MASK_THRESHOLD, call.float('threshold'));
        },
      },
    ];
  },
  cases: cases(),
};

function cases(): OpCase[] {
  const made: OpCase[] = [];
  for (const pool of ['max', 'average']) {
    const threshold = pool === 'max' ? 1.8 : 0.1;
    for (const [mask, image, block] of [
      [
        [1, 1, 8, 8],
        [8, 8],
        [4, 4],
      ],
      [
        [2, 1, 9, 7],
        [9, 7],
        [4, 3],
      ],
      [
        [2, 9, 7],
        [9, 7],
        [16, 2],
      ],
      [
        [1, 1, 4, 3],
        [8, 9],
        [3, 4],
      ],
      [
        [1, 1, 12, 10],
        [6, 5],
        [2, 3],
      ],
      [
        [1, 1, 12, 2],
        [6, 6],
        [1, 1],
      ],
    ]) {
      made.push({
        name: `${pool} ${mask.join('x')} ${image.join('x')} ${block.join('x')}`,
        attrs: { image, block, threshold, pool },
        inputs: [{ dims: mask }],
      });
    }
    const values = [Number.NaN, 1, 0, 0, 0, 0, 1, 1, 0.5, 0.5, 0.5, 0.5, -0, Infinity, -Infinity, 0];
    made.push({
      name: `${pool} special`,
      attrs: { image: [4, 4], block: [2, 2], threshold: 0.5, pool },
      inputs: [{ dims: [1, 1, 4, 4], values }],
    });
  }
  return made;
}
