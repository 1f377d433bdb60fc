import type { NetworkResults, Outcomes, Row } from '../../bench/lib/results.ts';
import type { NetName, Pattern } from '../../bench/nets/net.ts';
import type { RuntimeName } from '../../bench/peers/runtime.ts';

/** Milliseconds of each runtime, or why it has none. */
export type Times = Partial<Record<RuntimeName, number | { unsupported: string } | { failed: string }>>;

/** A row of which run i took `1 + i / 100` times as long. */
export function fakeRow(
  network: NetName,
  sparsity: number,
  times: Times,
  repeat = 3,
  pattern: Pattern = 'unstructured',
): Row {
  const runs = Array.from({ length: repeat }, (_, i) => {
    const outcomes: Outcomes = {};
    for (const [name, given] of Object.entries(times) as [RuntimeName, Times[RuntimeName]][]) {
      if (typeof given !== 'number') {
        outcomes[name] = given;
        continue;
      }
      const ms = given * (1 + i / 100);
      outcomes[name] = {
        times: { n: 50, min: ms, p10: ms * 1.1, median: ms * 1.2, p90: ms * 1.5 },
        ratio: given / (times.zeroskip as number),
        error: 1e-6,
        bytes: 1_000_000,
        openMs: 10,
      };
    }
    return { date: '2026-01-02T03:04:05.000Z', outcomes };
  });
  const id = `${network}-${sparsity}${pattern === 'unstructured' ? '' : `-${pattern}`}`;
  return { id, network, sparsity, pattern, runs };
}

/** Results as `npm run bench` writes them. */
export const fakeResults = (rows: Row[], change: Partial<NetworkResults> = {}): NetworkResults => ({
  kind: 'networks',
  date: '2026-01-02T03:04:05.678Z',
  commit: { id: '0123456789abcdef', changed: false },
  machine: {
    cpu: 'Imaginary 9000',
    cores: 2,
    features: ['avx2', 'avx512f'],
    pinned: true,
    memoryBytes: 24e9,
    platform: 'linux x64',
    node: '20.1.2',
    v8: '11.3',
    engine: 'narrow',
    relaxedSimd: false,
  },
  host: { name: 'node', version: '20.1.2' },
  core: 1,
  versions: { zeroskip: '0.1.0', 'ort-web': '1.30.0' },
  options: { seconds: 6, repeat: 3 },
  seconds: 100,
  rows,
  ...change,
});

/** Two networks with a runtime for each kind of cell: won, lost, even, unsupported, failed. */
export const sampleRows = (): Row[] => [
  fakeRow('mobilenetv1', 0, { zeroskip: 34, 'ort-web': 49, litert: 33, 'litert-sparse': { unsupported: 'no zeros' } }),
  fakeRow('mobilenetv1', 90, { zeroskip: 5, 'ort-web': 49, litert: 33, 'litert-sparse': 8.2 }),
  fakeRow('mobilenetv1', 95, { zeroskip: 3, 'ort-web': 49, litert: 33, 'litert-sparse': 5.7 }),
  fakeRow('mlp', 0, { zeroskip: 1.2, 'ort-web': 1.1, litert: { failed: 'its output differs <&> from ours' } }),
  fakeRow('mlp', 90, { zeroskip: 0.1, 'ort-web': 1.1, litert: 0.1 }),
];
