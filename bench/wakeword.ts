/** `npm run bench:wakeword`: networks that somebody else has trained and ships, pruned once: their errors, their latencies before and after. */
import type { Args } from '../src/cli/args.ts';
import { listOption, runScript } from './lib/command.ts';
import { MEASURING_OPTIONS, pinnedExit, startMeasuring } from './lib/measuring.ts';
import { startProgress } from './lib/progress.ts';
import { packageVersion } from './peers/host.ts';
import { featuresOf, PACKAGE } from './wakeword/features.ts';
import { measureLatency } from './wakeword/latency.ts';
import { measureErrors } from './wakeword/measure.ts';
import { NETWORKS, SPARSITIES, type WakewordResults } from './wakeword/results.ts';
import { openSubject } from './wakeword/subject.ts';
import { networkText } from './wakeword/table.ts';

const SECONDS = 20;
const RECORDINGS = { calibration: 16, heldOut: 8 };
const LATENCY_SPARSITY = 90;
/** Seeds of held-out recordings begin here. */
const HELD_OUT = 1000;

async function run(args: Args): Promise<number> {
  const exit = pinnedExit(args);
  if (exit !== undefined) return exit;
  const chosen = listOption(args, 'networks', NETWORKS);
  const budgetMs = 1000 * (args.number('seconds', 0, false) ?? 3);
  const { facts, file, write } = startMeasuring('wakeword', args);
  const versions = Object.fromEntries([PACKAGE, 'onnxruntime-web', 'onnxruntime-node'].map((name) => [name, packageVersion(name)])); // biome-ignore format: one line
  const results: WakewordResults = {
    ...facts,
    versions: { ...facts.versions, ...versions },
    package: PACKAGE,
    data:
      `No recorded speech: synthetic audio of 16 kHz (formants, fricatives, chirps and pauses over noise; bench/wakeword/audio.ts), ` +
      `${RECORDINGS.calibration} recordings of ${SECONDS} s to calibrate and ${RECORDINGS.heldOut} others to measure, run through the package's ` +
      `own melspectrogram.onnx and embedding_model.onnx in chunks of 1280 samples. Errors are taken in front of the last Sigmoid or Softmax; ` +
      `they say how far outputs move, not how many wake words are missed. Neurons that this audio never activates are lost whole, which recorded speech may need.`,
    networks: [],
  };
  const progress = startProgress();
  progress.at(0, 'audio and features');
  const seeds = (count: number, first: number) => Array.from({ length: count }, (_, i) => first + i);
  const calibration = await featuresOf(seeds(RECORDINGS.calibration, 1), SECONDS);
  const heldOut = await featuresOf(seeds(RECORDINGS.heldOut, HELD_OUT), SECONDS);
  for (const [i, name] of chosen.entries()) {
    const at = (share: number, label: string) => progress.at((i + share) / chosen.length, `${name}: ${label}`);
    at(0, 'calibration');
    const subject = await openSubject(name, calibration, heldOut);
    const errors = await measureErrors(subject, SPARSITIES, (share, label) => at(0.1 + 0.7 * share, label));
    const latency = await measureLatency(subject, LATENCY_SPARSITY, budgetMs, (share) =>
      at(0.8 + 0.2 * share, 'latency'),
    );
    const weights = subject.layers.reduce((sum, layer) => sum + layer.weights.length, 0);
    results.networks.push({ name, weights, samples: subject.samples, ...errors, ...latency });
    progress.done();
    write(results);
    console.log(networkText(results.networks.at(-1)!).join('\n'));
  }
  console.log(`results: ${file}`);
  return 0;
}

process.exitCode = await runScript(
  {
    name: 'bench:wakeword',
    summary: `the wake-word networks of ${PACKAGE}, pruned once by each method: errors on held-out inputs, latencies and sizes`,
    options: {
      networks: { type: 'string', value: 'LIST', help: `of ${NETWORKS.join(', ')} (default: all)` },
      seconds: { type: 'string', value: 'N', help: 'time for the measured runs of each network (default: 3)' },
      ...MEASURING_OPTIONS,
    },
    examples: ['bench:wakeword', 'bench:wakeword -- --networks hey_rhasspy'],
    run,
  },
  process.argv.slice(2),
);
