import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CandidateTime, Layer } from '../../bench/choice/layers.ts';
import { measureChoices } from '../../bench/choice/measure.ts';
import type { ChoiceResults } from '../../bench/choice/results.ts';
import { isNear, ratioOf, summarise } from '../../bench/choice/summary.ts';
import { block, summaryLine } from '../../bench/choice/table.ts';
import { compileGraph } from '../../src/compile.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { randomTensor } from '../support/graphs.ts';
import { runNode } from '../support/scripts.ts';

const candidate = (kernel: string, ns: number): CandidateTime => ({ kernel, kernelNs: ns, ns });

const layer = (name: string, chosenNs: number, bestNs: number): Layer => {
  const chosen = candidate('f32_spmm__csr', chosenNs);
  const best = chosenNs === bestNs ? chosen : candidate('f32_spmm__bsr4x1', bestNs);
  return { name, shape: 'conv 1x1 8 > 8, 4 x 4', zeros: 0.9, chosen, best, candidates: [chosen, best] };
};

const LAYERS = [layer('a', 1000, 1000), layer('b', 1090, 1000), layer('c', 2000, 1000), layer('d', 910, 1000)];

test('the summary counts layers near the best and what the others lose', () => {
  assert.equal(LAYERS.map(isNear), [true, true, false, true]);
  assert.is(ratioOf(LAYERS[2]), 2);
  const { layers, near, lost } = summarise(LAYERS.slice(0, 3));
  assert.equal([layers, near], [3, 2]);
  assert.ok(Math.abs(lost - 1090 / 4090) < 1e-12);
  assert.equal(summarise([]), { layers: 0, near: 0, chosenNs: 0, bestNs: 0, lost: 0 });
});

test('the table names the better kernel and marks what is far from it', () => {
  const lines = block('net-90', LAYERS.slice(0, 3));
  assert.is(lines[0], 'net-90');
  assert.match(lines[3], /^a\s+conv 1x1 8 > 8, 4 x 4\s+90 %\s+f32_spmm__csr\s+1\.00 us$/);
  assert.match(lines[4], /f32_spmm__csr\s+1\.09 us\s+f32_spmm__bsr4x1\s+1\.00 us\s+1\.09$/);
  assert.match(lines[5], /f32_spmm__bsr4x1\s+1\.00 us\s+2\.00 !$/);
  assert.is(lines[6], summaryLine(LAYERS.slice(0, 3)));
  assert.match(
    lines[6],
    /^2 of 3 layers \(66\.7 %\) within 10 % of the best kernel; their choices lose 26\.7 % of 4\.09 us$/,
  );
});

test('conversions of operands and what readers pay count as the planner counts them', async () => {
  const b = new GraphBuilder('strided');
  const weights = (randomTensor([8, 8, 1, 1], 1).data as Float32Array).map((w, i) => (i % 3 === 0 ? w : 0));
  const x = b.relu(b.input('x', 'float32', [1, 8, 16, 16]));
  b.output(b.conv(x, { dims: [8, 8, 1, 1], data: weights }, undefined, { strides: [2, 2], name: 'conv' }), 'y');
  const graph = b.build();
  const layers = await measureChoices(graph, 0.1, () => {});
  const conv = layers.find(({ name }) => name === 'conv')!;
  assert.is(conv.shape, 'conv 1x1 / 2 8 > 8, 8 x 8');
  assert.equal(new Set(conv.candidates.map(({ kernel }) => kernel)).size, conv.candidates.length);
  assert.ok(conv.candidates.length >= 3);
  const { steps } = compileGraph(graph).planSet.plans[0].schedule;
  assert.is(conv.chosen.kernel, steps.find(({ name }) => name === 'conv')?.kernel);
  const conversion = steps.find(({ op, name }) => op === 'Layout' && name !== 'y')!.cost;
  for (const { kernel, kernelNs, ns } of conv.candidates) {
    assert.ok(kernelNs > 0 && ns >= kernelNs + conversion - 1e-6, kernel);
  }
  assert.is(conv.best.ns, Math.min(...conv.candidates.map(({ ns }) => ns)));
});

test('bench:choice measures a network', () => {
  const file = join(tmpdir(), `choice-${process.pid}.json`);
  try {
    const args = ['--nets', 'lenet300', '--sparsities', '90', '--ms', '2', '--json', file];
    const { status, stdout, stderr } = runNode('bench/choice.ts', ...args);
    assert.is(status, 0, stderr);
    assert.match(stdout, /\d of \d layers \(\d+\.\d %\) within 10 % of the best kernel/);
    assert.match(stdout, /modelled conversions of its operands/);
    const { kind, rows }: ChoiceResults = JSON.parse(readFileSync(file, 'utf8'));
    assert.equal([kind, rows.length, rows[0].id], ['choice', 1, 'lenet300-90']);
    assert.is(rows[0].layers.length, 3);
    for (const { chosen, best, candidates } of rows[0].layers) {
      assert.ok(candidates.length >= 2 && best.ns > 0 && chosen.ns >= best.ns);
      assert.ok(candidates.every(({ kernelNs }) => kernelNs > 0 && kernelNs < 1e9));
    }
  } finally {
    rmSync(file, { force: true });
  }
  assert.is(runNode('bench/choice.ts', '--ms', 'soon').status, 2);
});

test.run();
