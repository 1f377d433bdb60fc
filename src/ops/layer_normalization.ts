import * as F from '../../assembly/abi/layer_norm.ts';
import { OP_LAYER_NORM } from '../../assembly/abi.ts';
import { rowsAndFeatures } from '../graph/layout.ts';
import { sameDims, showDims, sizeOf, type Tensor } from '../tensor.ts';
import { broadcastSteps, walkBroadcast } from './common/broadcast.ts';
import { storeClamp } from './common/clamp.ts';
import { type Candidate, type Demand, type Emitter, type LowerCall, type RecordWriter, viewOf } from './lower.ts';
import { type Call, type CaseInput, floats, floatTensor, type Op, type OpCase } from './op.ts';

const NAMES = ['the input', 'Scale', 'B'];

/** `rows` vectors of `length` elements, those from `axis` on; `statistics` are the dims of Mean and InvStdDev. */
function geometry(call: Call): { axis: number; rows: number; length: number; own: number[]; statistics: number[] } {
  const { dims } = call.input(0);
  const axis = call.axis(call.int('axis', -1), dims.length);
  const own = dims.slice(axis);
  const statistics = dims.map((d, i) => (i < axis ? d : 1));
  return { axis, rows: sizeOf(dims.slice(0, axis)), length: sizeOf(own), own, statistics };
}

function check(call: Call): void {
  const { own } = geometry(call);
  for (const index of [0, 1, 2]) {
    const operand = index === 2 ? call.optional(2) : call.input(index);
    if (!operand) continue;
    call.expectType(index, 'float32');
    if (index === 0) continue;
    const aligned = operand.dims.slice(-own.length);
    const fits = aligned.every((d, i) => d === 1 || d === own[i + own.length - aligned.length]);
    const stretched = operand.dims.slice(0, -own.length).every((d) => d === 1);
    const found = (what: string) => `${NAMES[index]} has dims ${showDims(own)}${what}, found ${showDims(operand.dims)}`;
    call.expect(fits, () => found(' or what broadcasts to them'));
    if (!stretched) call.unsupported(found(', the same for all rows'));
  }
  const stash = call.int('stash_type', 1);
  if (stash !== 1) call.unsupported(`computes in float32 (stash_type 1), found stash_type ${stash}`);
}

/** Scale or bias as one number for each element of a row. */
function expanded(tensor: Tensor, own: readonly number[]): Float32Array {
  const data = floats(tensor);
  const dims = tensor.dims.slice(-own.length);
  const all = new Float32Array(sizeOf(own));
  let i = 0;
  walkBroadcast(own, [broadcastSteps(dims, own)], ([at]) => {
    all[i++] = data[at];
  });
  return all;
}

function reference(call: Call, [x, scale, bias]: readonly (Tensor | undefined)[]): Tensor[] {
  const { rows, length, own, statistics } = geometry(call);
  const epsilon = call.float('epsilon', 1e-5);
  const data = floats(x);
  const s = expanded(scale!, own);
  const b = bias && expanded(bias, own);
  const y = new Float32Array(data.length);
  const means = new Float32Array(rows);
  const inverses = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const first = row * length;
    let sum = 0;
    for (let k = 0; k < length; k++) sum += data[first + k];
    const mean = sum / length;
    let squares = 0;
    for (let k = 0; k < length; k++) squares += (data[first + k] - mean) ** 2;
    const inverse = 1 / Math.sqrt(Math.fround(squares) / length + epsilon);
    for (let k = 0; k < length; k++) y[first + k] = (data[first + k] - mean) * inverse * s[k] + (b?.[k] ?? 0);
    means[row] = mean;
    inverses[row] = inverse;
  }
  return [floatTensor(x!.dims, y), floatTensor(statistics, means), floatTensor(statistics, inverses)];
}

/** Scale and bias: constants are stored expanded, others stand in memory in full. */
function bindVector(e: Emitter, call: LowerCall, record: RecordWriter, index: number, field: number): void {
  const operand = call.optional(index);
  if (operand?.constant) record.constant(field, e.constant(expanded(operand.constant, geometry(call).own)));
  else if (operand) record.at(field, e.input(index));
  else record.int(field, 0);
}

function emit(e: Emitter, call: LowerCall): void {
  const [x, y] = [e.input(0), e.output()];
  const { rows, length } = geometry(call);
  if (rows * length === 0) return;
  const views = [viewOf(x.layout, x.dims), viewOf(y.layout, y.dims)];
  const columns = y.layout.kind === 'columns';
  const inner = columns ? rowsAndFeatures(y.dims)[0] : 1;
  const axisSteps = columns ? views.map((v) => v.strides[y.dims.length - 1]) : [1, 1];
  const { lo, hi } = storeClamp(call.node);
  const record = e
    .record(OP_LAYER_NORM, F.LAYER_NORM_SIZE)
    .at(F.LAYER_NORM_X, x, views[0].offset)
    .at(F.LAYER_NORM_Y, y, views[1].offset)
    .int(F.LAYER_NORM_OUTER, columns ? 1 : rows)
    .int(F.LAYER_NORM_AXIS, length)
    .int(F.LAYER_NORM_INNER, inner)
    .int(F.LAYER_NORM_X_OUTER, length * 4)
    .int(F.LAYER_NORM_Y_OUTER, length * 4)
    .int(F.LAYER_NORM_X_AXIS, axisSteps[0] * 4)
    .int(F.LAYER_NORM_Y_AXIS, axisSteps[1] * 4)
    .float(F.LAYER_NORM_EPSILON, call.float('epsilon', 1e-5))
    .float(F.LAYER_NORM_LO, lo)
    .float(F.LAYER_NORM_HI, hi);
  bindVector(e, call, record, 1, F.LAYER_NORM_SCALE);
  bindVector(e, call, record, 2, F.LAYER_NORM_BIAS);
  [F.LAYER_NORM_MEAN, F.LAYER_NORM_INVERSE].forEach((field, i) => {
    if (call.node.outputs[1 + i]) record.at(field, e.output(1 + i));
  });
}

