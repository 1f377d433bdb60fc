import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { NetworkResults } from '../../bench/lib/results.ts';
import { readResults, resultsFile, stamp, writeResults } from '../../bench/lib/results.ts';
import { collect } from '../../bench/report/collect.ts';
import { kernelSection, startSection } from '../../bench/report/further.ts';
import { losses } from '../../bench/report/losses.ts';
import { latencies, milliseconds } from '../../bench/report/markdown.ts';
import { BEGIN, END, withSection } from '../../bench/report/readme.ts';
import { section } from '../../bench/report/section.ts';
import { fakeResults, fakeRow, sampleRows } from '../support/bench_results.ts';
import { raises } from '../support/raises.ts';
import { runNode } from '../support/scripts.ts';

const [host] = collect([fakeResults(sampleRows())]);

test('rows are quoted from their newest measurement, if three processes have seen them', () => {
  const older = fakeResults([...sampleRows(), fakeRow('lenet300', 90, { zeroskip: 1 }, 2)], {
    date: '2025-01-01T00:00:00.000Z',
  });
  const newer = fakeResults([fakeRow('mlp', 90, { zeroskip: 0.05 }), fakeRow('mlp', 0, { zeroskip: 9 }, 2)]);
  const chromium = fakeResults([fakeRow('mlp', 90, { zeroskip: 0.2 })], {
    host: { name: 'chromium', version: '156.0' },
  });
  const node24 = fakeResults([fakeRow('mlp', 90, { zeroskip: 0.3 })], { host: { name: 'node', version: '24.1.0' } });
  const hosts = collect([chromium, node24, newer, older]);
  assert.equal(
    hosts.map(({ label }) => label),
    ['Node 20.1.2', 'Node 24.1.0', 'Chromium 156.0'],
  );
  const least = (id: string) => {
    const quoted = hosts[0].rows.find(({ row }) => row.id === id);
    return quoted?.row.runs[0].outcomes.zeroskip?.times?.min;
  };
  assert.is(least('mlp-90'), 0.05, 'the newer one');
  assert.is(least('mlp-0'), 1.2, 'two processes are not enough');
  assert.is(least('lenet300-90'), undefined);
  assert.equal(
    hosts[0].rows.map(({ row }) => row.id),
    ['mobilenetv1-0', 'mobilenetv1-90', 'mobilenetv1-95', 'mlp-0', 'mlp-90'],
    'networks in their usual order',
  );
});

test('the table has the least time in bold, ratios to ours, gaps and errors', () => {
  const lines = latencies(host);
  assert.is(lines[0], '| network | zeros | zeroskip | ONNX Runtime Web | LiteRT.js | LiteRT.js, sparse tensors |');
  assert.is(lines[2], '| MobileNetV1 1.0, 224 | 0 % | 34.0 | 49.0 (1.44x) | **33.0** (0.97x) | – |');
  assert.is(lines[3], '|  | 90 % | **5.00** | 49.0 (9.80x) | 33.0 (6.60x) | 8.20 (1.64x) |');
  assert.is(lines[5], '| MLP 784-2048-2048-2048-10 | 0 % | 1.20 | **1.10** (0.92x) | error |  |');
});

test('a remark on a peer is marked and listed', () => {
  const rows = sampleRows();
  for (const { outcomes } of rows[1].runs) outcomes['litert-sparse']!.notes = ['zeros are not skipped'];
  const [noted] = collect([fakeResults(rows)]);
  assert.match(latencies(noted)[3], /8\.20 \(1\.64x\) \\\*/);
  assert.match(
    section([{ results: noted, chart: 'c' }], []),
    /\* mobilenetv1-90, LiteRT.js, sparse tensors: zeros are not skipped/,
  );
});

test('losses are listed by runtime with factors', () => {
  assert.equal(losses(host), [
    '* **ONNX Runtime Web**: zeroskip is faster in 4 of 5 cases (1.44x to 16.3x), slower in 1:',
    '  * MLP 784-2048-2048-2048-10: 1.09x at 0 %',
    '* **LiteRT.js**: zeroskip is faster in 2 of 4 cases (6.60x to 11.0x), even in 1, slower in 1:',
    '  * MobileNetV1 1.0, 224: 1.03x at 0 %',
    '* **LiteRT.js, sparse tensors**: zeroskip is faster in 2 of 2 cases (1.64x to 1.90x), slower in none.',
  ]);
});

test('the section names machine, versions, commit and failures', () => {
  const text = section([{ results: host, chart: 'docs/x.svg' }], ['### More']);
  for (const part of [
    'Imaginary 9000 (2 cores, 24.0 GB, AVX-512), one thread',
    'zeroskip 0.1.0, ONNX Runtime Web 1.30.0',
    '### Node 20.1.2',
    '(docs/x.svg)',
    '* mlp-0, LiteRT.js: its output differs <&> from ours',
    'Measured on 2026-01-02, commit 0123456789, pinned to one core.',
    '### More',
  ]) {
    assert.ok(text.includes(part), `${part}\nis not in\n${text}`);
  }
  assert.match(section([], []), /No results yet/);
});

