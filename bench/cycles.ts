/** `npm run bench:cycles`: the memory of a process that loads, runs and disposes a package a thousand times. */
import { resolve } from 'node:path';
import type { Args } from '../src/cli/args.ts';
import { UsageError } from '../src/cli/usage.ts';
import { growthOf } from './cycles/growth.ts';
import { type Cycling, measureCycles } from './cycles/measure.ts';
import { writePackages } from './cycles/models.ts';
import type { CycleResults, CycleRow } from './cycles/results.ts';
import { cycleLines } from './cycles/table.ts';
import { runScript } from './lib/command.ts';
import { describeCommit, version } from './lib/machine.ts';
import { nodeRelease } from './lib/node_release.ts';
import { startProgress } from './lib/progress.ts';
import { resultsFile, writeResults } from './lib/results.ts';
import { machineOf } from './run/host.ts';

const SAMPLES = 50;

/** With garbage collected before each sample, and as the engine likes. */
const RUNS: readonly Pick<Cycling, 'way' | 'collect'>[] = [
  { way: 'dispose', collect: true },
  { way: 'dispose', collect: false },
  { way: 'drop', collect: true },
  { way: 'fail', collect: true },
];

async function run(args: Args): Promise<number> {
  const cycles = args.number('cycles', SAMPLES, true) ?? 1000;
  if (cycles % SAMPLES !== 0) throw new UsageError(`--cycles is a multiple of ${SAMPLES}, found ${cycles}`);
  const major = args.number('node', 20, true);
  const node = major === undefined ? process.execPath : nodeRelease(major);
  const machine = machineOf(node, undefined);
  const host = { name: 'node', version: machine.node } as const;
  const date = new Date().toISOString();
  const progress = startProgress();
  progress.at(0, 'packages');
  const packages = await writePackages();
  const rows: CycleRow[] = [];
  for (const [p, { network, file, bytes }] of packages.entries()) {
    for (const [i, { way, collect }] of RUNS.entries()) {
      progress.at((p + i / RUNS.length) / packages.length, `${network}, ${way}`);
      const cycling = { package: file, way, collect, cycles, every: cycles / SAMPLES };
      const curve = await measureCycles([node, '--expose-gc'], cycling);
      rows.push({ network, packageBytes: bytes, ...curve, growth: growthOf(curve.samples) });
    }
  }
  progress.done();
  const results: CycleResults = {
    kind: 'cycles',
    date,
    commit: describeCommit(),
    machine,
    host,
    core: null,
    versions: { zeroskip: version },
    seconds: (Date.now() - Date.parse(date)) / 1000,
    cycles,
    rows,
  };
  const file = resolve(args.string('json') ?? resultsFile('cycles', host, date));
  writeResults(file, results);
  console.log(cycleLines(results).join('\n'));
  console.log(`\nresults: ${file}`);
  return 0;
}

process.exitCode = await runScript(
  {
    name: 'bench:cycles',
    summary: 'resident memory of a process over many cycles of load, run and dispose, and of loads that fail',
    options: {
      cycles: { type: 'string', value: 'N', help: 'cycles of each process, a multiple of 50 (default: 1000)' },
      json: { type: 'string', value: 'FILE', help: 'where the results go (default: a new file in bench/results)' },
      node: { type: 'string', value: 'MAJOR', help: 'measure under this version of Node, taken from npm' },
    },
    examples: ['bench:cycles -- --cycles 5000'],
    run,
  },
  process.argv.slice(2),
);
