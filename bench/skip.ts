/** `npm run bench:skip`: fully connected layers whose inputs have zeros, by static kernels and by those that skip. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Args } from '../src/cli/args.ts';
import { runScript } from './lib/command.ts';
import { MEASURING_OPTIONS, pinnedExit, startMeasuring } from './lib/measuring.ts';
import { startProgress } from './lib/progress.ts';
import { timeLeft } from './run/time_left.ts';
import { skipChart } from './skip/chart.ts';
import { LAYERS, layerName, measureCurve } from './skip/curve.ts';
import type { SkipResults } from './skip/results.ts';
import { measureStack } from './skip/stack.ts';
import { curveLines, stackLine } from './skip/table.ts';

const STACK_NAME = 'stack';

async function run(args: Args): Promise<number> {
  const filter = (args.string('filter') ?? '').toLowerCase();
  const seconds = args.number('seconds', 0, false) ?? 1;
  const code = pinnedExit(args);
  if (code !== undefined) return code;
  const { facts, file, write } = startMeasuring('skip', args);
  const results: SkipResults = {
    ...facts,
    curves: [],
    stack: null,
  };
  console.log(`Node ${facts.host.version}, ${results.variant} build\n`);
  const progress = startProgress();
  const left = timeLeft();
  const layers = LAYERS.filter((layer) => layerName(layer).toLowerCase().includes(filter));
  for (const [i, layer] of layers.entries()) {
    const curve = await measureCurve(layer, seconds, (share) => {
      const done = (i + share) / layers.length;
      progress.at(done, layerName(layer), left(done));
    });
    progress.done();
    results.curves.push(curve);
    console.log(`${curveLines(curve).join('\n')}\n`);
  }
  if (STACK_NAME.includes(filter)) {
    results.stack = await measureStack(4 * seconds);
    console.log(`${stackLine(results.stack)}\n`);
  }
  write(results);
  console.log(`results: ${file}`);
  const chart = args.string('chart');
  if (chart !== undefined) {
    mkdirSync(dirname(resolve(chart)), { recursive: true });
    writeFileSync(chart, skipChart(results));
    console.log(`chart: ${chart}`);
  }
  return 0;
}

process.exitCode = await runScript(
  {
    name: 'bench:skip',
    summary:
      'fully connected layers over 0 to 99 % zeros in their inputs: the best static kernel, live columns only, and what is chosen',
    options: {
      filter: { type: 'string', value: 'TEXT', help: `only layers that have this in their name, or '${STACK_NAME}'` },
      seconds: { type: 'string', value: 'S', help: 'time for each share of zeros of each layer (default: 1)' },
      chart: { type: 'string', value: 'FILE.svg', help: 'draw the curves into this file' },
      ...MEASURING_OPTIONS,
    },
    examples: ['bench:skip -- --chart docs/skip.svg', "bench:skip -- --filter '2048 > 2048, dense'"],
    run,
  },
  process.argv.slice(2),
);
