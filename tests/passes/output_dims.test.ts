import { InferenceSession } from 'onnxruntime-node';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exportOnnx, importOnnx } from '../../src/compile.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { OPS } from '../../src/ops/index.ts';
import { withOutputDims } from '../../src/passes/output_dims.ts';
import type { Dim } from '../../src/tensor.ts';
import { raises } from '../support/raises.ts';

/** Dims that are found for the outputs of what `build` makes of an input x. */
function found(dims: readonly Dim[], build: (g: GraphBuilder, x: string) => void): (readonly Dim[] | undefined)[] {
  const g = new GraphBuilder();
  build(g, g.input('x', 'float32', dims));
  const graph = withOutputDims(g.build(), OPS);
  return graph.outputs.map((name) => graph.values.get(name)?.dims);
}

const weights = (rows: number, cols: number) => ({ data: new Float32Array(rows * cols), dims: [rows, cols] });

test('fixed dims', () =>
  assert.equal(
    found([2, 3, 8, 8], (g, x) => g.output(g.maxPool(x, [2, 2], { strides: [2, 2] }))),
    [[2, 3, 4, 4]],
  ));

test('a symbol of the input reaches the output by its name', () => {
  assert.equal(
    found(['batch', 6], (g, x) => g.output(g.gemm(x, weights(4, 6)))),
    [['batch', 4]],
  );
  assert.equal(
    found(['n', 'c', 5], (g, x) => g.output(g.node('Transpose', [x], { perm: [1, 2, 0] }))),
    [['c', 5, 'n']],
  );
});

test('a dimension that is no symbol of an input has no name', () =>
  assert.equal(
    found(['n', 'm'], (g, x) => g.output(g.flatten(x, 0))),
    [[1, '']],
  ));

test('dimensions without a name are not taken for one another', () => {
  const g = new GraphBuilder();
  g.output(g.relu(g.input('x', 'float32', ['a', 'b'])), 'y');
  const graph = g.build();
  graph.values.get('x')!.dims = ['', ''];
  assert.equal(withOutputDims(graph, OPS).values.get('y')?.dims, ['', '']);
});

test('declared dims stay, and the given graph is not changed', () => {
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', ['n', 2]);
  g.output(g.relu(x), 'a', ['rows', 2]);
  g.output(g.relu(x), 'b');
  const graph = g.build();
  const result = withOutputDims(graph, OPS);
  assert.equal(
    result.outputs.map((name) => result.values.get(name)?.dims),
    [
      ['rows', 2],
      ['n', 2],
    ],
  );
  assert.is(graph.values.get('b')?.dims, undefined);
});

test('no dims where inference fails', () =>
  assert.equal(
    found(['n', 6], (g, x) => g.output(g.reshape(x, [1, 7]))),
    [undefined],
  ));

test('what GraphBuilder made without declaring an output opens in ONNX Runtime with a shape', async () => {
  const g = new GraphBuilder();
  g.output(g.gemm(g.input('x', 'float32', ['batch', 6]), weights(4, 6)), 'y');
  const bytes = exportOnnx(g.build());
  assert.equal(importOnnx(bytes).values.get('y')?.dims, ['batch', 4]);
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
  assert.equal(session.outputNames, ['y']);
  await session.release();
});

test('what is no graph', () => {
  for (const wrong of [null, undefined, 5, {}, { values: new Map(), nodes: [] }])
    raises(() => exportOnnx(wrong as unknown as Graph), 'INVALID_ARGUMENT', /exportOnnx: a Graph is needed/);
});

test.run();
