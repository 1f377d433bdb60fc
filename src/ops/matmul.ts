import { rowsAndFeatures } from '../graph/layout.ts';
import { sizeOf } from '../tensor.ts';
import { batchedGemm } from './common/batched_gemm.ts';
import { fullyConnected } from './common/fully_connected.ts';
import { broadcastShapes, matrixProduct, type ProductShape } from './common/matrix_product.ts';
import type { Candidate, LowerCall } from './lower.ts';
import { type Call, type CaseInput, floats, floatTensor, type Op, type OpCase, type ValueType } from './op.ts';

/**
 * `Y = A B + bias` over the last two dims, the others broadcast (numpy's matmul). The optional third input, a bias along the last
 * dim, is not part of ONNX: the fusion pass makes it.
 *
 * A `[..., M, K]`, B `[..., K, N]`, bias `[N]`, Y `[..., M, N]`; a vector A `[K]` or B `[K]` drops its dim from Y.
 */
export const matMul: Op = {
  name: 'MatMul',
  onnx: {},
  infer,
  reference(call, [a, b, bias]) {
    const [{ dims }] = infer(call);
    const shape = matMulShape(call);
    const y = new Float32Array(sizeOf(dims));
    matrixProduct(floats(a), floats(b), y, shape);
    if (bias) for (let i = 0; i < y.length; i++) y[i] += floats(bias)[i % shape.n];
    return [floatTensor(dims, y)];
  },
  lower(call) {
    if (call.input(1).constant?.dims.length === 2) return constantCandidates(call);
    if (call.optional(2)) call.unsupported('a bias needs constant weights');
    return batchedGemm(call, matMulShape(call));
  },
  cases: matMulCases(),
};

function matMulShape(call: Call): ProductShape {
  const a = call.input(0).dims;
  const b = call.input(1).dims;
  call.expect(a.length > 0 && b.length > 0, () => 'both operands have at least one dimension');
  const left = a.slice(0, -2);
  const right = b.slice(0, -2);
  const k = a[a.length - 1];
  const kb = b.length === 1 ? b[0] : b[b.length - 2];
  call.expect(k === kb, () => `A has ${k} columns, B has ${kb} rows (${a.join('x')} times ${b.join('x')})`);
  const batch = broadcastShapes(left, right);
  call.expect(isKnown(batch), () => `batch dimensions ${left.join('x')} and ${right.join('x')} do not broadcast`);
  return { left, right, batch, m: a.length === 1 ? 1 : a[a.length - 2], k, n: b.length === 1 ? 1 : b[b.length - 1] };
}

const isKnown = (dims: (number | undefined)[]): dims is number[] => !dims.includes(undefined);

function infer(call: Call): ValueType[] {
  call.expectType(0, 'float32');
  call.expectType(1, 'float32');
  const { batch, m, n } = matMulShape(call);
  const dims = [...batch];
  if (call.input(0).dims.length > 1) dims.push(m);
  if (call.input(1).dims.length > 1) dims.push(n);
  const bias = call.optional(2);
  if (bias)
    call.expect(
      bias.dims.length === 1 && bias.dims[0] === n,
      () => `the bias has ${n} elements, found ${bias.dims.join('x')}`,
    );
  return [{ type: 'float32', dims }];
}

function constantCandidates(call: LowerCall): Candidate[] {
  const x = call.input(0).dims;
  const b = call.constant(1);
  const [k, n] = b.dims;
  const rows = x.length === 1 ? 1 : rowsAndFeatures(x)[0];
  const bias = call.optionalConstant(2);
  const weights = outputsFirst(floats(b), k, n);
  return fullyConnected(call, { weights, k, n, rows, bias: bias && floats(bias), vector: x.length === 1 });
}

/** float32 numbers of a cache line. */
const BAND = 16;

const transposedWeights = new WeakMap<Float32Array, Float32Array>();

/** `[K, N]` as `[N, K]`; kept, because every plan asks for it. */
function outputsFirst(b: Float32Array, k: number, n: number): Float32Array {
  let weights = transposedWeights.get(b);
  if (!weights) {
    weights = new Float32Array(b.length);
    // In bands of columns, so that the lines that are written stay in cache.
    for (let first = 0; first < n; first += BAND) {
      const last = Math.min(first + BAND, n);
      for (let i = 0; i < k; i++) for (let j = first; j < last; j++) weights[j * k + i] = b[i * n + j];
    }
    transposedWeights.set(b, weights);
  }
  return weights;
}

function matMulCases(): OpCase[] {
  const cases: OpCase[] = [];
  const make = (name: string, a: CaseInput, b: CaseInput, bias?: CaseInput): OpCase => ({
    name,
    inputs: bias ? [a, b, bias] : [a, b],
  });
  for (const density of [0, 0.1, 1]) {
    for (const rows of [1, 2, 4, 5, 9, 33]) {
      for (const n of [1, 4, 6, 9]) {
        const b = { dims: [7, n], constant: true, density };
        cases.push(make(`constant ${rows}x7x${n} d${density}`, { dims: [rows, 7] }, b, { dims: [n], constant: true }));
      }
    }
    cases.push(make(`rank 3 d${density}`, { dims: [2, 3, 17] }, { dims: [17, 8], constant: true, density }));
  }
  for (const density of [0, 0.02, 0.3]) {
    for (const k of [1, 3, 4, 5, 8, 17, 33, 70]) {
      cases.push(make(`zeros ${k} d${density}`, { dims: [2, 6, k], density }, { dims: [2, k, 13] }));
    }
  }
  for (const [m, k, n] of [
    [1, 1, 1],
    [3, 4, 5],
    [4, 8, 8],
    [5, 9, 17],
    [8, 3, 16],
    [9, 1, 7],
    [4, 0, 5],
  ]) {
    cases.push(make(`run time ${m}x${k}x${n}`, { dims: [m, k] }, { dims: [k, n] }));
    cases.push(make(`batched ${m}x${k}x${n}`, { dims: [2, 3, m, k] }, { dims: [2, 3, k, n] }));
    cases.push(make(`broadcast ${m}x${k}x${n}`, { dims: [2, 1, m, k] }, { dims: [3, k, n] }));
  }
  cases.push(
    make('vector times matrix', { dims: [5] }, { dims: [5, 6] }),
    make('matrix times vector', { dims: [3, 5] }, { dims: [5] }),
    make('vector times vector', { dims: [5] }, { dims: [5] }),
    make('vector times constant', { dims: [5] }, { dims: [5, 6], constant: true, density: 0.5 }),
    make('constant left', { dims: [4, 5], constant: true }, { dims: [2, 5, 6] }),
  );
  return cases;
}
