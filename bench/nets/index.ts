import { readFileSync } from 'node:fs';
import { ensure } from '../../src/errors.ts';
import { exportOnnx } from '../../src/onnx/export.ts';
import { sizeOf } from '../../src/tensor.ts';
import { INPUT, OUTPUT } from './builder.ts';
import { cachedFile } from './cache.ts';
import { type BenchNet, NETS, type NetName, PATTERNS, type Pattern, SPARSITIES } from './net.ts';
import { normals, seedOf } from './random.ts';
import { makeNet, ZOO } from './zoo.ts';

export { type BenchNet, NETS, type NetName, PATTERNS, type Pattern, SPARSITIES };

/** The network `name` with `sparsity` per cent of zeros in `pattern`. Nothing is made before it is asked for. */
export function benchNet(name: NetName, sparsity: number, pattern: Pattern = 'unstructured'): BenchNet {
  const known = (value: unknown, values: readonly unknown[], what: string) =>
    ensure(
      values.includes(value),
      'INVALID_ARGUMENT',
      () => `the ${what} is one of ${values.join(', ')}, found '${value}'`,
    );
  known(name, NETS, 'net');
  known(sparsity, SPARSITIES, 'sparsity');
  known(pattern, PATTERNS, 'pattern');
  const id = `${name}-${sparsity}${pattern === 'unstructured' ? '' : `-${pattern}`}`;
  const graph = () => makeNet(name, id, sparsity, pattern);
  const onnxFile = () => cachedFile(id, () => exportOnnx(graph()));
  const dims = ZOO[name].input;
  return {
    name,
    sparsity,
    pattern,
    id,
    input: { name: INPUT, dims: [...dims] },
    output: { name: OUTPUT },
    graph,
    onnxFile,
    onnx: () => readFileSync(onnxFile()),
    data: () => normals(sizeOf(dims), seedOf(`${name} input`)),
  };
}
