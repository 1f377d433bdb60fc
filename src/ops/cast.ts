import * as F from '../../assembly/abi/cast.ts';
import { OP_CAST } from '../../assembly/abi.ts';
import { arrayOf, type DType, sizeOf, Tensor, type TypedArray } from '../tensor.ts';
import { KERNEL_TYPES } from './common/compare.ts';
import { lowerMovement } from './common/move.ts';
import type { Emitter, LowerCall } from './lower.ts';
import type { Call, Op } from './op.ts';

/** Element types by their number in ONNX; the holes are strings, complex and packed types. */
const TYPES: ReadonlyMap<number, DType> = new Map<number, DType>([
  [1, 'float32'],
  [2, 'uint8'],
  [3, 'int8'],
  [4, 'uint16'],
  [5, 'int16'],
  [6, 'int32'],
  [7, 'int64'],
  [9, 'bool'],
  [10, 'float16'],
  [11, 'float64'],
  [12, 'uint32'],
  [13, 'uint64'],
]);

const LIMIT = 2n ** 63n;

function targetOf(call: Call): DType {
  const { type } = call.input(0);
  const to = call.int('to');
  const target = TYPES.get(to);
  if (!target) call.unsupported(`type number ${to} is not supported`);
  if (target !== type && (target === 'float16' || type === 'float16'))
    call.unsupported(`${type} to ${target} is not supported`);
  return target;
}

/** Truncates towards zero and saturates to 64 bits; NaN is 0. */
function toInteger(x: number | bigint): bigint {
  if (typeof x === 'bigint') return x;
  if (Number.isNaN(x)) return 0n;
  if (Math.abs(x) >= Number(LIMIT)) return x > 0 ? LIMIT - 1n : -LIMIT;
  return BigInt(Math.trunc(x));
}

function convert(x: TypedArray, target: DType): TypedArray {
  const y = new (arrayOf(target))(x.length);
  if (target === 'bool') for (let i = 0; i < x.length; i++) y[i] = Number(x[i]) === 0 ? 0 : 1;
  else if (target === 'float32' || target === 'float64') for (let i = 0; i < x.length; i++) y[i] = Number(x[i]);
  else if (target === 'int64' || target === 'uint64') for (let i = 0; i < x.length; i++) y[i] = toInteger(x[i]);
  else for (let i = 0; i < x.length; i++) y[i] = Number(BigInt.asIntN(32, toInteger(x[i])));
  return y;
}

const SPECIAL: readonly { type: DType; values: number[] }[] = [
  { type: 'float32', values: [1.9, -1.9, 0, -0, Number.NaN, Infinity, -Infinity, 3e9, 1e19, 257, 0.25] },
  { type: 'int32', values: [0, 1, -1, 257, 2 ** 31 - 1] },
  { type: 'int64', values: [0, 1, -1, 257, 2 ** 40 + 3] },
  { type: 'uint8', values: [0, 1, 255] },
  { type: 'bool', values: [0, 1, 1, 0, 1] },
];

/**
 * `y = x` as another element type: floats truncate towards zero and saturate to 64 bits, integers keep their low bits, bool is `x != 0`. Between other types
 * than float32, int32, int64, uint8 and bool it folds at compile time only.
 */
export const cast: Op = {
  name: 'Cast',
  onnx: {},
  infer: (call) => [{ type: targetOf(call), dims: call.input(0).dims }],
  reference(call, [x]) {
    const target = targetOf(call);
    return [target === x!.type ? x! : new Tensor(target, convert(x!.data, target), x!.dims)];
  },
  lower(call: LowerCall) {
    const { type, dims } = call.input(0);
    const target = targetOf(call);
    const [from, to] = [KERNEL_TYPES[type], KERNEL_TYPES[target]];
    if (target !== type) {
      if (from === undefined || to === undefined) call.unsupported(`${type} to ${target} only folds at compile time`);
      const emit = (e: Emitter) => {
        if (sizeOf(dims) === 0) return;
        e.record(OP_CAST, F.CAST_SIZE)
          .at(F.CAST_X, e.input(0))
          .at(F.CAST_Y, e.output())
          .int(F.CAST_COUNT, sizeOf(dims))
          .int(F.CAST_FROM, from)
          .int(F.CAST_TO, to);
      };
      const kernel = `${type}_cast__${target}`;
      return [{ kernel, cost: 50 + 2 * sizeOf(dims), inputs: [{ kind: 'dense' }], output: 'dense', emit }];
    }
    return lowerMovement(call, { moves: [{ input: 0, dims }], planes: true });
  },
  cases: [
    { name: 'same type', attrs: { to: 1 }, inputs: [{ dims: [3, 5] }] },
    { name: 'same type in planes', attrs: { to: 1 }, inputs: [{ dims: [2, 3, 4, 5] }] },
    { name: 'float32 to int64', attrs: { to: 7 }, inputs: [{ dims: [4], values: [1.9, -1.9, 0, 7], constant: true }] },
    ...SPECIAL.flatMap(({ type, values }) =>
      [1, 2, 6, 7, 9].map((to) => ({
        name: `${type} to ${TYPES.get(to)} at run time`,
        attrs: { to },
        inputs: [{ dims: [values.length], type, values }],
      })),
    ),
  ],
};
