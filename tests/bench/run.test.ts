import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { listOption } from '../../bench/lib/command.ts';
import { groupBy } from '../../bench/lib/group.ts';
import { describeMachine } from '../../bench/lib/machine.ts';
import { lastOf, pinned } from '../../bench/lib/pin.ts';
import { benchNet, NETS } from '../../bench/nets/index.ts';
import type { Runtime, RuntimeName } from '../../bench/peers/runtime.ts';
import { compare, disagreement } from '../../bench/run/compare.ts';
import { chooseFrom, IN_BROWSER, OPTIONS } from '../../bench/run/options.ts';
import { bundlePage } from '../../bench/run/page_bundle.ts';
import { measureApart } from '../../bench/run/spawn.ts';
import { type Figure, isFigure, summarise } from '../../bench/run/summarise.ts';
import { block, factor, heading } from '../../bench/run/table.ts';
import { timeLeft } from '../../bench/run/time_left.ts';
import { parse } from '../../src/cli/args.ts';
import { UsageError } from '../../src/cli/usage.ts';
import { fakeRow, sampleRows } from '../support/bench_results.ts';
import { runNode } from '../support/scripts.ts';

const choose = (...argv: string[]) => chooseFrom(parse(argv, OPTIONS));

test('without options all networks and sparsities are measured in all runtimes, unstructured', () => {
  const { tasks, runtimes, repeat } = choose();
  assert.is(tasks.length, NETS.length * 5);
  assert.ok(tasks.every(({ pattern }) => pattern === 'unstructured'));
  assert.equal([runtimes[0], runtimes.length, repeat], ['zeroskip', 7, 3]);
});

test('options choose; without zeros there is one pattern only', () => {
  const { tasks, runtimes, node } = choose(
    ...['--nets', 'mlp', '--sparsities', '90,0', '--patterns', '4x1,unstructured', '--peers', 'litert', '--node', '24'],
  );
  assert.equal(
    tasks.map(({ sparsity, pattern }) => `${sparsity} ${pattern}`),
    ['0 unstructured', '90 unstructured', '90 4x1'],
  );
  assert.equal([runtimes, node], [['zeroskip', 'litert'], 24]);
  assert.equal(choose('--browser').runtimes, IN_BROWSER);
});

test('wrong options are named', () => {
  for (const [argv, expected] of [
    [['--nets', 'mobilenetv3'], /--nets is a list of mobilenetv1.*found 'mobilenetv3'; did you mean/],
    [['--peers', 'zeroskip'], /--peers/],
    [['--peers', 'ort-node', '--browser'], /--peers/],
    [['--sparsities', '50'], /--sparsities is a list of 0, 70/],
    [['--patterns', ''], /--patterns/],
    [['--seconds', '0'], /--seconds/],
    [['--seconds', '1e9'], /--seconds/],
    [['--repeat', '1.5'], /--repeat/],
    [['--node', '18'], /--node/],
    [['--node', '24', '--browser'], /exclude each other/],
  ] as const) {
    try {
      choose(...argv);
      assert.unreachable(argv.join(' '));
    } catch (error) {
      assert.instance(error, UsageError, `${error}`);
      assert.match((error as Error).message, expected);
    }
  }
  assert.equal(listOption(parse([], OPTIONS), 'nets', ['a', 'b']), ['a', 'b']);
});

