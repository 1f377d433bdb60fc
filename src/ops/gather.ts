import * as abi from '../../assembly/abi/gather.ts';
import { OP_GATHER } from '../../assembly/abi.ts';
import { arrayOf, bytesOf, numbersOf, sizeOf, Tensor } from '../tensor.ts';
import { resultDims } from './common/dims.ts';
import { lowerMovement, part } from './common/move.ts';
import type { Candidate, Emitter, LowerCall, RecordWriter } from './lower.ts';
import type { Call, Op } from './op.ts';

interface Rows {
  axis: number;
  dims: number[];
  /** Product of the dims before and behind the axis. */
  outer: number;
  inner: number;
}

function rowsOf(call: Call): Rows {
  const data = call.input(0);
  const indices = call.input(1);
  call.expectType(1, 'int32', 'int64');
  const axis = call.axis(call.int('axis', 0), data.dims.length);
  const before = data.dims.slice(0, axis);
  const behind = data.dims.slice(axis + 1);
  const dims = resultDims(call, [...before, ...indices.dims, ...behind]);
  return { axis, dims, outer: sizeOf(before), inner: sizeOf(behind) };
}

/** Fails on a constant index that is out of range. */
function checkIndices(call: Call, axis: number): void {
  const length = call.input(0).dims[axis];
  const { constant } = call.input(1);
  for (const index of constant ? numbersOf(constant) : [])
    call.expect(
      index >= -length && index < length,
      () => `an index lies in [-${length}, ${length - 1}], found ${index}`,
    );
}

function emitGather(e: Emitter, call: LowerCall, { axis, outer, inner }: Rows): void {
  const bytes = inner * bytesOf(call.input(0).type);
  if (sizeOf(e.output().dims) === 0) return;
  const operand = (record: RecordWriter, field: number, index: number): void => {
    const { constant } = call.input(index);
    if (constant) record.constant(field, e.constant(constant.data));
    else record.at(field, e.input(index));
  };
  const record = e.record(OP_GATHER, abi.GATHER_SIZE);
  operand(record, abi.GATHER_DATA, 0);
  operand(record, abi.GATHER_INDICES, 1);
  record
    .at(abi.GATHER_OUT, e.output())
    .int(abi.GATHER_OUTER, outer)
    .int(abi.GATHER_COUNT, sizeOf(call.input(1).dims))
    .int(abi.GATHER_DIM, call.input(0).dims[axis])
    .int(abi.GATHER_BYTES, bytes)
    .int(abi.GATHER_WIDTH, bytesOf(call.input(1).type));
}

/** One constant index is a slice, read through any layout; otherwise rows are gathered from dense data. */
function lower(call: LowerCall): Candidate[] {
  const rows = rowsOf(call);
  const data = call.input(0);
  const index = call.input(1).constant;
  if (index?.size === 1) {
    const at = Number(index.data[0]);
    const start = data.dims.map((_, axis) => (axis === rows.axis ? (at + data.dims[axis]) % data.dims[axis] : 0));
    const from = part(start);
    const kept = (_: unknown, axis: number) => axis !== rows.axis;
    const dims = data.dims.filter(kept);
    const to = rows.axis;
    return lowerMovement(call, {
      moves: [
        {
          input: 0,
          dims,
          from: (view) => ({ offset: from(view).offset, strides: view.strides.filter(kept) }),
          to: (view) => ({ ...view, strides: view.strides.toSpliced(to, index.dims.length) }),
        },
      ],
    });
  }
  return [
    {
      kernel: `x${8 * bytesOf(data.type)}_gather`,
      cost: 50 + 5 * rows.outer * sizeOf(call.input(1).dims) + 0.1 * sizeOf(rows.dims),
      inputs: call.inputs.map((input) => ({ kind: input?.constant ? 'none' : 'dense' })),
      output: 'dense',
      emit: (e) => emitGather(e, call, rows),
    },
  ];
}

/**
 * `y[o, j, i] = data[o, indices[j], i]`, with o over the axes before `axis` and i over those behind; dims
 * `[before, …indices.dims, behind]`. A negative index counts from the end. An index out of range is an error where it is constant;
 * fed at run time, its elements of y are 0. Any element type.
 */
export const gather: Op = {
  name: 'Gather',
  onnx: {},
  zeros: (_call, [share]) => share,
  infer(call) {
    const { axis, dims } = rowsOf(call);
    checkIndices(call, axis);
    return [{ type: call.input(0).type, dims }];
  },
  reference(call, [data, indices]) {
    const { axis, dims, outer, inner } = rowsOf(call);
    const length = data!.dims[axis];
    const list = numbersOf(indices!);
    const y = new (arrayOf(data!.type))(sizeOf(dims));
    let to = 0;
    for (let o = 0; o < outer; o++) {
      for (const index of list) {
        const at = index < 0 ? index + length : index;
        for (let i = 0; i < inner; i++, to++)
          if (at >= 0 && at < length) y[to] = data!.data[(o * length + at) * inner + i];
      }
    }
    return [new Tensor(data!.type, y, dims)];
  },
  lower,
  cases: [
    { name: 'rows', inputs: [{ dims: [9, 5] }, { dims: [4], type: 'int64', values: [8, 0, -1, 3], constant: true }] },
    { name: 'fed int64', inputs: [{ dims: [9, 5] }, { dims: [2, 2], type: 'int64', values: [8, 0, -9, 3] }] },
    { name: 'fed int32', inputs: [{ dims: [5] }, { dims: [3], type: 'int32', values: [4, -5, 2] }] },
    { name: 'out of range', inputs: [{ dims: [5, 3] }, { dims: [4], type: 'int64', values: [5, -6, 1, 2 ** 40] }] },
    {
      name: 'embedding',
      inputs: [
        { dims: [17, 33], constant: true },
        { dims: [3], type: 'int64', values: [16, 2, 2] },
      ],
    },
    {
      name: 'last axis',
      attrs: { axis: -1 },
      inputs: [{ dims: [2, 3, 5] }, { dims: [2], type: 'int64', values: [4, 1], constant: true }],
    },
    {
      name: 'middle axis',
      attrs: { axis: 1 },
      inputs: [{ dims: [2, 9, 17] }, { dims: [3], type: 'int64', values: [8, -2, 0] }],
    },
    {
      name: 'one constant index',
      attrs: { axis: 1 },
      inputs: [{ dims: [2, 3, 4, 5] }, { dims: [], type: 'int64', values: [-1], constant: true }],
    },
    {
      name: 'one constant index in a list',
      attrs: { axis: 2 },
      inputs: [{ dims: [2, 3, 4] }, { dims: [1], type: 'int64', values: [2], constant: true }],
    },
    {
      name: 'int64 data',
      inputs: [
        { dims: [5], type: 'int64' },
        { dims: [3], type: 'int64', values: [4, 0, 1] },
      ],
    },
    { name: 'no indices', inputs: [{ dims: [5, 3] }, { dims: [0], type: 'int64' }] },
    { name: 'no rows', inputs: [{ dims: [0, 3] }, { dims: [2], type: 'int64', values: [0, 1] }] },
  ],
};
