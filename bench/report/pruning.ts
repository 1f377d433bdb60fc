import { duration } from '../../src/cli/format.ts';
import { ALLOCATIONS, METHODS, type PrunedLatency, type PruneResults, type Way } from '../prune/results.ts';
import { markdownTable } from './markdown.ts';

const METHOD_NAMES = { magnitude: 'magnitude', wanda: 'Wanda', sparsegpt: 'SparseGPT', obc: 'OBC' } as const;
const ALLOCATION_NAMES = { uniform: 'same share in each layer', erk: 'ERK' } as const;
const WAY_NAMES: Readonly<Record<Way, string>> = {
  uniform: 'magnitude, one sparsity for all layers',
  search: 'magnitude, searched',
  'search, SparseGPT': 'SparseGPT, searched',
  'channels, repaired': 'channels removed, searched, least squares and batch norm',
};

/** Pruning without training: the largest sparsities within a point of accuracy, and accuracies at measured latencies. */
export function pruningSection({ samples, digits, networks }: PruneResults, timed?: PruneResults): string[] {
  return [
    '### Pruning without training',
    '',
    `The largest share of zeros that costs at most one point of accuracy on ${digits} test digits; ${samples} training digits calibrate (\`npm run bench:prune\`):`,
    '',
    ...markdownTable(
      ['', ...METHODS.map((method) => METHOD_NAMES[method])],
      ['left', ...METHODS.map(() => 'right' as const)],
      networks.flatMap(({ name, curves }) =>
        ALLOCATIONS.map((allocation) => [
          `${name}, ${ALLOCATION_NAMES[allocation]}`,
          ...METHODS.map((method) => {
            const curve = curves.find((own) => own.allocation === allocation && own.method === method);
            return curve ? `${curve.within} %` : '–';
          }),
        ]),
      ),
    ),
    '',
    '![Accuracy over sparsity for four ways of pruning](docs/prune-lenet.svg)',
    ...(timed?.latency.flatMap((own) => ['', ...latencyTable(own, timed.host.version, timed.digits)]) ?? []),
  ];
}

function latencyTable({ name, ns, correct, rows }: PrunedLatency, node: string, digits: number): string[] {
  const percent = (count: number): string => `${((100 * count) / digits).toFixed(1)} %`;
  const time = (value: number): string => duration(value / 1e6);
  return [
    `The dense ${name} fixture (${time(ns)}, ${percent(correct)}; Node ${node}, one thread) pruned by \`--target latency=… --measure\`; the accuracy is that of test digits, which the search has not seen:`,
    '',
    ...markdownTable(
      ['', 'asked', 'measured again', 'accuracy'],
      ['left', 'right', 'right', 'right'],
      rows.map(({ way, wanted, again, correct: own }) => [WAY_NAMES[way], time(wanted), time(again), percent(own)]),
    ),
  ];
}
