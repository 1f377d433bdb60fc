/** `npm run bench:choice`: how near the kernels that the cost model chooses come to the best ones, layer by layer. */
import type { Args } from '../src/cli/args.ts';
import { UsageError } from '../src/cli/usage.ts';
import { measureChoices } from './choice/measure.ts';
import type { ChoiceResults } from './choice/results.ts';
import { block, LEGEND, summaryLine } from './choice/table.ts';
import { runScript } from './lib/command.ts';
import { MEASURING_OPTIONS, pinnedExit, startMeasuring } from './lib/measuring.ts';
import { startProgress } from './lib/progress.ts';
import { benchNet } from './nets/index.ts';
import { TASK_OPTIONS, tasksFrom } from './run/options.ts';
import { timeLeft } from './run/time_left.ts';

async function run(args: Args): Promise<number> {
  const tasks = tasksFrom(args);
  const leastMs = args.number('ms', 0, false) ?? 50;
  if (leastMs > 60_000) throw new UsageError(`--ms is at most 60000, found '${leastMs}'`);
  const code = pinnedExit(args);
  if (code !== undefined) return code;
  const { facts, file, write } = startMeasuring('choice', args);
  const results: ChoiceResults = {
    ...facts,
    leastMs,
    rows: [],
  };
  console.log(`Node ${facts.host.version}, ${results.variant} build\n`);
  const progress = startProgress();
  const left = timeLeft();
  for (const [i, task] of tasks.entries()) {
    const net = benchNet(task.network, task.sparsity, task.pattern);
    progress.at(i / tasks.length, net.id);
    const layers = await measureChoices(net.onnx(), leastMs, (share, layer) => {
      const done = (i + share) / tasks.length;
      progress.at(done, `${net.id}: ${layer}`, left(done));
    });
    progress.done();
    results.rows.push({ id: net.id, ...task, layers });
    write(results);
    console.log(`${block(net.id, layers).join('\n')}\n`);
  }
  console.log(LEGEND.join('\n'));
  if (tasks.length > 1) console.log(`\nin all: ${summaryLine(results.rows.flatMap(({ layers }) => layers))}`);
  console.log(`\nresults: ${file}`);
  return 0;
}

process.exitCode = await runScript(
  {
    name: 'bench:choice',
    summary: 'every kernel that could run a layer, measured, beside the one that the cost model chooses',
    options: {
      ...TASK_OPTIONS,
      ms: { type: 'string', value: 'MS', help: 'time for each kernel of each layer, in ms (default: 50)' },
      ...MEASURING_OPTIONS,
    },
    examples: ['bench:choice -- --nets mobilenetv1,resnet50 --sparsities 90', 'bench:choice -- --nets mlp --node 24'],
    run,
  },
  process.argv.slice(2),
);
