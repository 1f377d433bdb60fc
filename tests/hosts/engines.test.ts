import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { relativeError } from '../../bench/lib/stats.ts';
import { load, Tensor } from '../../src/runtime/index.ts';
import { root } from '../support/sources.ts';
import { TOLERANCE } from './check.ts';
import { stage } from './site.ts';

const { folder, model } = await stage('node');
cpSync(join(root, 'tests', 'hosts', 'engine_probe.mjs'), join(folder, 'engine_probe.mjs'));

interface Found {
  /** The engine itself has no SIMD. */
  real: boolean;
  results: { logits?: number[]; zeroskip?: boolean; code?: string; message?: string }[];
}

function probe(lacking: 'simd' | 'threads', ...flags: string[]): Found {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, 'engine_probe.mjs', lacking], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.is(status, 0, stderr);
  return JSON.parse(stdout);
}

test('an engine without SIMD is an error that says so, whatever the package comes from', () => {
  // V8 has no SIMD on processors without SSE 4.1.
  const x64 = process.arch === 'x64';
  const { real, results } = probe('simd', ...(x64 ? ['--no-enable-sse4-1'] : []));
  assert.is(real, x64);
  assert.is(results.length, 3);
  for (const { zeroskip, code, message } of results) {
    assert.ok(zeroskip, message);
    assert.is(code, 'UNSUPPORTED_HOST');
    assert.match(message!, /no WebAssembly SIMD/);
  }
});

test('an engine without shared memory and threads is fine', async () => {
  const input = new Tensor('float32', new Float32Array(784), [1, 1, 28, 28]);
  const { logits } = (await load(model)).runSync({ input });
  const { results } = probe('threads');
  assert.is(results.length, 3);
  for (const result of results) {
    assert.ok(result.logits, result.message);
    assert.ok(relativeError(result.logits!, logits.data as Float32Array) <= TOLERANCE);
  }
});

test.run();
