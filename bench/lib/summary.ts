import { bytes } from '../../src/cli/format.ts';
import { type Column, fields, table } from '../../src/cli/table.ts';
import type { Machine } from './machine.ts';
import type { Measurement } from './measure.ts';

const WIDTH = 120;

const COLUMNS: readonly Column[] = [
  { title: 'network', least: 10 },
  ...[
    'zeros',
    'accuracy',
    'PyTorch',
    'error',
    'ONNX',
    'package',
    'dense',
    'sparse',
    'ORT',
    '/dense',
    '/ORT',
    'arena',
  ].map((title) => ({
    title,
    right: true,
  })),
];

/** Lines of the table over all networks, and of what its columns mean. */
export function summary(
  results: readonly Measurement[],
  machine: Machine,
  versions: Record<string, string | number>,
): string[] {
  const digits = results[0]?.digits.toLocaleString('en') ?? 'no';
  return [
    ...table(COLUMNS, results.map(row), WIDTH),
    '',
    ...fields([
      ['zeros', 'share of weights that are zero'],
      ['accuracy', `on the ${digits} test digits of MNIST, here and in PyTorch`],
      ['error', "largest difference from PyTorch's logits over the largest logit"],
      ['package', 'bytes of the compiled network, beside those of its ONNX file'],
      [
        'latency',
        [
          'us of one inference at batch 1 on one thread, the least of alternating runs: zeros stored (dense), zeros skipped',
          `(sparse), and onnxruntime-web ${versions['onnxruntime-web']} on the same network (ORT); /dense, /ORT: how many times sparse's they are`,
        ],
      ],
      ['arena', 'memory of all intermediate tensors at batch 1 / what it would be without reuse'],
      [
        'machine',
        `${machine.cpu}, ${machine.cores} cores${machine.pinned ? ', pinned' : ''}; Node ${machine.node}, ${machine.engine} kernels`,
      ],
    ]),
  ];
}

function row({ name, sparsity, digits, correct, error, bytes: size, latency, ratio, arena }: Measurement): string[] {
  const share = (n: number): string => `${((100 * n) / digits).toFixed(2)} %`;
  return [
    name,
    `${Math.round(100 * sparsity)} %`,
    share(correct.sparse),
    share(correct.pytorch),
    Math.max(error.sparse, error.dense).toExponential(1),
    bytes(size.onnx),
    bytes(size.package),
    microseconds(latency.dense.min),
    microseconds(latency.sparse.min),
    microseconds(latency.onnxruntime.min),
    `${ratio.dense.toFixed(1)}x`,
    `${ratio.onnxruntime.toFixed(1)}x`,
    `${short(arena.peak / 1000)}/${short(arena.total / 1000)} KB`,
  ];
}

const short = (x: number): string => x.toFixed(x < 9.95 ? 1 : 0);
const microseconds = (ms: number): string => (1000 * ms).toFixed(ms < 0.9995 ? 1 : 0);
