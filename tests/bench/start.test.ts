import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { layersOf } from '../../bench/peers/layers.ts';
import { filterOf } from '../../bench/peers/tfjs_graph.ts';
import { pageSection, workerSection } from '../../bench/report/starts.ts';
import { expectAgreement } from '../../bench/start/agree.ts';
import { packLayers, unpackLayers } from '../../bench/start/layers_file.ts';
import { visitRow } from '../../bench/start/measure_pages.ts';
import { chooseFrom, OPTIONS } from '../../bench/start/options.ts';
import type { PageResults, WorkerResults } from '../../bench/start/results.ts';
import { pageLines, workerLines } from '../../bench/start/table.ts';
import { parse } from '../../src/cli/args.ts';
import { UsageError } from '../../src/cli/usage.ts';
import { flattenedNet, residualNet } from '../support/bench_nets.ts';
import { fakeResults } from '../support/bench_results.ts';
import { raises } from '../support/raises.ts';
import { runNode } from '../support/scripts.ts';

test('layers come back from their file, filters in the order that was asked for', () => {
  for (const net of [residualNet, flattenedNet]) {
    const network = layersOf(net.graph());
    const bytes = packLayers(network, filterOf);
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    for (const source of [bytes, shifted.subarray(1)]) {
      const read = unpackLayers(source);
      const stored = network.layers.map((layer) =>
        'weights' in layer ? { ...layer, weights: filterOf(layer) } : layer,
      );
      assert.equal(JSON.parse(JSON.stringify(read.layers)), JSON.parse(JSON.stringify(stored)));
      assert.equal([...read.shapes], [...network.shapes]);
      assert.equal([read.input, read.output], [network.input, network.output]);
    }
  }
});

test('first results have to be those of zeroskip', () => {
  const expected = { best: 3, value: 2 };
  expectAgreement('litert', [{ best: 3, value: 2.001 }], expected);
  expectAgreement('empty', [{ best: 0, value: 0 }], expected);
  for (const wrong of [
    { best: 2, value: 2 },
    { best: 3, value: 2.01 },
    { best: 3, value: Number.NaN },
  ])
    raises(() => expectAgreement('litert', [expected, wrong], expected), 'INTERNAL', /first result of litert/);
});

const { kind: _kind, options: _options, rows: _rows, ...facts } = fakeResults([]);
const summary = (min: number) => ({ n: 3, min, p10: min, median: min * 2, p90: min * 3 });

const visit = (ms: number, sentBytes: number, js: number) => ({
  ms,
  best: 1,
  value: 1,
  sentBytes,
  codeCache: { js, wasm: 0 },
});

const pages: PageResults = {
  ...facts,
  kind: 'start',
  host: { name: 'chromium', version: '156.0' },
  network: 'mobilenetv1-90',
  definition: 'from the navigation',
  delivery: 'as it is',
  load: [2.26, 1, 1],
  rows: [
    {
      name: 'zeroskip',
      visits: [
        visitRow([visit(120, 3e6, 0), visit(100, 3e6, 0), visit(140, 3e6, 0)]),
        visitRow([visit(90, 0, 200), visit(80, 0, 200), visit(95, 0, 200)]),
      ],
    },
    {
      name: 'litert',
      visits: [summary(500), summary(400)].map((ms, i) => ({
        ms,
        sentBytes: 1e6,
        codeCache: { js: i * 3e4, wasm: i * 2e6 },
      })),
    },
  ],
};

test('visits are shown one by one, with what was sent and what was kept', () => {
  const text = pageSection(pages).join('\n');
  assert.match(text, /\| zeroskip \| 100 \/ 120 \| 80\.0 \/ 90\.0 \| 3\.00 MB \| 200 B \/ 0 B \|/);
  assert.match(
    text,
    /\| LiteRT\.js \| 500 \/ 1000 \| 400 \/ 800 \(1\.00 MB sent\) \| 1\.00 MB \| 30\.0 KB \/ 2\.00 MB \|/,
  );
  assert.match(text, /its load was 2\.3/);
  assert.not.match(pageSection({ ...pages, load: [0.1, 9, 9] }).join('\n'), /load/);
  const lines = pageLines(pages);
  assert.ok(lines.some((line) => /^zeroskip\s+1\s+100 ms\s+120 ms\s+3\.00 MB\s+0 B\s+0 B/.test(line)));
});

const workers: WorkerResults = {
  ...facts,
  kind: 'start',
  host: { name: 'workerd', version: '2026-04-26' },
  network: 'mobilenetv1-90',
  definition: 'from spawning workerd',
  load: [0, 0, 0],
  rows: [
    { name: 'empty', ms: summary(100), requestMs: summary(10), peakBytes: summary(20e6) },
    { name: 'zeroskip', ms: summary(200), requestMs: summary(90), peakBytes: summary(30e6) },
    { name: 'ort-web', ms: summary(900), requestMs: summary(800), peakBytes: summary(90e6), asShipped: 'no compiling' },
    { name: 'litert', failed: 'no strings' },
  ],
};

test('Workers are shown with what they need, and those that do not run with why', () => {
  const text = workerSection(workers).join('\n');
  assert.match(text, /\| zeroskip \| 200 \/ 400 \| 90\.0 \/ 180 \| 60\.0 MB \| 20\.0 MB \|/);
  assert.match(text, /\| ONNX Runtime Web \\\* \| 900 \/ 1800 /);
  assert.match(text, /^\* ONNX Runtime Web: `no compiling`$/m);
  assert.match(text, /\* LiteRT\.js does not run: no strings/);
  const lines = workerLines(workers);
  assert.ok(lines.includes('  ort-web: no compiling') && lines.includes('  litert: no strings'));
});

test('measurements that do not go together are refused, and so is a browser that is not there', () => {
  const choose = (...argv: string[]) => chooseFrom(parse(argv, OPTIONS));
  assert.equal(choose('--workerd', '--core', '1', '--repeat', '3'), {
    host: 'workerd',
    times: 3,
    json: undefined,
    node: undefined,
    core: 1,
  });
  assert.is(choose().host, 'node');
  assert.is(choose('--browser').host, 'chromium');
  for (const argv of [
    ['--browser', '--workerd'],
    ['--browser', '--core', '0'],
    ['--browser', '--node', '24'],
    ['--workerd', '--node', '24'],
  ])
    assert.throws(
      () => choose(...argv),
      (error: unknown) => error instanceof UsageError,
    );
  const { status, stderr } = runNode('bench/start.ts', '--browser');
  assert.is(status, 1);
  assert.match(stderr, /^bench:start: there is no Chromium at \/there\/is\/no\/chromium/);
});

test.run();
