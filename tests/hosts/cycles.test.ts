import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { growthOf } from '../../bench/cycles/growth.ts';
import { measureCycles, type Program } from '../../bench/cycles/measure.ts';
import type { Curve, Way } from '../../bench/cycles/results.ts';
import { compileGraph } from '../../src/compile.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { load } from '../../src/runtime/index.ts';
import { randomTensor } from '../support/graphs.ts';
import { root } from '../support/sources.ts';
import { bunPath } from './bun.ts';
import { denoPath } from './deno.ts';
import { stage } from './site.ts';

const CYCLES = 100;
const EVERY = 5;

const SIZE = 640;

const { folder } = await stage('node');
const script = join(folder, 'child.mjs');
const file = join(folder, 'large.zsk');
cpSync(join(root, 'bench', 'cycles', 'child.mjs'), script);
const g = new GraphBuilder('large');
const x = g.input('x', 'float32', [1, SIZE]);
g.output(g.gemm(x, randomTensor([SIZE, SIZE]), randomTensor([SIZE])), 'y');
// Weights of 1.6 MB: beside them the steps in which an engine takes memory for its heap and its code are small.
const bytes = compileGraph(g.build()).bytes;
writeFileSync(file, bytes);
const { memoryBytes } = await load(bytes);

const run = (program: Program, way: Way): Promise<Curve> =>
  measureCycles(program, { package: file, way, cycles: CYCLES, every: EVERY, collect: true }, script);

/** A process that keeps this share of the memory of each model has a leak. */
const SHARE = 1 / 4;

/** Bytes of the JavaScript heap that a cycle may leave behind. */
const HEAP = 4096;

/** Anonymous memory that a cycle leaves behind. */
const perCycleOf = ({ samples }: Curve): number =>
  growthOf(samples.map((sample) => ({ ...sample, rss: sample.anonymous ?? sample.rss }))).perCycle;

const heapOf = ({ samples }: Curve): number =>
  growthOf(samples.map((sample) => ({ ...sample, rss: sample.heapUsed }))).perCycle;

async function expectFlat(name: string, program: Program, way: Way): Promise<Curve> {
  const curve = await run(program, way);
  const perCycle = perCycleOf(curve);
  assert.ok(perCycle < SHARE * memoryBytes, `${name}, ${way}: ${perCycle} bytes of ${memoryBytes} a cycle`);
  return curve;
}

const node: Program = [process.execPath, '--expose-gc'];

test('cycles of load, run and dispose leave nothing behind, nor do loads that fail', async () => {
  for (const way of ['dispose', 'fail'] as const) {
    const curve = await expectFlat('Node', node, way);
    assert.ok(heapOf(curve) < HEAP, `${way}: ${heapOf(curve)} bytes of heap a cycle`);
  }
});

test('what is left behind is seen', async () => {
  const curve = await run(node, 'keep');
  assert.ok(perCycleOf(curve) > 2 * SHARE * memoryBytes, `${perCycleOf(curve)} bytes of ${memoryBytes} a cycle`);
  assert.ok(heapOf(curve) > 2 * HEAP);
});

const others: [string, Program | undefined][] = [
  [
    'Deno',
    existsSync(denoPath) ? [denoPath, 'run', '--cached-only', '--allow-all', '--v8-flags=--expose-gc'] : undefined,
  ],
  ['Bun', bunPath ? [bunPath, 'run', '--no-install'] : undefined],
];

for (const [name, program] of others) {
  if (!program) {
    console.log(`\n${name} is skipped: it is not installed`);
    test.skip(name, () => undefined);
    continue;
  }
  test(`nor do they in ${name}`, async () => {
    await expectFlat(name, program, 'dispose');
  });
}

test.run();