/** dense: any axis; columns: the last axis, without Mean and InvStdDev. */
function lower(call: LowerCall): Candidate[] {
  const { dims } = call.input(0);
  const { axis, own, rows, length } = geometry(call);
  const vectors = [1, 2].map((index): Demand => {
    const operand = call.optional(index);
    if (!operand || operand.constant) return { kind: 'none' };
    const exact = sizeOf(operand.dims) === sizeOf(own) && sameDims(operand.dims.slice(-own.length), own);
    if (!exact)
      call.unsupported(`${NAMES[index]} that is computed has dims ${showDims(own)}, found ${showDims(operand.dims)}`);
    return { kind: 'dense' };
  });
  if (rows > 0 && length === 0) call.unsupported('a row has no elements');
  const candidate = (output: 'dense' | 'columns', each: number): Candidate => ({
    kernel: `f32_layer_norm__${output}`,
    cost: 50 + 10 * rows + each * sizeOf(dims),
    inputs: [{ kind: output }, ...vectors],
    output,
    inplace: [0],
    emit: (e) => emit(e, call),
  });
  const statistics = call.node.outputs.slice(1).some((name) => name !== '');
  const inColumns = dims.length >= 2 && axis === dims.length - 1 && !statistics;
  return [candidate('dense', 0.35), ...(inColumns ? [candidate('columns', 0.85)] : [])];
}

const constant = (...dims: number[]): CaseInput => ({ dims, constant: true });

const make = (dims: readonly number[], axis: number, attrs: OpCase['attrs'] = {}): OpCase => ({
  name: `[${dims}] from ${axis} on${Object.entries(attrs).map(([key, value]) => ` ${key}=${value}`)}`,
  attrs: { axis, ...attrs },
  inputs: [{ dims }, constant(...dims.slice(axis)), constant(...dims.slice(axis))],
});

const inf = Number.POSITIVE_INFINITY;

function cases(): OpCase[] {
  const sizes = [1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33];
  return [
    ...sizes.flatMap((n) => [make([3, n], -1), make([n, 5], -1), make([n], 0)]),
    ...[1, 3, 4, 5, 15, 16, 17, 33].map((n) => make([2, n, 9], 2)),
    make([0, 5], 1),
    make([2, 0, 3], 2),
    make([5, 96], -1, { epsilon: 0.5 }),
    make([2, 3, 4, 5], 1),
    make([2, 3, 4, 5], -2),
    make([2, 3, 4, 5], -1),
    make([2, 3, 4, 5], 0),
    { name: 'default axis', inputs: [{ dims: [3, 5] }, constant(5), constant(5)] },
    { name: 'no bias', inputs: [{ dims: [3, 9] }, constant(9)] },
    { name: 'no bias, many rows', inputs: [{ dims: [2, 17, 9] }, constant(9)] },
    { name: 'operands that are fed', inputs: [{ dims: [18, 9] }, { dims: [9] }, { dims: [9] }] },
    { name: 'stretched scale', attrs: { axis: 1 }, inputs: [{ dims: [2, 3, 5] }, constant(5), constant(3, 1)] },
    { name: 'scale of the rank of the input', inputs: [{ dims: [2, 3, 5] }, constant(1, 1, 5), constant(1)] },
    { ...make([5, 17], -1), name: 'fused clamp', clamp: { lo: 0, hi: 0.5 } },
    { ...make([18, 7], -1), name: 'fused clamp, many rows', clamp: { lo: 0, hi: 0.5 } },
    {
      name: 'equal elements',
      inputs: [{ dims: [2, 5], values: [3, 3, 3, 3, 3, 0, 0, 0, 0, 0] }, constant(5), constant(5)],
    },
    {
      name: 'far from zero',
      inputs: [
        { dims: [2, 4], values: [1001, 1002, 1003, 1004, -5000, -5001, -5002, -5004] },
        constant(4),
        constant(4),
      ],
    },
    {
      name: 'special values',
      inputs: [
        { dims: [5, 3], values: [Number.NaN, 1, 2, inf, 1, 2, -inf, 1, 2, 1e-45, -1e-40, 1e-38, 1, -2, 4] },
        constant(3),
        constant(3),
      ],
    },
  ];
}

/**
 * `y = (x - mean) / sqrt(var + epsilon) * Scale + B`, the mean and the variance (the mean of squared differences from the mean) over all
 * elements from `axis` on.
 *
 * X, Y `[rows..., own...]`; Scale, B `own` or what broadcasts to it, B may be absent; Mean and InvStdDev = `1 / sqrt(var + epsilon)`, both
 * optional, `[rows..., 1...]`. float32; a difference beyond 1.8e19 squares to infinity, and the row becomes B. (Ba, Kiros and Hinton: Layer
 * Normalization, 2016.)
 */
export const layerNormalization: Op = {
  name: 'LayerNormalization',
  onnx: {},
  infer(call) {
    check(call);
    const { type, dims } = call.input(0);
    const { statistics } = geometry(call);
    return [dims, statistics, statistics].slice(0, call.node.outputs.length).map((own) => ({ type, dims: own }));
  },
  reference,
  lower,
  cases: cases(),
};
