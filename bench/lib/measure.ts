import { type Compilation, type CompileOptions, compileGraph, importOnnx } from '../../src/compile.ts';
import { load } from '../../src/runtime/index.ts';
import { Tensor } from '../../src/tensor.ts';
import { type Agreement, agreement } from './agreement.ts';
import { alternate } from './alternate.ts';
import { testDigits } from './mnist.ts';
import type { Network } from './networks.ts';
import { loadPeer } from './peer.ts';
import { relativeError, type Summary } from './stats.ts';

/** Largest relative error at which logits agree. */
export const TOLERANCE = 1e-4;

const BATCH = 100;

/** What was found out about one network. */
export interface Measurement {
  name: string;
  sparsity: number;
  digits: number;
  /** PyTorch's count of right digits, and ours with zeros skipped and with zeros stored. */
  correct: { pytorch: number; sparse: number; dense: number };
  /** Relative errors of logits: ours against PyTorch's over all known digits, onnxruntime-web's against PyTorch's for the timed digit. */
  error: { sparse: number; dense: number; onnxruntime: number };
  bytes: { onnx: number; package: number; densePackage: number };
  compileMs: number;
  /** Milliseconds of one inference, batch 1. */
  latency: { sparse: Summary; dense: Summary; onnxruntime: Summary };
  /** How many times the least latency of the sparse package the others' is. */
  ratio: { dense: number; onnxruntime: number };
  /** Digits a second in batches. */
  throughput: { batch: number; sparse: number; dense: number };
  /** Bytes of all intermediate tensors at batch 1, in the arena and without any reuse. */
  arena: { peak: number; total: number };
  /** What disagrees with PyTorch; empty if nothing does. */
  disagreements: string[];
}

/** Compiles `network` with and without its zeros, runs the test digits through both, and times both beside onnxruntime-web. */
export async function measure(
  network: Network,
  budgetMs: number,
  onProgress: (share: number, label: string) => void,
): Promise<Measurement> {
  onProgress(0, 'accuracy');
  const sparse = await accuracy(network, 'auto', (share) => onProgress(0.2 * share, 'accuracy'));
  const dense = await accuracy(network, 'off', (share) => onProgress(0.2 + 0.2 * share, 'accuracy'));
  const single = await latency(network, budgetMs, (share) => onProgress(0.4 + 0.6 * share, 'latency'));
  const count = testDigits().count;
  const result: Measurement = {
    name: network.name,
    sparsity: network.sparsity,
    digits: count,
    correct: { pytorch: network.correct, sparse: sparse.correct, dense: dense.correct },
    ...single,
    error: {
      sparse: Math.max(sparse.error, single.error.sparse),
      dense: Math.max(dense.error, single.error.dense),
      onnxruntime: single.error.onnxruntime,
    },
    throughput: { batch: BATCH, sparse: (count / sparse.ms) * 1000, dense: (count / dense.ms) * 1000 },
    disagreements: [],
  };
  result.disagreements = disagreements(result);
  return result;
}

async function accuracy(
  network: Network,
  sparse: 'auto' | 'off',
  onProgress: (share: number) => void,
): Promise<Agreement> {
  const { bytes } = build(network, true, { sparse, shapes: { input: [BATCH, 1, 28, 28] } });
  const model = await load(bytes);
  const result = agreement(model, BATCH, testDigits(), network, onProgress);
  model.dispose();
  return result;
}

type Single = Pick<Measurement, 'error' | 'bytes' | 'compileMs' | 'latency' | 'ratio' | 'arena'>;

async function latency(network: Network, budgetMs: number, onProgress: (share: number) => void): Promise<Single> {
  const onnx = network.onnx(false);
  const start = performance.now();
  const packages = {
    sparse: build(network, false, { sparse: 'auto' }),
    dense: build(network, false, { sparse: 'off' }),
  };
  const compileMs = (performance.now() - start) / 2;
  const models = { sparse: await load(packages.sparse.bytes), dense: await load(packages.dense.bytes) };

  const images = network.digits();
  const pixels = images.length / network.indices.length;
  const image = (i: number) => new Tensor('float32', images.slice(i * pixels, (i + 1) * pixels), [1, 1, 28, 28]);
  const run = (kind: 'sparse' | 'dense', input: Tensor) =>
    models[kind].runSync({ [models[kind].inputs[0].name]: input })[models[kind].outputs[0].name].data as Float32Array;
  const all = (kind: 'sparse' | 'dense') =>
    Float32Array.from(network.indices.flatMap((_, i) => [...run(kind, image(i))]));

  const input = image(0);
  const peer = await loadPeer(onnx, input.data as Float32Array, input.dims);
  const error = {
    sparse: relativeError(all('sparse'), network.logits),
    dense: relativeError(all('dense'), network.logits),
    onnxruntime: relativeError(
      await peer.output(),
      network.logits.subarray(0, network.logits.length / network.indices.length),
    ),
  };
  const times = await alternate(
    { dense: () => run('dense', input), sparse: () => run('sparse', input), onnxruntime: peer.run },
    { budgetMs, onProgress },
  );
  await peer.release();
  for (const model of Object.values(models)) model.dispose();
  const [plan] = packages.sparse.manifest.plans;
  return {
    error,
    bytes: { onnx: onnx.length, package: packages.sparse.bytes.length, densePackage: packages.dense.bytes.length },
    compileMs,
    latency: times,
    ratio: { dense: times.dense.min / times.sparse.min, onnxruntime: times.onnxruntime.min / times.sparse.min },
    arena: { peak: plan.arenaBytes, total: plan.arenaTotal },
  };
}

const build = (network: Network, dynamic: boolean, options: CompileOptions): Compilation =>
  compileGraph(importOnnx(network.onnx(dynamic), network.name), options);

function disagreements({ name, correct, error }: Measurement): string[] {
  const found: string[] = [];
  for (const kind of ['sparse', 'dense'] as const) {
    if (correct[kind] !== correct.pytorch)
      found.push(`${name} (${kind}): ${correct[kind]} digits right, PyTorch ${correct.pytorch}`);
  }
  for (const kind of ['sparse', 'dense', 'onnxruntime'] as const) {
    const agrees = error[kind] <= TOLERANCE;
    if (!agrees)
      found.push(
        `${name} (${kind}): relative error of the logits ${error[kind].toExponential(1)}, at most ${TOLERANCE} allowed`,
      );
  }
  return found;
}
