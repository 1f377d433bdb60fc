import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exportOnnx } from '../../src/onnx/export.ts';
import { importOnnx } from '../../src/onnx/import.ts';
import { OPS } from '../../src/ops/index.ts';
import { sizeOf } from '../../src/tensor.ts';

const folder = new URL('../fixtures/', import.meta.url);
const files = readdirSync(folder).filter((file) => file.endsWith('.onnx.gz'));

async function run(bytes: Uint8Array, input: string, dims: number[]): Promise<number[]> {
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const data = Float32Array.from({ length: sizeOf(dims) }, (_, i) => (Math.sin(i) + 1) / 2);
  const out = await session.run({ [input]: new OrtTensor('float32', data, dims) });
  await session.release();
  return [...(out[session.outputNames[0]].data as Float32Array)];
}

test('there are fixtures', () => assert.ok(files.length > 0));

for (const file of files) {
  test(`${file} is read, written and read again`, async () => {
    const bytes = new Uint8Array(gunzipSync(readFileSync(new URL(file, folder))));
    const graph = importOnnx(bytes, { ops: OPS, file });
    const first = file.includes('.dynamic.') ? 'batch' : 1;
    assert.equal(
      graph.inputs.map((name) => graph.values.get(name)?.dims?.[0]),
      [first],
    );
    assert.equal(
      graph.outputs.map((name) => graph.values.get(name)?.dims),
      [[first, 10]],
    );
    assert.equal(graph.metadata.producer_name, 'pytorch');

    const copy = exportOnnx(graph);
    assert.equal(importOnnx(copy, { ops: OPS, file }), graph);
    const dims = graph.values.get(graph.inputs[0])?.dims?.map((d) => (typeof d === 'number' ? d : 1)) as number[];
    assert.equal(await run(copy, graph.inputs[0], dims), await run(bytes, graph.inputs[0], dims));
  });
}

test.run();
