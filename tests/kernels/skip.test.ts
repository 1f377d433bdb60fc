import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SKIP_LIMIT } from '../../assembly/abi/control.ts';
import { OP_SKIP, REC_OP, REC_SIZE } from '../../assembly/abi.ts';
import { type CompileOptions, compileGraph } from '../../src/compile.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { evaluate } from '../../src/graph/evaluate.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { OPS } from '../../src/ops/index.ts';
import { load } from '../../src/runtime/load.ts';
import { Tensor } from '../../src/tensor.ts';
import { mulberry32 } from '../support/case_graph.ts';
import { difference, identical } from '../support/compare.ts';
import { repack } from '../support/forge.ts';
import { randomTensor } from '../support/graphs.ts';
import { sparseTensor } from '../support/nets.ts';

const KERNELS = ['f32_gemv_skip__columns', 'f32_spmv_skip__csc', 'f32_spmv_skip__csc4x1'];
const SHARES = [0, 0.01, 0.5, 0.9, 0.99, 1];
const ODD = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-45, -1e-39];

interface Shape {
  rows: number;
  inputs: number;
  outputs: number;
}

const layer = ({ rows, inputs, outputs }: Shape, density: number): Graph => {
  const g = new GraphBuilder('fc');
  const y = g.gemm(
    g.input('x', 'float32', [rows, inputs]),
    sparseTensor([outputs, inputs], density, 3),
    randomTensor([outputs], 4),
  );
  g.output(outputs % 3 === 0 ? g.clip(y, -1, 1) : y, 'y');
  return g.build();
};

/** Rows of which a share is 0, every other zero a -0. */
function zeros({ rows, inputs }: Shape, share: number, seed: number): Tensor {
  const random = mulberry32(seed);
  const data = Float32Array.from({ length: rows * inputs }, (_, i) => {
    const x = random() * 2 - 1 || 1;
    return random() < share ? (i % 2 === 0 ? 0 : -0) : x;
  });
  return new Tensor('float32', data, [rows, inputs]);
}

/** Element of x that is replaced by odd ones. */
const oddElement = ({ rows, inputs }: Shape): number => (rows * inputs * 3) >> 2;

/** Sparse layers do not multiply stored zeros with what is not finite, and may do so with those inside of a block: leaves these outputs out. */
function blank(results: readonly Tensor[], graph: Graph, shape: Shape): void {
  const { inputs, outputs } = shape;
  const at = oddElement(shape);
  const weights = [...graph.values.values()].find(({ constant }) => constant?.dims.length === 2)!.constant!.data;
  const [row, input] = [Math.floor(at / inputs), at % inputs];
  for (let r = 0; r < outputs; r++)
    if (weights[r * inputs + input] === 0) for (const { data } of results) data[row * outputs + r] = 0;
}

const compiled = (graph: Graph, kernel: string, options: CompileOptions = {}) =>
  compileGraph(graph, options, { choose: (_, candidates) => candidates.find((c) => c.kernel === kernel) });

/** The package with another limit in its skips: the kernel that walks columns runs up to this many live inputs. */
const withLimit = (bytes: Uint8Array, limit: number): Uint8Array =>
  repack(bytes, (manifest, sections) => {
    for (const engine of ['narrow', 'wide'] as const) {
      const { buffer, byteOffset, byteLength } = sections[manifest.plans[0][engine].section];
      const view = new DataView(buffer, byteOffset, byteLength);
      for (let at = 0; at < byteLength; at += view.getUint32(at + REC_SIZE, true))
        if (view.getUint32(at + REC_OP, true) === OP_SKIP) view.setUint32(at + SKIP_LIMIT, limit, true);
    }
  });

