import { UNARY_LEAKY } from '../../assembly/abi/unary.ts';
import { OP_PRELU } from '../../assembly/abi.ts';
import { showDims, sizeOf } from '../tensor.ts';
import { lowerBinary } from './common/binary_lower.ts';
import { broadcastSteps, walkBroadcast } from './common/broadcast.ts';
import { keepsZeros, lowerUnary } from './common/unary.ts';
import type { Candidate, LowerCall } from './lower.ts';
import { type Call, type CaseInput, floats, floatTensor, type Op, type OpCase } from './op.ts';

/** A constant slope of one element is a LeakyRelu, which needs no kernel of the second module. */
function lower(call: LowerCall): Candidate[] {
  const slope = call.input(1).constant;
  if (slope?.size !== 1) return lowerBinary(call, 'PRelu', 0, OP_PRELU);
  const alpha = floats(slope)[0];
  return lowerUnary(call, { name: 'LeakyRelu', kernel: () => ({ kind: UNARY_LEAKY, alpha }) });
}

/** Dims of x, dims of the slope: around the tiles of 4 and 8, one slope, one a channel, one an element, partly stretched. */
const SHAPES: readonly [readonly number[], readonly number[]][] = [
  ...[0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33].map((n): [number[], number[]] => [[n], [n]]),
  ...[1, 3, 4, 5, 7, 8, 9, 17].map((n): [number[], number[]] => [[3, n], [n]]),
  ...[1, 2, 3, 4, 5].map((n): [number[], number[]] => [[2, 3, n, 4], [3, 1, 1]]),
  [[], []],
  [[5], []],
  [[4, 9], [1]],
  [[4, 9], [4, 1]],
  [[9, 4], [9, 4]],
  [[2, 4, 4, 4], [4, 1, 1]],
  [[2, 3, 5, 7], [1, 3, 1, 1]],
  [[2, 3, 5, 7], [1, 1, 1, 1]],
  [[2, 3, 5, 7], [3, 5, 7]],
  [[2, 3, 5, 7], [2, 3, 5, 7]],
  [[2, 3, 5, 7], [5, 1]],
  [[2, 3, 5, 7], [7]],
  [[2, 5, 9, 1], [5, 1, 1]],
  [[2, 3, 4], [3, 1]],
  [[2, 0, 3], [3]],
]; // biome-ignore format: a pair a line

const SPECIAL = [Number.NaN, Infinity, -Infinity, 0, -0, -3, 3, -1e-45];

function cases(): OpCase[] {
  const name = (x: readonly number[], slope: readonly number[], what: string) => `[${x}] by ${what} [${slope}]`;
  const special = (slope: CaseInput): OpCase[] =>
    [slope, { ...slope, constant: true }].map((s) => ({
      name: `special values by [${slope.values}]${s.constant ? ', constant' : ''}`,
      inputs: [{ dims: [SPECIAL.length], values: SPECIAL }, s],
    }));
  return [
    ...SHAPES.map(([x, s]): OpCase => ({ name: name(x, s, 'slope'), inputs: [{ dims: x }, { dims: s }] })),
    ...SHAPES.map(
      ([x, s]): OpCase => ({ name: name(x, s, 'constant slope'), inputs: [{ dims: x }, { dims: s, constant: true }] }),
    ),
    {
      name: 'fused clamp',
      inputs: [{ dims: [2, 3, 5, 7] }, { dims: [3, 1, 1], constant: true }],
      clamp: { lo: -0.5, hi: 1 },
    },
    ...special({ dims: [1], values: [0.25] }),
    ...special({ dims: [SPECIAL.length], values: [0.25, 1, -0.5, Infinity, Number.NaN, 0, -2, 0.5] }),
  ];
}

/** `y = x < 0 ? slope x : x`, the slope broadcast to the dims of x and to nothing larger. float32; NaN passes through. */
export const prelu: Op = {
  name: 'PRelu',
  onnx: {},
  infer(call: Call) {
    call.expectType(0, 'float32');
    call.expectType(1, 'float32');
    const { type, dims } = call.input(0);
    const slope = call.input(1).dims;
    const fits =
      slope.length <= dims.length && slope.every((d, i) => d === 1 || d === dims[i + dims.length - slope.length]);
    call.expect(fits, () => `the slope broadcasts to the input's dims ${showDims(dims)}, found ${showDims(slope)}`);
    return [{ type, dims }];
  },
  reference(_call, [x, slope]) {
    const [a, s] = [floats(x), floats(slope)];
    const y = new Float32Array(sizeOf(x!.dims));
    let i = 0;
    walkBroadcast(x!.dims, [broadcastSteps(x!.dims, x!.dims), broadcastSteps(slope!.dims, x!.dims)], ([at, own]) => {
      y[i++] = a[at] < 0 ? a[at] * s[own] : a[at];
    });
    return [floatTensor(x!.dims, y)];
  },
  zeros: keepsZeros,
  lower,
  cases: cases(),
};
