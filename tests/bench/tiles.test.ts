import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { planes } from '../../bench/tiles/measure.ts';
import { breakEven, type TileResults } from '../../bench/tiles/results.ts';
import { mulberry32 } from '../support/case_graph.ts';
import { runNode } from '../support/scripts.ts';

const point = (zeros: number, fixedMs: number, liveMs: number) => ({ zeros, fixedMs, liveMs });

test('break-even lies where the times cross for the last time', () => {
  assert.is(breakEven([point(0, 2, 3), point(0.5, 2, 2.5), point(1, 2, 1)]), 0.5 + 0.5 / 3);
  assert.is(breakEven([point(0, 2, 1.9), point(1, 2, 1)]), 0);
  assert.is(breakEven([point(0, 2, 1.9), point(1, 2, 3)]), null);
  assert.is(breakEven([]), null);
});

test('inputs have their share of zero tiles or channels', () => {
  for (const pattern of ['tiles', 'channels'] as const) {
    const next = planes(784, 0.75, pattern, mulberry32(3));
    const data = Float32Array.from({ length: 784 * 200 }, next);
    const zeros = data.filter((x) => x === 0).length / data.length;
    assert.ok(Math.abs(zeros - 0.75) < 0.1, `${pattern}: ${zeros}`);
    for (let plane = 0; plane < data.length; plane += 784) {
      const width = pattern === 'tiles' ? 32 : 784;
      const parts = Array.from({ length: Math.ceil(784 / width) }, (_, i) =>
        data.subarray(plane + i * width, plane + Math.min(784, (i + 1) * width)),
      );
      for (const part of parts) assert.ok(part.every((x) => x === 0) || part.every((x) => x !== 0), pattern);
    }
  }
});

test('bench:tiles measures a layer', () => {
  const file = join(tmpdir(), `tiles-${process.pid}.json`);
  try {
    const args = ['--filter', '512, 7 x 7 | 90 | channels', '--ms', '4', '--json', file];
    const { status, stdout, stderr } = runNode('bench/tiles.ts', ...args);
    assert.is(status, 0, stderr);
    assert.match(stdout, /f32_spmm__csc .*\d/);
    const { kind, rows }: TileResults = JSON.parse(readFileSync(file, 'utf8'));
    assert.equal([kind, rows.length, rows[0].live], ['tiles', 1, 'f32_spmm__csc']);
    assert.ok(rows[0].points.every(({ fixedMs, liveMs }) => fixedMs > 0 && liveMs > 0));
  } finally {
    rmSync(file, { force: true });
  }
});

test.run();
