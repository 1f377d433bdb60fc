import * as abi from '../../assembly/abi/softmax.ts';
import { OP_SOFTMAX } from '../../assembly/abi.ts';
import { rowsAndFeatures } from '../graph/layout.ts';
import { sizeOf } from '../tensor.ts';
import { storeClamp } from './common/clamp.ts';
import {
  anyPlanes,
  type Candidate,
  type Demand,
  type Emitter,
  flatSpan,
  type LowerCall,
  type Produced,
  viewOf,
} from './lower.ts';
import { type Call, floats, floatTensor, type Op, type OpCase } from './op.ts';

/** Share of exact zeros to expect where nothing was measured. */
const MASKED_ZEROS = 0.1;

/** The operand as `[outer, axis, inner]`; with attribute `flatten` everything from the axis on is one row. */
function geometry(call: Call): { outer: number; length: number; inner: number; axis: number; flatten: boolean } {
  const { dims } = call.input(0);
  const axis = call.axis(call.int('axis', -1), dims.length);
  const flatten = call.int('flatten', 0) !== 0 && sizeOf(dims.slice(axis + 1)) !== 1;
  const outer = sizeOf(dims.slice(0, axis));
  const rest = sizeOf(dims.slice(axis + 1));
  return { outer, length: flatten ? dims[axis] * rest : dims[axis], inner: flatten ? 1 : rest, axis, flatten };
}

function reference(call: Call, x: Float32Array): Float32Array {
  const { outer, length, inner } = geometry(call);
  const y = new Float32Array(x.length);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const at = (k: number) => (o * length + k) * inner + i;
      let top = Number.NEGATIVE_INFINITY;
      for (let k = 0; k < length; k++) top = Math.max(top, x[at(k)]);
      let sum = 0;
      for (let k = 0; k < length; k++) sum += Math.exp(x[at(k)] - top);
      for (let k = 0; k < length; k++) y[at(k)] = Math.exp(x[at(k)] - top) / sum;
    }
  }
  return y;
}

function emitSoftmax(e: Emitter, call: LowerCall): void {
  const x = e.input(0);
  const y = e.output();
  if (sizeOf(y.dims) === 0) return;
  const views = [viewOf(x.layout, x.dims), viewOf(y.layout, y.dims)];
  let { outer, length, inner } = geometry(call);
  let outerSteps = [length * inner, length * inner];
  let axisSteps = [inner, inner];
  if (y.layout.kind === 'columns') {
    [inner, length] = rowsAndFeatures(y.dims);
    outer = 1;
    axisSteps = views.map((v) => v.strides[y.dims.length - 1]);
  } else if (y.layout.kind === 'planes') {
    [outer, length] = y.dims;
    inner = flatSpan(y.layout, y.dims[2], y.dims[3]);
    outerSteps = views.map((v) => v.strides[0]);
    axisSteps = views.map((v) => v.strides[1]);
  }
  const { lo, hi } = storeClamp(call.node);
  e.record(OP_SOFTMAX, abi.SOFTMAX_SIZE)
    .at(abi.SOFTMAX_X, x, views[0].offset)
    .at(abi.SOFTMAX_Y, y, views[1].offset)
    .int(abi.SOFTMAX_OUTER, outer)
    .int(abi.SOFTMAX_AXIS, length)
    .int(abi.SOFTMAX_INNER, inner)
    .int(abi.SOFTMAX_X_OUTER, outerSteps[0] * 4)
    .int(abi.SOFTMAX_Y_OUTER, outerSteps[1] * 4)
    .int(abi.SOFTMAX_X_AXIS, axisSteps[0] * 4)
    .int(abi.SOFTMAX_Y_AXIS, axisSteps[1] * 4)
    .float(abi.SOFTMAX_LO, lo)
    .float(abi.SOFTMAX_HI, hi);
}

/** dense: any axis; columns: the last axis; planes: the channel axis. */
function lower(call: LowerCall): Candidate[] {
  const { dims } = call.input(0);
  const { axis, flatten } = geometry(call);
  const layouts: [Produced, Demand][] = [['dense', { kind: 'dense' }]];
  if (!flatten && dims.length >= 2 && axis === dims.length - 1) layouts.push(['columns', { kind: 'columns' }]);
  if (!flatten && dims.length === 4 && axis === 1) layouts.push(['planes', anyPlanes(true)]);
  return layouts.map(([output, demand]) => ({
    kernel: `f32_softmax__${output}`,
    cost: 50 + 1.5 * sizeOf(dims),
    inputs: [demand],
    output,
    inplace: [0],
    emit: (e) => emitSoftmax(e, call),
  }));
}

function cases(): OpCase[] {
  const sizes = [0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33];
  const shapes: [readonly number[], number][] = [
    [[5, 1000], -1],
    [[17, 10], 1],
    [[4, 10], 1],
    [[2, 3, 9], 2],
    [[2, 3, 5], 0],
  ];
  for (const n of sizes) shapes.push([[n], 0], [[2, 3, n], 1], [[1, 5, 1, n], 1]);
  shapes.push(
    [[2, 5, 4, 4], 1],
    [[2, 3, 5, 7], 1],
    [[2, 3, 5, 7], 2],
    [[2, 3, 5, 7], 3],
    [[2, 10, 1, 1], 1],
    [[2, 3, 5, 7], -4],
  );
  const inf = Number.POSITIVE_INFINITY;
  const values = [1e4, 9.9e3, -1e4, 0, 0, 0, inf, 1, 2, -inf, 1, 2, Number.NaN, 1, 2, -inf, -inf, -inf];
  return [
    ...shapes.map(([dims, axis]): OpCase => ({ name: `[${dims}] along ${axis}`, attrs: { axis }, inputs: [{ dims }] })),
    { name: 'default axis', inputs: [{ dims: [3, 5] }] },
    { name: 'flatten from 1', attrs: { axis: 1, flatten: 1 }, inputs: [{ dims: [2, 3, 5] }] },
    { name: 'flatten from 0', attrs: { axis: 0, flatten: 1 }, inputs: [{ dims: [3, 9] }] },
    { name: 'flatten of the last axis', attrs: { axis: -1, flatten: 1 }, inputs: [{ dims: [3, 9] }] },
    { name: 'special values in rows', inputs: [{ dims: [6, 3], values }] },
    { name: 'special values in columns', attrs: { axis: 1 }, inputs: [{ dims: [1, 6, 3], values }] },
  ];
}

/**
 * `y = e^(x - max x) / sum e^(x - max x)` along `axis`. Opsets before 13 flatten to `[product before axis, product from axis on]` and
 * default to axis 1; they carry the attribute `flatten = 1`.
 */
export const softmax: Op = {
  name: 'Softmax',
  onnx: {
    normalize({ node, opset }) {
      node.attrs.axis ??= opset < 13 ? 1 : -1;
      if (opset < 13) node.attrs.flatten = 1;
    },
  },
  infer(call) {
    call.expectType(0, 'float32');
    geometry(call);
    const { type, dims } = call.input(0);
    return [{ type, dims }];
  },
  reference: (call, [x]) => [floatTensor(x!.dims, reference(call, floats(x)))],
  // Masked positions, if there are any: a mask is often fed or computed.
  zeros: () => MASKED_ZEROS,
  lower,
  cases: cases(),
};