for (const kernel of KERNELS) {
  for (const target of ['simd'] as const) {
    test(`${kernel} (${target}): every share of zeros, and what is no zero`, async () => {
      let checked = 0;
      for (const rows of [1, 2, 8]) {
        for (const inputs of [1, 3, 4, 7, 8, 9, 17, 100]) {
          for (const outputs of rows === 1 ? [1, 3, 4, 5, 8, 9, 17] : [4, 12]) {
            const shape = { rows, inputs, outputs };
            for (const density of [0.1, 0.9]) {
              const graph = layer(shape, density);
              const { bytes, planSet } = compiled(graph, kernel);
              if (planSet.plans[0].schedule.steps[0].kernel !== kernel) continue;
              const engine = inputs % 2 === 0 ? 'narrow' : 'wide';
              const model = await load(withLimit(bytes, 0xffffffff), { target, engine });
              for (const share of SHARES) {
                const x = zeros(shape, share, inputs * 31 + outputs);
                for (const odd of [undefined, ...ODD]) {
                  if (odd !== undefined) x.data[oddElement(shape)] = odd;
                  const results = [model.runSync({ x }).y, evaluate(graph, OPS, { x }).y];
                  if (kernel !== KERNELS[0] && odd !== undefined && !(Math.abs(odd) < 1)) blank(results, graph, shape);
                  const wrong = difference(results[0], results[1], false);
                  assert.is(
                    wrong,
                    undefined,
                    `${rows}x${inputs}x${outputs}, ${density}, ${share} zeros, ${odd}: ${wrong}`,
                  );
                  checked++;
                }
              }
              model.dispose();
            }
          }
        }
      }
      assert.ok(checked > 1000);
    });
  }

  test(`${kernel}: the choice at run time on both sides of the limit`, async () => {
    for (const rows of [1, 4]) {
      const shape = { rows, inputs: 200, outputs: 64 };
      const graph = layer(shape, 0.3);
      // What a threshold drops tells which of the two has run.
      const { bytes, manifest } = compiled(graph, kernel, { skip: 0.25 });
      const { dynamic, note } = manifest.plans[0].steps[0];
      const { limit, total } = dynamic!;
      assert.ok(limit > 8 && limit < total, `${limit} of ${total}`);
      assert.is(total, rows * shape.inputs);
      assert.match(note!, new RegExp(`more than ${limit} of ${total} inputs`));
      assert.match(manifest.notes.join(), /skip: \|x\| <= 0.25 counts as zero in Gemm: an approximation/);
      const model = await load(bytes, { target: 'simd' });
      for (const live of [0, 1, limit - 1, limit, limit + 1, total]) {
        const data = Float32Array.from({ length: total }, (_, i) => (i < live ? 1 : i % 2 === 0 ? 0.25 : -0.125));
        // All of the last vector is small or all live: lists differ from vector to vector.
        const x = new Tensor('float32', data, [rows, shape.inputs]);
        const dropped = new Tensor(
          'float32',
          data.map((v) => (Math.abs(v) <= 0.25 ? 0 : v)),
          x.dims,
        );
        const [exact, less] = [x, dropped].map((fed) => evaluate(graph, OPS, { x: fed }).y);
        const found = model.runSync({ x }).y;
        assert.is(difference(found, live <= limit ? less : exact, false), undefined, `${live} live, limit ${limit}`);
        assert.is(model.profile({ x })[0].live, live);
      }
      model.dispose();
    }
  });
}

test('vectors of a batch walk their columns chunk by chunk', async () => {
  // Columns of 512 bytes, so that 1024 make a chunk.
  const chunk = 1024;
  for (const inputs of [chunk - 1, chunk, chunk + 1, 2 * chunk + 9]) {
    const shape = { rows: 3, inputs, outputs: 128 };
    const graph = layer(shape, 1);
    const { bytes } = compiled(graph, KERNELS[0]);
    const model = await load(withLimit(bytes, 0xffffffff), { target: 'simd' });
    for (const share of SHARES) {
      const x = zeros(shape, share, inputs);
      const wrong = difference(model.runSync({ x }).y, evaluate(graph, OPS, { x }).y, false);
      assert.is(wrong, undefined, `${inputs} inputs, ${share} zeros`);
    }
    model.dispose();
  }
});

test('skipping changes no bits where it stands back, and little where it does not', async () => {
  const shape = { rows: 3, inputs: 300, outputs: 40 };
  for (const density of [1, 0.2]) {
    const graph = layer(shape, density);
    for (const kernel of KERNELS) {
      const { bytes, planSet } = compiled(graph, kernel);
      const [step] = planSet.plans[0].schedule.steps;
      if (step.kernel !== kernel) continue;
      const still = step.alternatives
        .filter(({ kernel: other, reject }) => !reject && !other.includes('skip') && !/spmm|gemm/.test(other))
        .reduce((a, b) => (b.cost < a.cost ? b : a));
      const on = await load(bytes, { target: 'simd' });
      const off = await load(compiled(graph, still.kernel, { skip: 'off' }).bytes, { target: 'simd' });
      for (const share of SHARES) {
        const x = zeros(shape, share, 9);
        const [a, b] = [on, off].map((model) => model.runSync({ x }).y);
        assert.is(difference(a, b, false), undefined);
        if (share === 0) assert.ok(identical(a, b), `${kernel} beside ${still.kernel}`);
      }
      on.dispose();
      off.dispose();
    }
  }
});

test('weights that are not finite, more than eight vectors and skip off are left to other kernels', () => {
  const offered = (shape: Shape, options: CompileOptions, change: (w: Float32Array) => void = () => {}) => {
    const weights = randomTensor([shape.outputs, shape.inputs], 1);
    change(weights.data as Float32Array);
    const g = new GraphBuilder('fc');
    g.output(g.gemm(g.input('x', 'float32', [shape.rows, shape.inputs]), weights));
    const step = compileGraph(g.build(), options).planSet.plans[0].schedule.steps.find(({ node }) => node)!;
    return [step, ...step.alternatives].find(({ kernel }) => kernel === KERNELS[0]) as { reject?: string } | undefined;
  };
  const shape = { rows: 8, inputs: 64, outputs: 32 };
  assert.is(offered(shape, {})?.reject, undefined);
  assert.match(
    offered(shape, {}, (w) => {
      w[5] = Number.POSITIVE_INFINITY;
    })!.reject!,
    /not all finite/,
  );
  assert.is(offered({ ...shape, rows: 9 }, {}), undefined);
  assert.is(offered(shape, { skip: 'off' }), undefined);
  assert.is(offered(shape, { sparse: 'off' }), undefined);
  assert.is(offered(shape, { sparse: 'off', skip: 'auto' })?.reject, undefined);
});

test.run();
