/** `npm run bench:fit`: the constants of the cost model from measurements on this machine. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Args } from '../src/cli/args.ts';
import { UsageError } from '../src/cli/usage.ts';
import { ensure } from '../src/errors.ts';
import { engineClass } from '../src/runtime/features.ts';
import { fitGroups } from './fit/fit.ts';
import { GRID } from './fit/grid.ts';
import { type MeasuredPoint, measureSite } from './fit/measure.ts';
import { withConstants } from './fit/source.ts';
import { fitTable, worstLines } from './fit/table.ts';
import { runScript } from './lib/command.ts';
import { ROOT } from './lib/folders.ts';
import { MEASURING_OPTIONS, type MeasuredFacts, pinnedExit, startMeasuring } from './lib/measuring.ts';
import { startProgress } from './lib/progress.ts';
import { timeLeft } from './run/time_left.ts';

const COSTS = join(ROOT, 'src/ops/common/costs.ts');

interface FitResults extends MeasuredFacts<'fit'> {
  points: MeasuredPoint[];
}

async function run(args: Args): Promise<number> {
  const filter = (args.string('filter') ?? '').toLowerCase();
  const seconds = args.number('seconds', 0, false) ?? 0.03;
  const write = args.flag('write') ?? false;
  if (write && filter) throw new UsageError('--write needs all layers, --filter leaves some out');
  const code = pinnedExit(args);
  if (code !== undefined) return code;
  ensure(
    !write || engineClass() === 'narrow',
    'INVALID_ARGUMENT',
    'the cost model counts the column tiles of the narrow engine class: --write needs Node 20 or 22',
  );
  const { facts, write: keep } = startMeasuring('fit', args);
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
  if (args.string('json') !== undefined) keep({ ...facts, points } satisfies FitResults);
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
      ...MEASURING_OPTIONS,
      json: { type: 'string', value: 'FILE', help: 'keep the measurements in this file' },
    },
    examples: ['bench:fit', 'bench:fit -- --seconds 0.2 --write'],
    run,
  },
  process.argv.slice(2),
);
