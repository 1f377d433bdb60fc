import { COMPARE_EQUAL } from '../../assembly/abi/compare.ts';
import { sizeOf, Tensor } from '../tensor.ts';
import { emitCompare } from './common/compare.ts';
import { elementwiseCost } from './common/loops.ts';
import type { Op } from './op.ts';

const ZERO = new Uint8Array(1);

/** `y = not x` of bools. */
export const not: Op = {
  name: 'Not',
  onnx: {},
  infer(call) {
    call.expectType(0, 'bool');
    return [{ type: 'bool', dims: call.input(0).dims }];
  },
  reference: (_call, [x]) => [
    new Tensor(
      'bool',
      (x!.data as Uint8Array).map((b) => (b === 0 ? 1 : 0)),
      x!.dims,
    ),
  ],
  lower(call) {
    const size = sizeOf(call.input(0).dims);
    return [
      {
        kernel: 'bool_not__dense',
        cost: elementwiseCost(size, size, 1.5),
        inputs: [{ kind: 'dense' }],
        output: 'dense',
        emit: (e) => emitCompare(e, call, COMPARE_EQUAL, [0, ZERO]),
      },
    ];
  },
  cases: [[], [0], [1], [33], [3, 5]].map((dims) => ({ name: `[${dims}]`, inputs: [{ dims, type: 'bool' }] })),
};
