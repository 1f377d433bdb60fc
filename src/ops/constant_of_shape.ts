import { arrayOf, sizeOf, Tensor } from '../tensor.ts';
import { constantInts, resultDims } from './common/dims.ts';
import { ints } from './common/legacy.ts';
import type { Call, Op } from './op.ts';

/** The attribute `value` of one element, by default the float 0. */
function fillOf(call: Call): Tensor {
  const { value = new Tensor('float32', [0]) } = call.node.attrs;
  call.expect(value instanceof Tensor && value.size === 1, () => 'attribute value is a tensor of one element');
  return value;
}

function filledDims(call: Call): number[] {
  const dims = constantInts(call, 0);
  for (const d of dims) call.expect(d >= 0, () => `a dimension is >= 0, found ${d}`);
  return resultDims(call, dims);
}

/** `y` = one value in every element, dims by the constant operand. Folds at compile time. */
export const constantOfShape: Op = {
  name: 'ConstantOfShape',
  onnx: {},
  infer: (call) => [{ type: fillOf(call).type, dims: filledDims(call) }],
  reference(call) {
    const { type, data } = fillOf(call);
    const dims = filledDims(call);
    const y = new (arrayOf(type))(sizeOf(dims));
    y.fill(data[0] as never);
    return [new Tensor(type, y, dims)];
  },
  cases: [
    { name: 'zeros', inputs: [ints(2, 3)] },
    { name: 'scalar', attrs: { value: new Tensor('int64', [7]) }, inputs: [ints()] },
  ],
};
