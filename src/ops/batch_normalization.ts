import { sizeOf } from '../tensor.ts';
import { type Call, floats, floatTensor, type Op, type ValueType } from './op.ts';

/**
 * Inference form: `Y = scale * (X - mean) / sqrt(var + epsilon) + bias`, per channel (axis 1).
 *
 * X, Y `[N, C, ...]`; scale, bias, mean, var `[C]`. The passes fold it into a neighbour or into Mul and Add, so it has no kernel.
 */
export const batchNormalization: Op = {
  name: 'BatchNormalization',
  onnx: {
    normalize({ node, opset }) {
      // Opset 7 says `spatial`, opset 14 `training_mode`; both default to the inference form over channels.
      if (opset < 9 && node.attrs.spatial === 1) delete node.attrs.spatial;
      if (node.attrs.training_mode === 0) delete node.attrs.training_mode;
      delete node.attrs.momentum;
    },
  },
  infer,
  reference(call, [x, scale, bias, mean, variance]) {
    const epsilon = call.float('epsilon', 1e-5);
    const [n, c = 1, ...rest] = x!.dims;
    const plane = sizeOf(rest);
    const y = new Float32Array(x!.size);
    for (let i = 0; i < n * c; i++) {
      const channel = i % c;
      const factor = floats(scale)[channel] / Math.sqrt(floats(variance)[channel] + epsilon);
      for (let p = i * plane; p < (i + 1) * plane; p++)
        y[p] = (floats(x)[p] - floats(mean)[channel]) * factor + floats(bias)[channel];
    }
    return [floatTensor(x!.dims, y)];
  },
  cases: [
    {
      name: 'image',
      attrs: { epsilon: 1e-3 },
      inputs: [
        { dims: [2, 5, 3, 4] },
        { dims: [5], constant: true },
        { dims: [5], constant: true },
        { dims: [5], constant: true },
        { dims: [5], constant: true, values: [0.5, 1, 2, 0.1, 0] },
      ],
    },
    {
      name: 'features',
      inputs: [
        { dims: [3, 7] },
        { dims: [7], constant: true },
        { dims: [7], constant: true },
        { dims: [7], constant: true },
        { dims: [7], constant: true, values: [0.5, 1, 2, 0.1, 3, 1, 1] },
      ],
    },
  ],
};

function infer(call: Call): ValueType[] {
  const x = call.input(0);
  call.expectType(0, 'float32');
  call.expect(x.dims.length >= 2, () => `the input has 2 or more dimensions, found ${x.dims.length}`);
  if (call.int('training_mode', 0) !== 0)
    call.unsupported('training_mode 1 computes statistics of the batch; export the model in inference mode');
  if (call.int('spatial', 1) !== 1) call.unsupported('spatial 0 normalises every position by itself');
  if (call.node.outputs.length > 1) call.unsupported('the statistics outputs of the training form are not computed');
  for (let i = 1; i < 5; i++) {
    const { dims } = call.input(i);
    call.expect(
      dims.length === 1 && dims[0] === x.dims[1],
      () => `input ${i} has ${x.dims[1]} elements, found ${dims.join('x')}`,
    );
  }
  return [{ type: 'float32', dims: x.dims }];
}
