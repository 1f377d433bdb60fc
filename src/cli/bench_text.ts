import type { ProfileEntry } from '../runtime/profile.ts';
import { showDims } from '../tensor.ts';
import type { BenchFacts, PlanTimes } from './bench.ts';
import { bytes, duration, percent } from './format.ts';
import { showPorts } from './summary.ts';
import { fields, table } from './table.ts';
import type { Timing } from './timing.ts';

/** The text of `zeroskip bench`. */
export function printBench(facts: BenchFacts): string {
  const { file, target, engine, packageBytes, compileMs, loadMs, plans } = facts;
  const compiled = compileMs === undefined ? '' : `, compiled in ${duration(compileMs)}`;
  const rows = plans.flatMap(({ inputs, times, dense }) => [
    [showPorts(inputs), dense ? 'sparse' : 'as compiled', ...showTiming(times)],
    ...(dense ? [['', 'dense', ...showTiming(dense)]] : []),
  ]);
  const right = ['first', 'min', 'p10', 'median', 'p90', 'runs'].map((title) => ({ title, right: true }));
  return [
    ...fields([
      ['file', file],
      ['package', `${bytes(packageBytes)}${compiled}, loaded in ${duration(loadMs)}`],
      ['kernels', `${target} build, ${engine} engine class`],
    ]),
    '',
    ...table([{ title: 'inputs', least: 16 }, { title: 'weights' }, ...right], rows),
    ...plans.flatMap(printRatio),
    ...plans.flatMap(({ inputs, profile }) =>
      profile ? ['', `layers of ${showPorts(inputs)}`, ...printProfile(profile)] : [],
    ),
  ].join('\n');
}

const showTiming = ({ first, min, p10, median, p90, runs }: Timing): string[] => [
  ...[first, min, p10, median, p90].map(duration),
  String(runs),
];

const printRatio = ({ inputs, ratio }: PlanTimes): string[] =>
  ratio === undefined
    ? []
    : ['', `${showPorts(inputs)}: sparse is ${ratio.toFixed(2)}x as fast as dense (ratio of minima)`];

function printProfile(profile: readonly ProfileEntry[]): string[] {
  const total = profile.reduce((sum, { ms }) => sum + (ms ?? 0), 0);
  const rows = profile.map(({ op, node, dims, kernel, ms }) => [
    op,
    node,
    showDims(dims ?? []),
    kernel,
    ms === null ? '-' : duration(ms),
    ms === null || total === 0 ? '-' : percent(ms / total),
  ]);
  const columns = [
    { title: 'op', least: 9 },
    { title: 'node', least: 14, worth: 2.5 },
    { title: 'output', least: 10 },
    { title: 'kernel', least: 20 },
    { title: 'time', right: true },
    { title: 'share', right: true },
  ];
  return table(columns, rows);
}
