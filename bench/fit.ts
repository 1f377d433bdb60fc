/** `npm run bench:fit`: the constants of the cost model from measurements on this machine. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Args } from '../src/cli/args.ts';
import { UsageError } from '../src/cli/usage.ts';
import { ensure } from '../src/errors.ts';
import { engineClass, hasRelaxedSimd } from '../src/runtime/features.ts';
import { fitGroups } from './fit/fit.ts';
import { GRID } from './fit/grid.ts';
import { type MeasuredPoint, measureSite } from './fit/measure.ts';
import { withConstants } from './fit/source.ts';
import { fitTable, worstLines } from './fit/table.ts';
import { runScript } from './lib/command.ts';
import { ROOT } from './lib/folders.ts';
import { describeCommit, describeMachine, version } from './lib/machine.ts';
import { nodeRelease } from './lib/node_release.ts';
import { defaultCore } from './lib/pin.ts';
import { startProgress } from './lib/progress.ts';
import { isRespawned, respawn, respawnedOn } from './lib/respawn.ts';
import { type Facts, type Host, writeResults } from './lib/results.ts';
import { timeLeft } from './run/time_left.ts';

const COSTS = join(ROOT, 'src/ops/common/costs.ts');

interface FitResults extends Facts {
  kind: 'fit';
  variant: 'simd' | 'relaxed';
  points: MeasuredPoint[];
}

async function run(args: Args): Promise<number> {
  const filter = (args.string('filter') ?? '').toLowerCase();
  const seconds = args.number('seconds', 0, false) ?? 0.03;
  const write = args.flag('write') ?? false;
  if (write && filter) throw new UsageError('--write needs all layers, --filter leaves some out');
  if (!isRespawned()) {
    const major = args.number('node', 20, true);
    const node = major === undefined ? process.execPath : nodeRelease(major);
    return respawn(node, args.number('core', 0, true) ?? defaultCore());
  }
  ensure(
    !write || engineClass() === 'narrow',
    'INVALID_ARGUMENT',
    'the cost model counts the column tiles of the narrow engine class: --write needs Node 20 or 22',
  );
  const date = new Date().toISOString();
  const host: Host = { name: 'node', version: process.versions.node };
  const sites = GRID.filter(({ name }) => name.toLowerCase().includes(filter));
  const progress = startProgress();
  const left = timeLeft();
  const points: MeasuredPoint[] = [];
  for (const [i, site] of sites.entries()) {
    const found = await measureSite(site, seconds, (id, share) => {
      const done = (i + share) / sites.length;
      progress.at(done, id, left(done));
    });
    points.push(...found);
  }
  progress.done();
  const fits = fitGroups(points);
  console.log([...fitTable(fits), '', 'worst:', ...worstLines(fits).map((line) => `  ${line}`)].join('\n'));
  const file = args.string('json');
  if (file !== undefined) {
    const results: FitResults = {
      kind: 'fit',
      date,
      commit: describeCommit(),
      machine: describeMachine(),
      host,
      core: respawnedOn(),
      versions: { zeroskip: version },
      seconds: (Date.now() - Date.parse(date)) / 1000,
      variant: hasRelaxedSimd() ? 'relaxed' : 'simd',
      points,
    };
    writeResults(resolve(file), results);
  }
  if (write) {
    writeFileSync(COSTS, withConstants(readFileSync(COSTS, 'utf8'), fits));
    console.log(`\nwritten: ${COSTS}`);
  }
  return 0;
}

process.exitCode = await runScript(
  {
    name: 'bench:fit',
    summary: 'measures kernels over a grid of layers and fits the constants of the cost model to that',
    options: {
      filter: { type: 'string', value: 'TEXT', help: "only layers that have this in their name, as in 'conv 1x1'" },
      seconds: { type: 'string', value: 'S', help: 'time for each kernel on each layer (default: 0.03)' },
      write: { type: 'boolean', help: 'write the fitted constants into src/ops/common/costs.ts' },
      json: { type: 'string', value: 'FILE', help: 'keep the measurements in this file' },
      node: { type: 'string', value: 'MAJOR', help: 'measure under this version of Node, taken from npm' },
      core: { type: 'string', value: 'N', help: 'core to pin the process to (default: the last one)' },
    },
    examples: ['bench:fit', 'bench:fit -- --seconds 0.2 --write'],
    run,
  },
  process.argv.slice(2),
);
