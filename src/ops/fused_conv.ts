import { ZeroskipError } from '../errors.ts';
import { sameDims, showDims } from '../tensor.ts';
import { convCandidates } from './common/conv_lower.ts';
import { zeroTileCases } from './common/zero_tile_cases.ts';
import { conv, inferConv } from './conv.ts';
import { type Call, floats, floatTensor, type Op, type OpCase } from './op.ts';

/**
 * Convolution plus a tensor: `Y = Conv(X, W, B) + Z`, Z of the dims of Y. The compiler makes it of a Conv and an Add; models may not hold it.
 */
export const fusedConv: Op = {
  name: 'FusedConv',
  onnx: {
    normalize({ node }) {
      throw new ZeroskipError('UNSUPPORTED_OP', `FusedConv '${node.name}' is not read from models`);
    },
  },
  infer(call: Call) {
    const types = inferConv(call);
    call.expectType(3, 'float32');
    const { dims } = call.input(3);
    call.expect(
      sameDims(dims, types[0].dims),
      () => `the tensor to add has dims ${showDims(types[0].dims)}, found ${showDims(dims)}`,
    );
    return types;
  },
  reference(call, inputs) {
    const [y] = conv.reference(call, inputs);
    const z = floats(inputs[3]);
    return [
      floatTensor(
        y.dims,
        floats(y).map((sum, i) => sum + z[i]),
      ),
    ];
  },
  lower: convCandidates,
  cases: [...cases(), ...zeroTileCases(true)],
};

function cases(): OpCase[] {
  const made: OpCase[] = [];
  for (const density of [0.1, 1]) {
    for (const [n, channels, rows, side, kernel, stride] of [
      [1, 5, 8, 7, 1, 1],
      [2, 6, 4, 9, 3, 1],
      [1, 4, 8, 12, 3, 2],
      [1, 4, 8, 16, 3, 1],
      [1, 300, 12, 5, 1, 1],
    ]) {
      const pad = kernel >> 1;
      const out = Math.ceil(side / stride);
      made.push({
        name: `${kernel}x${kernel} s${stride} ${n}x${channels}x${side} d${density}`,
        attrs: { pads: [pad, pad, pad, pad], strides: [stride, stride] },
        clamp: { lo: 0, hi: Number.POSITIVE_INFINITY },
        inputs: [
          { dims: [n, channels, side, side] },
          { dims: [rows, channels, kernel, kernel], constant: true, density },
          { dims: [rows], constant: true },
          { dims: [n, rows, out, out] },
        ],
      });
    }
  }
  return made;
}