test('the README changes between its markers only', () => {
  const readme = `# x\n${BEGIN}\nold\n${END}\nrest\n`;
  assert.is(withSection(readme, '\nnew\n'), `# x\n${BEGIN}\n\nnew\n\n${END}\nrest\n`);
  assert.is(withSection(withSection(readme, 'a'), 'b'), withSection(readme, 'b'));
  for (const wrong of ['# x', `${BEGIN}`, `${END}${BEGIN}`, `${BEGIN}${BEGIN}${END}`, `${BEGIN}${END}${END}`]) {
    raises(() => withSection(wrong, 'new'), 'FILE_ERROR', /README/);
  }
});

test('results are written in one piece and read newest first', () => {
  const folder = mkdtempSync(join(tmpdir(), 'zeroskip-results-'));
  try {
    for (const date of ['2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z']) {
      writeResults(join(folder, `networks-${stamp(date)}.json`), fakeResults([], { date }));
    }
    writeFileSync(join(folder, 'other.json'), '{');
    const dates = readResults<NetworkResults>('networks', folder).map(({ date }) => date.slice(0, 7));
    assert.equal(dates, ['2026-02', '2026-01']);
    assert.equal(readResults('networks', join(folder, 'missing')), []);
    writeFileSync(join(folder, 'networks-broken.json'), '{');
    raises(() => readResults('networks', folder), 'FILE_ERROR', /networks-broken\.json is not JSON/);
    assert.match(
      resultsFile('networks', { name: 'node', version: '20.1.2' }, '2026-01-02T03:04:05.678Z'),
      /bench.results.networks-node-20-20260102T030405\.json$/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('bench:report writes README and charts from a folder of results', () => {
  const folder = mkdtempSync(join(tmpdir(), 'zeroskip-report-'));
  try {
    writeResults(join(folder, 'networks-a.json'), fakeResults(sampleRows()));
    writeFileSync(join(folder, 'README.md'), `# x\n\n${BEGIN}\n${END}\n`);
    const { status, stderr } = runNode('bench/report.ts', '--results', folder, '--root', folder);
    assert.is(status, 0, stderr);
    const readme = readFileSync(join(folder, 'README.md'), 'utf8');
    assert.match(readme, /\*\*5\.00\*\*[^\n]*49\.0 \(9\.80x\)/);
    assert.match(readFileSync(join(folder, 'docs/latency-node-20.svg'), 'utf8'), /^<svg /);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('start, sizes and kernels have their sections', () => {
  const { kind: _kind, options: _options, rows: _rows, ...facts } = fakeResults([]);
  const summary = (min: number) => ({ n: 7, min, p10: min, median: min * 2, p90: min * 3 });
  const size = { raw: 1e6, gzip: 5e5, brotli: 4e5 };
  const start = startSection({
    ...facts,
    kind: 'start',
    host: { name: 'node', version: '20.1.2' },
    definition: 'from spawning a process',
    load: [0, 0, 0],
    network: 'mobilenetv1-90',
    rows: [{ name: 'empty', ms: summary(41), peakBytes: summary(4e7) }],
    runtimes: { litert: size },
    models: { ONNX: size },
  }).join('\n');
  assert.match(start, /\| an empty script \| 41\.0 \| 82\.0 \| 80\.0 MB \|/);
  assert.match(start, /\| LiteRT\.js \| 1\.00 MB \| 500 KB \| 400 KB \|/);
  const row = (gflops: number) => ({
    id: 'k | s | 90',
    kernel: 'k',
    site: `layer ${gflops}`,
    sparsity: 90,
    pattern: '4x1',
    seconds: [1],
    gflops,
    ofCeiling: gflops / 60,
    weightBytes: 10,
    gbytes: 3,
  });
  const kernels = kernelSection({
    ...facts,
    kind: 'kernels',
    variant: 'simd',
    ceiling: { mulAdd: 60, madd: null, loads: { '16 KB': 115.4 } },
    rows: [row(30), row(45), row(12)],
  }).join('\n');
  assert.match(kernels, /multiply and add 60\.0 GFLOP\/s;/);
  assert.match(kernels, /115 GB\/s from 16 KB/);
  assert.match(kernels, /\| `k` \| layer 45 \| 90 % \| 45\.0 \| 75 % \| 3\.0 \|/);
});

test('milliseconds have three digits', () => {
  assert.equal([0.012345, 1, 12.345, 99.96, 312.4].map(milliseconds), ['0.0123', '1.00', '12.3', '100', '312']);
});

test.run();
