import * as native from 'onnxruntime-node';
import * as assert from 'uvu/assert';
import { exportOnnx } from '../../src/compile.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { InferenceSession } from '../../src/onnxruntime/index.ts';
import { Session } from '../../src/onnxruntime/session.ts';
import { type DType, Tensor } from '../../src/tensor.ts';
import { relativeError } from './compare.ts';
import { mlp } from './nets.ts';

/** A tensor of any copy of onnxruntime-common. */
type AnyTensor = Pick<native.Tensor, 'type' | 'data' | 'dims'>;

/** Fails unless `session` runs on zeroskip. */
export function expectOurs(session: InferenceSession): void {
  assert.instance((session as unknown as { handler: unknown }).handler, Session);
}

/** What native ONNX Runtime computes. Its copy of onnxruntime-common is the CommonJS one, which zeroskip does not register with. */
export async function reference(
  onnx: Uint8Array,
  feeds: Readonly<Record<string, AnyTensor>>,
): Promise<Record<string, AnyTensor>> {
  const session = await native.InferenceSession.create(onnx, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const own = Object.entries(feeds).map(([name, { type, data, dims }]) => {
    const tensor = new native.Tensor(type, data, dims);
    // The native binding reads half-precision floats from their bits only, even where there is a Float16Array.
    if (type === 'float16') Object.assign(tensor, { cpuData: new Uint16Array(bitsOf(tensor).slice().buffer) });
    return [name, tensor];
  });
  const outputs = await session.run(Object.fromEntries(own));
  await session.release();
  return outputs;
}

/** Same names, types and dims; an error of at most 1e-5 where `expected` has floats, the same numbers elsewhere. */
export function expectAlike(
  actual: Readonly<Record<string, AnyTensor>>,
  expected: Readonly<Record<string, AnyTensor>>,
): void {
  assert.equal(Object.keys(actual), Object.keys(expected));
  for (const [name, want] of Object.entries(expected)) {
    const found = actual[name];
    assert.is(found.type, want.type);
    assert.equal([...found.dims], [...want.dims]);
    if (want.type !== 'float32') assert.equal(Array.from(bitsOf(found)), Array.from(bitsOf(want)), name);
    else {
      const error = relativeError(ownTensor(found), ownTensor(want));
      assert.ok(error <= 1e-5, `${name}: error ${error}`);
    }
  }
}

const ownTensor = ({ type, data, dims }: AnyTensor): Tensor => new Tensor(type as DType, data as Float32Array, dims);

const bitsOf = ({ data }: AnyTensor): Uint8Array => {
  const { buffer, byteOffset, byteLength } = data as Float32Array;
  return new Uint8Array(buffer, byteOffset, byteLength);
};

/** ONNX: `x` of `[batch, 12]` to `y` of `[batch, 5]`. */
export const mlpOnnx = (): Uint8Array => exportOnnx(mlp());

/** ONNX: `x` of `[rows, 2]` turned to `y` of `[2, rows]`, elements of any type. */
export function transposeOnnx(type: DType): Uint8Array {
  const g = new GraphBuilder('transpose');
  const x = g.input('x', type, ['rows', 2]);
  g.output(g.node('Transpose', [x], { perm: [1, 0] }), 'y', [2, 'rows']);
  return exportOnnx(g.build());
}

/** ONNX: `a` and `b` of `[n, m]` to their sum `sum` and product `product`. */
export function twoOutputsOnnx(): Uint8Array {
  const g = new GraphBuilder('two outputs');
  const a = g.input('a', 'float32', ['n', 'm']);
  const b = g.input('b', 'float32', ['n', 'm']);
  g.output(g.add(a, b), 'sum', ['n', 'm']);
  g.output(g.mul(a, b), 'product', ['n', 'm']);
  return exportOnnx(g.build());
}
