import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compile, exportOnnx } from '../../src/compile.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { evaluate } from '../../src/graph/evaluate.ts';
import { OPS } from '../../src/ops/index.ts';
import { load } from '../../src/runtime/index.ts';
import { Tensor } from '../../src/tensor.ts';
import { randomTensor } from '../support/graphs.ts';
import { expectAlike, reference } from '../support/ort.ts';
import { rejects } from '../support/rejects.ts';

const COORDINATES = ['asymmetric', 'half_pixel', 'pytorch_half_pixel', 'align_corners'];
const NEAREST = ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'];

function resized(dims: number[], by: Tensor, attrs: Record<string, string>): GraphBuilder {
  const g = new GraphBuilder('resize');
  const [scales, sizes] = by.type === 'float32' ? [g.constant(by), ''] : ['', g.constant(by)];
  g.output(g.node('Resize', [g.input('x', 'float32', dims), '', scales, sizes].slice(0, sizes ? 4 : 3), attrs), 'y');
  return g;
}

const scales = (...values: number[]): Tensor => new Tensor('float32', values, [values.length]);

test('which element is the nearest agrees with onnxruntime, in every mode', async () => {
  const dims = [1, 2, 5, 7];
  const x = randomTensor(dims);
  for (const coordinate_transformation_mode of COORDINATES) {
    for (const nearest_mode of NEAREST) {
      for (const by of [scales(1, 1, 2, 3), scales(1, 1, 0.5, 1.7), new Tensor('int64', [1, 2, 9, 3], [4])]) {
        const graph = resized(dims, by, { mode: 'nearest', coordinate_transformation_mode, nearest_mode }).build();
        const found = evaluate(graph, OPS, { x });
        const expected = await reference(exportOnnx(graph), { x });
        const label = `${coordinate_transformation_mode}, ${nearest_mode}, ${by.data}`;
        assert.equal(found.y.dims, [...expected.y.dims], label);
        assert.equal([...found.y.data], [...(expected.y.data as Float32Array)], label);
      }
    }
  }
});

test('an upsampling of planes behind a convolution agrees with onnxruntime and is not converted', async () => {
  const g = new GraphBuilder('up');
  const attrs = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
  const a = g.relu(g.conv(g.input('x', 'float32', [1, 3, 8, 8]), randomTensor([4, 3, 3, 3]), undefined, attrs));
  const up = g.node('Resize', [a, '', g.constant(scales(1, 1, 2, 2))], { mode: 'nearest', nearest_mode: 'floor', coordinate_transformation_mode: 'asymmetric' }); // biome-ignore format: one line
  g.output(g.conv(up, randomTensor([2, 4, 3, 3], 2), undefined, attrs), 'y');
  const onnx = exportOnnx(g.build());
  const x = randomTensor([1, 3, 8, 8], 5);
  const model = await load(await compile(onnx));
  expectAlike(model.runSync({ x }) as Record<string, Tensor>, await reference(onnx, { x }));
  const kernels = model.profile({ x }).map(({ kernel }) => kernel);
  assert.ok(kernels.includes('x32_copy__planes'), `${kernels}`);
  model.dispose();
});

test('what is not run is refused', async () => {
  const refused = (pattern: RegExp, by: Tensor, attrs: Record<string, string>) =>
    rejects(() => compile(resized([1, 2, 4, 4], by, attrs).build()), 'UNSUPPORTED_OP', pattern);
  await refused(/runs in mode nearest, found linear/, scales(1, 1, 2, 2), { mode: 'linear' });
  await refused(/is one of .*, found tf_crop_and_resize/, scales(1, 1, 2, 2), { coordinate_transformation_mode: 'tf_crop_and_resize' }); // biome-ignore format: one line
  await refused(/a whole number of times, at most 16 in all, found 1x2x6x6 of 1x2x4x4/, scales(1, 1, 1.5, 1.5), {});
  await refused(/at most 16 in all/, scales(1, 1, 5, 5), {});
});

test.run();
