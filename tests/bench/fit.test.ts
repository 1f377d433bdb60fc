import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { constantsOf, fitGroups, type GroupFit } from '../../bench/fit/fit.ts';
import { GRID } from '../../bench/fit/grid.ts';
import { measureSite } from '../../bench/fit/measure.ts';
import { errorsOf, predict, solve } from '../../bench/fit/solve.ts';
import { withConstants } from '../../bench/fit/source.ts';
import { fitTable, worstLines } from '../../bench/fit/table.ts';
import { linear } from '../../bench/kernels/sites.ts';
import { GEMM_VECTORS } from '../../scripts/kernels/gemm.ts';
import { TILES } from '../../scripts/kernels/spmm.ts';
import { SPMM_FORMATS } from '../../src/ops/common/linear.ts';
import { TILE_VECTORS } from '../../src/ops/common/spmm.ts';
import { runNode } from '../support/scripts.ts';
import { root } from '../support/sources.ts';

const point = (a: number, b: number, ns: number) => ({ terms: { a, b }, ns });

test('the solver finds the constants that made the times', () => {
  const points = [point(10, 1, 23), point(1, 10, 32), point(5, 5, 25), point(100, 0, 200)];
  const { a, b, unseen } = solve(points, { a: 0, b: 0, unseen: 7 });
  assert.ok(Math.abs(a - 2) < 1e-6 && Math.abs(b - 3) < 1e-6, `${a}, ${b}`);
  assert.is(unseen, 7);
  assert.ok(errorsOf({ a, b }, points).worst < 1e-6);
});

test('no constant is negative, and errors count relative to the time', () => {
  const { a, b } = solve([point(1, 0, 2), point(1, 1, 1)], { a: 1, b: 1 });
  assert.is(b, 0);
  // Least squares of a / 2 - 1 and a - 1.
  assert.ok(Math.abs(a - 1.2) < 1e-6);
  const { mean, worst } = errorsOf({ a: 1, b: 0 }, [point(1, 0, 2), point(1, 1, 1)]);
  assert.equal([mean, worst], [0.25, 0.5]);
});

test('every kernel of a layer whose cost is fitted is measured under the terms that the planner counts', async () => {
  const points = await measureSite(linear(1, 64, 48), 0.003, () => {});
  assert.ok(points.length >= 6);
  for (const { id, group, terms, ns } of points) {
    assert.match(group, /^SPMV\./);
    assert.ok(ns > 0 && predict(constantsOf(group), { terms, ns }) > 0, id);
    for (const term of Object.keys(terms)) assert.type(constantsOf(group)[term], 'number', term);
  }
  const [fit] = fitGroups(points);
  assert.equal(Object.keys(fit.fitted), Object.keys(fit.source));
  assert.ok(fit.errors.fitted.mean <= fit.errors.source.mean + 0.05);
});

test('measurements that were disturbed are left out, and count as errors', () => {
  const terms = { weight: 1000 };
  const points = [200, 200, 200, 900].map((ns, i) => ({ id: `p${i}`, group: 'SPMV.csr', terms, ns }));
  const [{ fitted, disturbed, errors, worst }] = fitGroups(points);
  assert.equal([fitted.weight, disturbed, worst.id], [0.2, 1, 'p3']);
  assert.ok(errors.fitted.worst > 0.7);
});

test('the grid has the shapes that networks have', () => {
  const names = GRID.map(({ name }) => name);
  assert.is(new Set(names).size, names.length);
  for (const size of [7, 14, 28, 56, 112]) {
    for (const window of ['1x1', '3x3']) {
      assert.ok(names.some((name) => name.startsWith(`conv ${window} `) && name.endsWith(`${size} x ${size}`)));
    }
  }
});

const fake = (group: string, fitted: Record<string, number>): GroupFit => ({
  group,
  points: 3,
  disturbed: 1,
  source: constantsOf(group),
  fitted: { ...constantsOf(group), ...fitted },
  errors: { source: { mean: 0.1, worst: 0.5 }, fitted: { mean: 0.05, worst: 0.2 } },
  worst: { id: 'f32_spmm__csr | conv | 90', ratio: 0.8 },
});

test('fitted constants replace those of the source and nothing else', () => {
  const text = readFileSync(join(root, 'src/ops/common/costs.ts'), 'utf8');
  assert.is(withConstants(text, []), text, 'the file is formatted as it is written');
  const changed = withConstants(text, [fake('SPMM.csr', { weight: 0.123 }), fake('SPMV.csr', { row: 4.56 })]);
  const lines = text.split('\n');
  const different = changed.split('\n').filter((line, i) => line !== lines[i]);
  assert.is(different.length, 2);
  assert.match(different[0], /^ {2}csr: \{ weight: 0\.123, /);
  assert.match(different[1], /^ {2}csr: .* row: 4\.56, /);
});

test('the table names constants and errors', () => {
  const fits = [fake('SPMV.csr', { row: 4.56 })];
  const lines = fitTable(fits);
  assert.match(lines[2], /^SPMV\.csr \(3 measurements, 1 disturbed\)\s+10\.0 %, 50\.0 %\s+5\.0 %, 20\.0 %$/);
  assert.ok(lines.some((line) => /^ {2}row\s+[\d.]+\s+4\.56$/.test(line)));
  assert.equal(worstLines(fits), ['SPMV.csr: f32_spmm__csr | conv | 90: modelled 0.80x as long as it is']);
});

test('the cost model counts the tiles that the narrow class has', () => {
  for (const { format } of SPMM_FORMATS)
    assert.is(TILE_VECTORS[format], format === 'dense' ? GEMM_VECTORS : TILES[format].narrow, format);
});

test('bench:fit prints a fit, and names what is wrong with its options', () => {
  const { status, stdout, stderr } = runNode('bench/fit.ts', '--filter', 'linear 300 >', '--seconds', '0.003');
  assert.is(status, 0, stderr);
  assert.match(stdout, /SPMV\.csr \(\d+ measurements, \d+ disturbed\)/);
  assert.is(runNode('bench/fit.ts', '--seconds', 'long').status, 2);
  assert.is(runNode('bench/fit.ts', '--filter', 'conv', '--write').status, 2);
});

test.run();
