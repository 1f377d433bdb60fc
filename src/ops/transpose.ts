import { reader, resultDims, tensorOf } from './common/dims.ts';
import { lowerMovement } from './common/move.ts';
import type { View } from './lower.ts';
import type { Call, Op } from './op.ts';

/** `perm`, by default the axes in reverse order. */
function permutation(call: Call): readonly number[] {
  const rank = call.input(0).dims.length;
  const axes = Array.from({ length: rank }, (_, i) => i);
  const perm = call.ints('perm', [...axes].reverse());
  call.expect(
    perm.length === rank && axes.every((axis) => perm.includes(axis)),
    () => `perm is an order of ${rank} axes, found ${perm.join(', ')}`,
  );
  return perm;
}

function permutedDims(call: Call): number[] {
  const { dims } = call.input(0);
  return resultDims(
    call,
    permutation(call).map((axis) => dims[axis]),
  );
}

const orders: readonly [dims: number[], perm: number[]][] = [
  [
    [3, 5],
    [1, 0],
  ],
  [
    [4, 8],
    [1, 0],
  ],
  [
    [9, 17],
    [1, 0],
  ],
  [
    [2, 3, 5],
    [0, 2, 1],
  ],
  [
    [2, 3, 5],
    [1, 0, 2],
  ],
  [
    [2, 3, 4, 5],
    [0, 2, 3, 1],
  ],
  [
    [2, 5, 8, 3],
    [0, 3, 1, 2],
  ],
  [
    [2, 3, 4, 5],
    [3, 1, 2, 0],
  ],
  [
    [2, 3, 2, 3, 2, 3],
    [5, 3, 1, 4, 2, 0],
  ],
  [
    [2, 3, 2, 3, 2, 3, 2],
    [6, 4, 2, 0, 5, 3, 1],
  ],
  [
    [3, 0, 2],
    [2, 1, 0],
  ],
];

/** `y[i0, i1, …] = x[j]` with `j[perm[k]] = ik`: axis k of y is axis perm[k] of x. Any element type. */
export const transpose: Op = {
  name: 'Transpose',
  onnx: {},
  zeros: (_call, [share]) => share,
  infer: (call) => [{ type: call.input(0).type, dims: permutedDims(call) }],
  reference(call, [x]) {
    const perm = permutation(call);
    const read = reader(x!);
    const from = x!.dims.map(() => 0);
    return [
      tensorOf(x!.type, permutedDims(call), (index) => {
        for (let axis = 0; axis < perm.length; axis++) from[perm[axis]] = index[axis];
        return read(from);
      }),
    ];
  },
  lower(call) {
    const perm = permutation(call);
    const from = (view: View): View => ({ ...view, strides: perm.map((axis) => view.strides[axis]) });
    return lowerMovement(call, { moves: [{ input: 0, dims: permutedDims(call), from }] });
  },
  cases: [
    ...orders.map(([dims, perm]) => ({ name: `[${dims}] by [${perm}]`, attrs: { perm }, inputs: [{ dims }] })),
    { name: 'reversed', inputs: [{ dims: [3, 4, 5] }] },
    { name: 'int64', inputs: [{ dims: [5, 9], type: 'int64' as const }] },
    { name: 'bool', inputs: [{ dims: [5, 9], type: 'bool' as const }] },
  ],
};
