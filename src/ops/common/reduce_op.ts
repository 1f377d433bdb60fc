import { type Call, floats, floatTensor, type Op, type OpCase } from '../op.ts';
import { distinctAxes, optionalInts } from './dims.ts';
import { attrToInput, ints } from './legacy.ts';
import { lowerReduce, type Reduction, reducedDims, referenceReduce } from './reduce.ts';

/** The axes that are reduced: all of them if none is named, unless `noop_with_empty_axes` is set. */
function reducedAxes(call: Call): Set<number> {
  const rank = call.input(0).dims.length;
  const axes = optionalInts(call, 1) ?? [];
  if (axes.length === 0 && call.int('noop_with_empty_axes', 0) === 0) return new Set(Array(rank).keys());
  return new Set(distinctAxes(call, axes, rank));
}

const keepdims = (call: Call): boolean => call.int('keepdims', 1) !== 0;

function reduceCase(dims: readonly number[], axes: readonly number[], attrs: OpCase['attrs'] = {}): OpCase {
  const shown = Object.entries(attrs).map(([name, value]) => ` ${name}=${value}`);
  return {
    name: `[${dims}] over [${axes}]${shown.join('')}`,
    attrs,
    inputs: [{ dims }, ints(...axes)],
  };
}

function cases(): OpCase[] {
  const sizes = [1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33];
  const drop = { keepdims: 0 };
  return [
    ...sizes.flatMap((n) => [reduceCase([3, n], [1]), reduceCase([3, n], [-2], drop), reduceCase([2, 3, n], [0, 2])]),
    reduceCase([0], [0]),
    reduceCase([2, 0, 3], [1]),
    reduceCase([0, 3], [1]),
    reduceCase([2, 3, 5, 7], [2, 3]),
    reduceCase([2, 3, 5, 7], [-1, -2], drop),
    reduceCase([2, 5, 4, 4], [2, 3], drop),
    reduceCase([2, 3, 1, 1], [2, 3]),
    reduceCase([2, 3, 5, 7], [1]),
    reduceCase([2, 3, 5, 17], [2], drop),
    reduceCase([2, 3, 5, 7], [0, 2]),
    reduceCase([2, 3, 5, 7], [0, 1, 2, 3], drop),
    reduceCase([2, 3, 2, 3, 2, 3], [0, 2, 4]),
    reduceCase([2, 3, 2, 3, 2, 3], [1, 3, 5], drop),
    reduceCase([3, 4, 5], []),
    reduceCase([3, 4, 5], [], { noop_with_empty_axes: 1 }),
    { name: 'axes absent', inputs: [{ dims: [3, 4, 5] }] },
    { name: 'scalar', inputs: [{ dims: [] }] },
    { ...reduceCase([2, 3, 5, 7], [2, 3]), name: 'fused clamp', clamp: { lo: 0, hi: 0.1 } },
  ];
}

/**
 * A reduction over the axes of input 1, which older opsets hold in an attribute.
 * @param since first opset with the axes as an input
 */
export const reduceOp = (name: string, kind: Reduction, since: number): Op => ({
  name,
  onnx: {
    normalize(n) {
      if (n.opset < since) attrToInput(n, 'axes', 1);
    },
  },
  infer(call) {
    call.expectType(0, 'float32');
    return [{ type: 'float32', dims: reducedDims(call.input(0).dims, reducedAxes(call), keepdims(call)) }];
  },
  reference(call, [x]) {
    const reduced = reducedAxes(call);
    const y = referenceReduce(kind, floats(x), x!.dims, reduced);
    return [floatTensor(reducedDims(x!.dims, reduced, keepdims(call)), y)];
  },
  lower: (call) => lowerReduce(call, kind, reducedAxes(call)),
  cases: cases(),
});