test('exit codes: 2 for a wrong command line, 1 without Chromium, with a way to get it', () => {
  const wrong = runNode('bench/run.ts', '--net', 'mlp');
  assert.is(wrong.status, 2);
  assert.match(wrong.stderr, /^bench: unknown option '--net'; did you mean '--nets'\?/);
  const missing = runNode('bench/run.ts', '--browser');
  assert.is(missing.status, 1);
  assert.match(missing.stderr, /^bench: there is no Chromium at \/there\/is\/no\/chromium: install it \('apt-get/);
});

/** A runtime that gives `output` after `ms` milliseconds. */
const fake = (name: RuntimeName, output: number[], change: Partial<Runtime> = {}): Runtime => ({
  name,
  label: name,
  version: () => '1',
  unsupported: () => undefined,
  open: async () => ({ run() {}, output: () => Float32Array.from(output), bytes: 7, dispose() {}, notes: ['a note'] }),
  ...change,
});

test('compare times what agrees, and says why there is no time for the rest', async () => {
  const stages: string[] = [];
  const outcomes = await compare(
    benchNet('lenet300', 90),
    [
      fake('zeroskip', [1, 2, -4]),
      fake('ort-web', [1, 2, -4.001]),
      fake('litert', [1, 2.1, -4]),
      fake('litert-sparse', [], { unsupported: () => 'no zeros' }),
      fake('tfjs-wasm', [], { open: () => Promise.reject(new Error('no memory')) }),
      fake('ort-node', [1, 2, -4]),
    ],
    { seconds: 0.01, failed: { 'ort-node': 'it crashed' } },
    (share, label) => stages.push(`${share.toFixed(1)} ${label}`),
  );
  assert.equal(Object.keys(outcomes), ['zeroskip', 'ort-web', 'litert', 'litert-sparse', 'tfjs-wasm', 'ort-node']);
  assert.is(outcomes.zeroskip?.ratio, 1);
  assert.ok(outcomes['ort-web']!.times!.n >= 3 && outcomes['ort-web']!.ratio! > 0);
  assert.ok(Math.abs(outcomes['ort-web']!.error! - 0.00025) < 1e-5);
  assert.equal(outcomes['ort-web']!.notes, ['a note']);
  assert.match(outcomes.litert!.failed!, /its output differs from ours: relative error 2\.5e-2/);
  assert.is(outcomes.litert!.times, undefined);
  assert.equal(outcomes['litert-sparse'], { unsupported: 'no zeros' });
  assert.equal(outcomes['tfjs-wasm'], { failed: 'no memory' });
  assert.equal(outcomes['ort-node'], { failed: 'it crashed' });
  assert.is(stages[0], '0.0 opening zeroskip');
  assert.is(stages.at(-1), '1.0 running');
});

test('an output that says nothing, or changes between runs, is a failure', async () => {
  const net = benchNet('lenet300', 90);
  const flat = await compare(net, [fake('zeroskip', [0, 0])], { seconds: 0.01 }, () => {});
  assert.match(flat.zeroskip!.failed!, /comparing them says nothing/);
  let runs = 0;
  const drifting = fake('litert', [], {
    open: async () => ({ run: () => void runs++, output: () => Float32Array.of(1, runs), bytes: 1, dispose() {} }),
  });
  const drifted = await compare(net, [fake('zeroskip', [1, 1.01]), drifting], { seconds: 0.01 }, () => {});
  assert.match(drifted.litert!.failed!, /relative error/);
  assert.match(disagreement(Float32Array.of(1), Float32Array.of(1, 2))!, /1 outputs, ours has 2/);
  assert.match(disagreement(Float32Array.of(Number.NaN), Float32Array.of(1))!, /Infinity/);
});

test('a network is measured in a process of its own', async () => {
  const task = { network: 'lenet300', sparsity: 90, pattern: 'unstructured' } as const;
  const launch = { node: process.execPath, core: undefined };
  const labels = new Set<string>();
  const outcomes = await measureApart(
    { ...task, runtimes: ['zeroskip', 'zeroskip-dense'], options: { seconds: 0.05 } },
    launch,
    (_share, label) => labels.add(label),
  );
  assert.ok(outcomes['zeroskip-dense']!.times!.min > 0, JSON.stringify(outcomes));
  assert.equal([...labels], ['opening zeroskip', 'opening zeroskip-dense', 'running']);
  const wrong = { ...task, sparsity: 91 };
  const failed = await measureApart({ ...wrong, runtimes: ['zeroskip'], options: { seconds: 1 } }, launch, () => {});
  assert.match(failed.zeroskip!.failed!, /sparsity/);
});

test('several runs are summarised: least of minima, middle ratio and its range', () => {
  const row = fakeRow('mlp', 90, { zeroskip: 1, litert: 4 });
  for (const [i, ratio] of [4.2, 3.9, 4].entries()) row.runs[i].outcomes.litert!.ratio = ratio;
  const [, litert] = summarise(row);
  assert.ok(isFigure(litert));
  assert.equal([litert.runs, litert.min, litert.ratio, litert.ratios], [3, 4, 4, [3.9, 4.2]]);
  row.runs[0].outcomes.litert!.notes = ['it takes 1.02x the time', 'another'];
  row.runs[1].outcomes.litert!.notes = ['it takes 1x the time'];
  assert.equal((summarise(row)[1] as Figure).notes, ['it takes 1.02x the time', 'another']);
  row.runs[1].outcomes.litert = { failed: 'it crashed' };
  assert.equal(summarise(row)[1], { runtime: 'litert', failed: true, reason: 'it crashed' });
});

test('the table has a line for each runtime', () => {
  const [first, , , fourth] = sampleRows().map(block);
  assert.is(heading()[0].split(/\s+/).join(' '), 'network runtime min p10 median p90 ours x runs error model');
  assert.match(
    first[0],
    /^mobilenetv1-0\s+zeroskip\s+34\.0 ms\s+37\.8 ms\s+41\.2 ms\s+51\.5 ms\s+1\.00\s+1\.00-1\.00\s+1e-6\s+1\.00 MB$/,
  );
  assert.match(first[3], /^\s+litert-sparse\s+-: no zeros$/);
  assert.match(fourth[2], /^\s+litert\s+ERROR: its output differs/);
  assert.equal([0.9712, 9.996, 12.34, 123.4].map(factor), ['0.97', '10.0', '12.3', '123']);
});

test('the time left is estimated once there is something to go by', () => {
  let now = 0;
  const left = timeLeft(() => now);
  now = 1000;
  assert.is(left(0.5), '');
  now = 60_000;
  assert.equal(
    [left(0), left(0.5), left(0.1), left(0.005)],
    ['', 'about 60 s left', 'about 9 min left', 'about 3.3 h left'],
  );
});

test('the page is one script that needs nothing of Node', async () => {
  const code = new TextDecoder().decode(await bundlePage());
  assert.not.match(code, /(from|import)\s*["']node:/);
  assert.match(code, /compareNet/);
});

test('pinning, grouping and the features of the processor', () => {
  assert.equal(['0-3,8', '5', '0-1', ''].map(lastOf), [8, 5, 1, undefined]);
  assert.equal(pinned(3, 'node', ['x']), ['taskset', ['-c', '3', 'node', 'x']]);
  assert.equal(pinned(undefined, 'node', ['x']), ['node', ['x']]);
  assert.equal(
    [...groupBy([1, 2, 3], (x) => x % 2)],
    [
      [1, [1, 3]],
      [0, [2]],
    ],
  );
  assert.ok(Array.isArray(describeMachine().features));
});

test.run();
