import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { skipChart } from '../../bench/skip/chart.ts';
import { measureCurve } from '../../bench/skip/curve.ts';
import type { SkipResults } from '../../bench/skip/results.ts';
import { measureStack } from '../../bench/skip/stack.ts';
import { curveLines } from '../../bench/skip/table.ts';
import { runNode } from '../support/scripts.ts';

test('a curve has three ways at every share of zeros, and a chart of them', async () => {
  for (const [sparsity, pattern] of [
    [0, 'unstructured'],
    [90, '4x1'],
  ] as const) {
    const curve = await measureCurve({ inputs: 256, outputs: 128, sparsity, pattern }, 0.01, () => {});
    assert.match(curve.kernels.chosen, sparsity ? /_skip__csc/ : /_skip__columns/);
    assert.not.match(curve.kernels.static, /skip/);
    assert.ok(curve.bytes.chosen > curve.bytes.static && curve.limit > 0);
    for (const { zeros, live, times } of curve.points) {
      assert.is(live, 256 - Math.round((256 * zeros) / 100));
      for (const { min } of Object.values(times)) assert.ok(min > 0);
    }
    const last = curve.points.at(-1)!;
    assert.ok(last.times.walked.min < last.times.static.min, 'it skips');
    assert.is(curveLines(curve).length, 3 + curve.points.length);
    const svg = skipChart({ host: { name: 'node', version: '20' }, curves: [curve] } as unknown as SkipResults);
    for (const way of ['chosen', 'walked', 'static']) assert.match(svg, new RegExp(`data-runtime="${way}"`));
    assert.match(svg, /zeros in the input, %/);
  }
});

test('the hidden elements of the stack have their share of zeros', async () => {
  const stack = await measureStack(0.01, { layers: 2, width: 128, hidden: 512, zeros: 90 });
  assert.ok(Math.abs(stack.zeros - 90) < 1, `${stack.zeros} %`);
  assert.ok(stack.error < 1e-5);
  assert.ok(stack.bytes.on > stack.bytes.off);
});

test('bench:skip writes its results, and names what is wrong with its options', () => {
  const folder = mkdtempSync(join(tmpdir(), 'zeroskip-'));
  try {
    const json = join(folder, 'skip.json');
    const { status, stderr } = runNode('bench/skip.ts', '--filter', 'nothing', '--json', json);
    assert.is(status, 0, stderr);
    assert.equal(JSON.parse(readFileSync(json, 'utf8')).curves, []);
    assert.is(runNode('bench/skip.ts', '--seconds', 'long').status, 2);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();
