import { branchesOf } from '../graph/regions.ts';
import { sameDims, showDims, sizeOf } from '../tensor.ts';
import { emitSkip } from './common/control.ts';
import { emitCopy } from './common/copy.ts';
import { anyPlanes, type Candidate, type Demand, type Emitter, type LowerCall, viewOf } from './lower.ts';
import type { Call, Op, OpCase, ValueType } from './op.ts';

const isBranched = (call: Call): boolean => call.node.inputs.length === 1 + 2 * call.node.outputs.length;

/** What both branches give: one type and shape for each output. */
function infer(call: Call): ValueType[] {
  call.expectType(0, 'bool');
  const { dims } = call.input(0);
  call.expect(sizeOf(dims) === 1, () => `the condition is one element, found ${showDims(dims)}`);
  call.expect(isBranched(call), () => 'both branches give each output once');
  const count = call.node.outputs.length;
  return call.node.outputs.map((_, i) => {
    const [a, b] = [call.input(1 + i), call.input(1 + count + i)];
    call.expect(a.type === b.type, () => `output ${i} is ${a.type} in then_branch, ${b.type} in else_branch`);
    if (!sameDims(a.dims, b.dims))
      call.unsupported(
        `output ${i} has dims ${showDims(a.dims)} in then_branch, ${showDims(b.dims)} in else_branch: branches of different shapes do not run`,
      );
    return { type: a.type, dims: a.dims };
  });
}

/** Copies what the taken branch made; the records of the other branch are skipped. */
function emitIf(e: Emitter, call: LowerCall): void {
  const count = call.node.outputs.length;
  const condition = { operand: e.input(0), type: 'u8', limit: 0 } as const;
  const copies = (first: number) => () => {
    call.node.outputs.forEach((name, i) => {
      if (!name) return;
      const src = e.input(first + i);
      const dst = e.output(i);
      emitCopy(e, dst.dims, src, viewOf(src.layout, src.dims), dst, viewOf(dst.layout, dst.dims));
    });
  };
  emitSkip(e, condition, false, copies(1));
  emitSkip(e, condition, true, copies(1 + count));
}

function lower(call: LowerCall): Candidate[] {
  const inputs = (demand: Demand): Demand[] =>
    call.inputs.map((_, i): Demand => (i === 0 ? { kind: 'dense' } : demand));
  const elements = call.outputs.reduce((sum, { dims }) => sum + sizeOf(dims), 0);
  const shared = { cost: 100 + 0.1 * elements, emit: (e: Emitter) => emitIf(e, call) };
  const images = call.outputs.every(({ type, dims }) => type === 'float32' && dims.length === 4);
  return [
    { ...shared, kernel: 'if__dense', inputs: inputs({ kind: 'any' }), output: 'dense' },
    ...(images
      ? [{ ...shared, kernel: 'if__planes', inputs: inputs(anyPlanes(false)), output: 'planes' } as const]
      : []),
  ];
}

function cases(): OpCase[] {
  const make = (flag: number, dims: readonly number[], constant = false): OpCase => ({
    name: `${flag} [${dims}]${constant ? ' constant else' : ''}`,
    inputs: [{ dims: [], type: 'bool', values: [flag] }, { dims }, { dims, constant }],
  });
  const shapes = [[], [0], [1], [33], [3, 5], [2, 3, 4, 5]];
  return [
    ...[0, 1].flatMap((flag) => shapes.flatMap((dims) => [make(flag, dims), make(flag, dims, true)])),
    ...[0, 1].map(
      (flag): OpCase => ({
        name: `${flag} of int64`,
        inputs: [
          { dims: [1], type: 'bool', values: [flag] },
          { dims: [3, 5], type: 'int64' },
          { dims: [3, 5], type: 'int64' },
        ],
      }),
    ),
  ];
}

/**
 * `y[i] = condition ? whenTrue[i] : whenFalse[i]`, inputs `[condition, ...whenTrue, ...whenFalse]`: an If whose branches stand in the graph around it. Nodes
 * that only one branch needs run only if it is taken (`graph/regions.ts`).
 */
export const if_: Op = {
  name: 'If',
  onnx: {},
  infer,
  reference(call, inputs) {
    const { whenTrue } = branchesOf(call.node);
    const first = inputs[0]!.data[0] ? 1 : 1 + whenTrue.length;
    return whenTrue.map((_, i) => inputs[first + i]!);
  },
  zeros: (_call, shares) => Math.min(shares[1] ?? 0, shares[2] ?? 0),
  lower,
  cases: cases(),
};
