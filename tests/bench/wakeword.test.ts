import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { wakewordSection } from '../../bench/report/wakeword.ts';
import { speechLike } from '../../bench/wakeword/audio.ts';
import { embeddingInputs, featuresOf, headInputs } from '../../bench/wakeword/features.ts';
import { measureErrors } from '../../bench/wakeword/measure.ts';
import type { WakewordNetwork, WakewordResults } from '../../bench/wakeword/results.ts';
import { openSubject, type Subject } from '../../bench/wakeword/subject.ts';

const calibration = await featuresOf([1], 4);
const heldOut = await featuresOf([1000], 4);

test('audio is the same for the same seed, differs between seeds, and is neither silent nor clipped', () => {
  const audio = speechLike(2, 3);
  assert.is(audio.length, 32_000);
  assert.equal(speechLike(2, 3), audio);
  assert.not.equal(speechLike(2, 4), audio);
  const power = audio.reduce((sum, x) => sum + x * x, 0) / audio.length;
  assert.ok(power > 1e-4 && power < 0.1, `${power}`);
  assert.ok(audio.every((x) => x >= -1 && x <= 1));
  assert.ok(audio.filter((x) => Math.abs(x) === 1).length < 100);
});

test('windows are 76 spectra, 8 apart, heads read embeddings that follow each other', () => {
  const [windows] = calibration.windows;
  // 50 chunks of 5 spectra.
  assert.is(windows.length, Math.floor((250 - 76) / 8) + 1);
  assert.equal(windows[1].subarray(0, 68 * 32), windows[0].subarray(8 * 32));
  const inputs = headInputs(calibration, 16, 2);
  assert.equal(inputs.dims, [4, 16, 96]);
  assert.equal((inputs.data as Float32Array).slice(16 * 96, 17 * 96), calibration.embeddings[0][2]);
  assert.equal(embeddingInputs(calibration, 12).dims, [2, 76, 32, 1]);
});

test('a subject: no error with its own weights, more with fewer, and a graph that still gives scores', async () => {
  const subject = await openSubject('hey_rhasspy', calibration, heldOut);
  const weights = subject.layers.map((layer) => layer.weights);
  assert.equal(await subject.error(weights), { error: 0, mse: 0 });
  assert.ok((await subject.error([weights[0].map(() => 0), ...weights.slice(1)])).mse > 0.01);
  assert.ok(subject.graph.nodes.some(({ op }) => op === 'Sigmoid'));
  assert.is(subject.with(weights).nodes.length, subject.graph.nodes.length);
  assert.not.equal(subject.sample.data, calibration.embeddings[0]);
});

test('hey_jarvis without its verifier: three layers', async () => {
  const { layers } = await openSubject('hey_jarvis', calibration, heldOut);
  assert.equal(
    layers.map(({ layer }) => [layer.rows, layer.cols]),
    [
      [128, 1536],
      [128, 128],
      [1, 128],
    ],
  );
});

test('OBC is left out, with the reason, where it would take minutes', async () => {
  const { layers } = await openSubject('hey_rhasspy', calibration, heldOut);
  const huge = { layers: layers.map((own) => ({ ...own, layer: { ...own.layer, cols: 1e5 } })) };
  const { curves, skipped } = await measureErrors(huge as unknown as Subject, [], () => {});
  assert.equal([...new Set(curves.map(({ method }) => method))], ['magnitude', 'wanda', 'sparsegpt']);
  assert.match(skipped[0].reason, /its largest layer would take 5\.3e\+15 multiplications, the limit is 3e\+10/);
});

test('the section of the README', () => {
  const summary = (min: number) => ({ n: 9, min, p10: min, median: 2 * min, p90: 3 * min });
  const times = {
    'zeroskip dense': summary(0.0041),
    'zeroskip pruned': summary(0.0028),
    'ort-web dense': summary(0.0148),
    'ort-web pruned': summary(0.0149),
    'ort-node dense': summary(0.0173),
    'ort-node pruned': summary(0.0179),
  };
  const network: WakewordNetwork = {
    name: 'alexa',
    weights: 50208,
    samples: { calibration: 9, heldOut: 4 },
    curves: [
      { method: 'magnitude', allocation: 'uniform', points: [{ sparsity: 90, error: 0.7, mse: 0.41 }] },
      { method: 'magnitude', allocation: 'erk', points: [{ sparsity: 90, error: 0.7, mse: 0.015 }] },
    ],
    skipped: [],
    latency: { sparsity: 90, times },
    bytes: { onnx: 204_081, dense: 211_000, pruned: 41_300 },
  };
  const lines = wakewordSection({
    host: { name: 'node', version: '20.1.0' },
    package: 'p',
    versions: { p: '1.2.3' },
    networks: [network],
  } as unknown as WakewordResults);
  assert.ok(lines.includes('| alexa | 50208 | 1.5 % | – | – | – |'), lines.join('\n'));
  assert.ok(lines.includes('| alexa | 4.10 | 2.80 | 14.8 | 17.3 | 204 KB | 211 KB | 41.3 KB |'), lines.join('\n'));
});

test.run();
