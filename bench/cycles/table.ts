import { bytes } from '../../src/cli/format.ts';
import { table } from '../../src/cli/table.ts';
import type { CycleResults, CycleRow, Way } from './results.ts';

const WAYS: Record<Way, string> = {
  dispose: 'load, run, dispose',
  drop: 'load, run',
  fail: 'load a damaged package',
  keep: 'load, run, keep',
};

const right = (title: string) => ({ title, right: true });
const signed = (n: number): string => (n < 0 ? `-${bytes(-n)}` : bytes(n));

/** Resident memory of each process, and how it grows. */
export const cycleLines = ({ cycles, host, rows }: CycleResults): string[] => [
  `Resident memory over ${cycles} cycles, Node ${host.version}`,
  '',
  ...table(
    [
      { title: 'network' },
      { title: 'cycle' },
      { title: 'garbage' },
      right('model'),
      right('from'),
      right('to'),
      right('peak'),
      right('growth/cycle'),
    ],
    rows.map(({ network, way, collect, memoryBytes, growth }: CycleRow) => [
      network,
      WAYS[way],
      collect ? 'collected' : 'as it comes',
      bytes(memoryBytes),
      bytes(growth.from),
      bytes(growth.to),
      bytes(growth.peak),
      signed(growth.perCycle),
    ]),
  ),
];
