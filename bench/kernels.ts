/** `npm run bench:kernels`: the machine's ceiling inside Wasm, and how near every kernel comes to it. */
import { readFileSync } from 'node:fs';
import type { Args } from '../src/cli/args.ts';
import { ZeroskipError } from '../src/errors.ts';
import { casesOf } from './kernels/cases.ts';
import { measureCeiling } from './kernels/ceiling.ts';
import { measureCases } from './kernels/measure.ts';
import { type KernelResults, regressions } from './kernels/results.ts';
import { SITES } from './kernels/sites.ts';
import { ceilingLines, heading, regressionLines, rowLine } from './kernels/table.ts';
import { runScript } from './lib/command.ts';
import { MEASURING_OPTIONS, pinnedExit, startMeasuring } from './lib/measuring.ts';
import { startProgress } from './lib/progress.ts';
import { timeLeft } from './run/time_left.ts';

async function run(args: Args): Promise<number> {
  const filter = (args.string('filter') ?? '').toLowerCase();
  const seconds = args.number('seconds', 0, false) ?? 0.3;
  const against = args.string('against');
  const before = against === undefined ? undefined : earlier(against);
  const code = pinnedExit(args);
  if (code !== undefined) return code;
  const { facts, file, write } = startMeasuring('kernels', args);
  const progress = startProgress();
  const left = timeLeft();
  const ceiling = await measureCeiling(Math.max(0.5, seconds), (what) => progress.at(0, `ceiling: ${what}`));
  progress.done();
  console.log(
    [`Node ${facts.host.version}, ${facts.variant} build`, '', ...ceilingLines(ceiling), '', ...heading()].join('\n'),
  );
  const results: KernelResults = {
    ...facts,
    ceiling,
    rows: [],
  };
  for (const [i, site] of SITES.entries()) {
    const cases = [...casesOf(site)].filter(({ id }) => id.toLowerCase().includes(filter));
    const rows = await measureCases(cases, ceiling, seconds, (id, share) => {
      const done = (i + share) / SITES.length;
      progress.at(done, id, left(done));
    });
    progress.done();
    for (const row of rows) console.log(rowLine(row));
    results.rows.push(...rows);
  }
  write(results);
  console.log(`\nresults: ${file}`);
  return before ? compareWith(before, results) : 0;
}

function earlier(file: string): KernelResults {
  try {
    const results: KernelResults = JSON.parse(readFileSync(file, 'utf8'));
    if (results.kind === 'kernels') return results;
  } catch (cause) {
    throw new ZeroskipError('FILE_ERROR', `${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
  throw new ZeroskipError('FILE_ERROR', `${file} holds no results of bench:kernels`);
}

function compareWith(before: KernelResults, { rows }: KernelResults): number {
  const found = regressions(rows, before.rows);
  console.log(
    `\nagainst ${before.date}: ${found.length ? `${found.length} slower by more than 10 %` : 'nothing is slower by more than 10 %'}`,
  );
  for (const line of regressionLines(found)) console.log(`  ${line}`);
  return found.length > 0 ? 1 : 0;
}

process.exitCode = await runScript(
  {
    name: 'bench:kernels',
    summary: 'the ceiling of this machine inside Wasm, then every kernel on the layers of the benchmark',
    options: {
      filter: {
        type: 'string',
        value: 'TEXT',
        help: "only what has this in 'kernel | layer | zeros', as in 'csr | conv 1x1'",
      },
      seconds: { type: 'string', value: 'S', help: 'time for each kernel on each layer (default: 0.3)' },
      against: {
        type: 'string',
        value: 'FILE',
        help: 'earlier results: what is slower by more than 10 % is listed, exit code 1',
      },
      ...MEASURING_OPTIONS,
    },
    examples: ['bench:kernels -- --filter spmv', 'bench:kernels -- --against bench/results/kernels-node-20-….json'],
    run,
  },
  process.argv.slice(2),
);
