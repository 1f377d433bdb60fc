import { broadcastSteps, walkBroadcast } from './common/broadcast.ts';
import { fullyConnected } from './common/fully_connected.ts';
import { type Call, floats, floatTensor, type Op, type OpCase, type ValueType } from './op.ts';

/**
 * `Y = alpha * A' B' + beta * C`, A' = A or its transpose (transA), B' likewise; C broadcasts to `[M, N]`.
 *
 * A' `[M, K]`, B' `[K, N]`, Y `[M, N]`. Kernels run the normal form that the passes make: alpha = beta = 1, transA = 0, transB = 1
 * with constant B `[N, K]` and constant C `[N]`; anything else has become MatMul, Mul and Add by then.
 */
export const gemm: Op = {
  name: 'Gemm',
  onnx: {},
  infer,
  reference(call, [a, b, c]) {
    const { m, k, n } = gemmShape(call);
    const transA = call.int('transA', 0) !== 0;
    const transB = call.int('transB', 0) !== 0;
    const alpha = call.float('alpha', 1);
    const beta = call.float('beta', 1);
    const as = floats(a);
    const bs = floats(b);
    const y = new Float32Array(m * n);
    const addend = new Float64Array(m * n);
    if (c) {
      let i = 0;
      walkBroadcast([m, n], [broadcastSteps(c.dims, [m, n])], ([at]) => {
        addend[i++] = beta * floats(c)[at];
      });
    }
    for (let r = 0; r < m; r++) {
      for (let col = 0; col < n; col++) {
        let sum = 0;
        for (let i = 0; i < k; i++)
          sum += (transA ? as[i * m + r] : as[r * k + i]) * (transB ? bs[col * k + i] : bs[i * n + col]);
        y[r * n + col] = alpha * sum + addend[r * n + col];
      }
    }
    return [floatTensor([m, n], y)];
  },
  lower(call) {
    const { m, k, n } = gemmShape(call);
    const weights = floats(call.constant(1));
    const bias = call.optionalConstant(2);
    if (!isNormal(call) || (bias && bias.size !== n))
      call.unsupported('the node is not in the normal form that the passes make');
    return fullyConnected(call, { weights, k, n, rows: m, bias: bias && floats(bias), vector: false });
  },
  cases: gemmCases(),
};

function gemmShape(call: Call): { m: number; k: number; n: number } {
  call.expectRank(0, 2);
  call.expectRank(1, 2);
  const a = call.input(0).dims;
  const b = call.input(1).dims;
  const [m, k] = call.int('transA', 0) ? [a[1], a[0]] : a;
  const [kb, n] = call.int('transB', 0) ? [b[1], b[0]] : b;
  call.expect(k === kb, () => `A' has ${k} columns, B' has ${kb} rows`);
  return { m, k, n };
}

const isNormal = (call: Call): boolean =>
  call.int('transA', 0) === 0 &&
  call.int('transB', 0) === 1 &&
  call.float('alpha', 1) === 1 &&
  call.float('beta', 1) === 1;

function infer(call: Call): ValueType[] {
  call.expectType(0, 'float32');
  call.expectType(1, 'float32');
  const { m, n } = gemmShape(call);
  const c = call.optional(2);
  if (c) {
    const [rows, cols] = [c.dims.at(-2) ?? 1, c.dims.at(-1) ?? 1];
    call.expect(
      c.dims.length <= 2 && (rows === 1 || rows === m) && (cols === 1 || cols === n),
      () => `C broadcasts to ${m}x${n}, found ${c.dims.join('x')}`,
    );
  }
  return [{ type: 'float32', dims: [m, n] }];
}

function gemmCases(): OpCase[] {
  const cases: OpCase[] = [];
  for (const density of [0, 0.1, 0.5, 1]) {
    for (const rows of [1, 2, 4, 5, 27, 28, 29, 57]) {
      for (const n of [1, 3, 4, 5, 8, 9]) {
        cases.push({
          name: `${rows}x13x${n} d${density}`,
          attrs: { transB: 1 },
          clamp: n === 5 ? { lo: 0, hi: 2 } : undefined,
          inputs: [
            { dims: [rows, 13] },
            { dims: [n, 13], constant: true, density },
            n === 8 ? null : { dims: [n], constant: true },
          ],
        });
      }
    }
  }
  for (const rows of [1, 3]) {
    for (const n of [1, 7, 16, 33, 64]) {
      for (const density of [0.05, 0.6]) {
        cases.push({
          name: `${rows}x20x${n} d${density}`,
          attrs: { transB: 1 },
          clamp: n === 33 ? { lo: 0, hi: 2 } : undefined,
          inputs: [{ dims: [rows, 20] }, { dims: [n, 20], constant: true, density }, { dims: [n], constant: true }],
        });
      }
    }
  }
  for (const density of [0, 0.01, 0.1, 0.5]) {
    for (const [rows, n] of [
      [1, 33],
      [3, 16],
      [8, 64],
    ]) {
      cases.push({
        name: `${rows}x100x${n} of d${density}`,
        attrs: { transB: 1 },
        clamp: n === 16 ? { lo: 0, hi: 2 } : undefined,
        inputs: [
          { dims: [rows, 100], density },
          { dims: [n, 100], constant: true, density: 0.3 },
          { dims: [n], constant: true },
        ],
      });
    }
  }
  const a = { dims: [3, 5] };
  const b = { dims: [5, 4], constant: true };
  cases.push(
    { name: 'B as stored', inputs: [a, b, { dims: [4], constant: true }] },
    { name: 'alpha and beta', attrs: { alpha: 0.5, beta: 2 }, inputs: [a, b, { dims: [1, 4], constant: true }] },
    { name: 'scalar C', inputs: [a, b, { dims: [], constant: true }] },
    { name: 'C a matrix', inputs: [a, b, { dims: [3, 4], constant: true }] },
    { name: 'C a column', inputs: [a, b, { dims: [3, 1], constant: true }] },
    { name: 'C at run time', attrs: { beta: 0.5 }, inputs: [a, b, { dims: [4] }] },
    { name: 'A transposed', attrs: { transA: 1 }, inputs: [{ dims: [5, 3] }, b, null] },
    { name: 'B at run time', attrs: { alpha: 3 }, inputs: [a, { dims: [5, 4] }, { dims: [4] }] },
    {
      name: 'all at run time, transposed',
      attrs: { transA: 1, transB: 1 },
      inputs: [{ dims: [5, 3] }, { dims: [4, 5] }, { dims: [3, 4] }],
    },
  );
  return cases;
}
