import { arrayOf, sizeOf, Tensor } from '../tensor.ts';
import { broadcastShapes, broadcastSteps, walkBroadcast } from './common/broadcast.ts';
import type { Call, Op } from './op.ts';

const dimsOf = (call: Call): number[] => broadcastShapes(call, [0, 1, 2]);

/**
 * `y = condition ? a : b` with numpy broadcasting of all three. Any element type; folds at compile time only, as in the arithmetic of shapes
 * that exporters write around Expand.
 */
export const where: Op = {
  name: 'Where',
  onnx: {},
  infer(call: Call) {
    call.expectType(0, 'bool');
    const { type } = call.input(1);
    call.expect(
      call.input(2).type === type,
      () => `inputs 1 and 2 have one type, found ${type} and ${call.input(2).type}`,
    );
    return [{ type, dims: dimsOf(call) }];
  },
  reference(call, [condition, a, b]) {
    const dims = dimsOf(call);
    const y = new (arrayOf(a!.type))(sizeOf(dims));
    let i = 0;
    const steps = [condition, a, b].map((operand) => broadcastSteps(operand!.dims, dims));
    walkBroadcast(dims, steps, ([c, ia, ib]) => {
      y[i++] = condition!.data[c] ? a!.data[ia] : b!.data[ib];
    });
    return [new Tensor(a!.type, y, dims)];
  },
  cases: [],
};
