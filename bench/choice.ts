/** `npm run bench:choice`: how near the kernels that the cost model chooses come to the best ones, layer by layer. */
import { resolve } from 'node:path';
import type { Args } from '../src/cli/args.ts';
import { UsageError } from '../src/cli/usage.ts';
import { hasRelaxedSimd } from '../src/runtime/features.ts';
import { measureChoices } from './choice/measure.ts';
import type { ChoiceResults } from './choice/results.ts';
import { block, LEGEND, summaryLine } from './choice/table.ts';
import { runScript } from './lib/command.ts';
import { describeCommit, describeMachine, version } from './lib/machine.ts';
import { nodeRelease } from './lib/node_release.ts';
import { defaultCore } from './lib/pin.ts';
import { startProgress } from './lib/progress.ts';
import { isRespawned, respawn, respawnedOn } from './lib/respawn.ts';
import { type Host, resultsFile, writeResults } from './lib/results.ts';
import { benchNet } from './nets/index.ts';
import { TASK_OPTIONS, tasksFrom } from './run/options.ts';
import { timeLeft } from './run/time_left.ts';

async function run(args: Args): Promise<number> {
  const tasks = tasksFrom(args);
  const leastMs = args.number('ms', 0, false) ?? 50;
  if (leastMs > 60_000) throw new UsageError(`--ms is at most 60000, found '${leastMs}'`);
  if (!isRespawned()) {
    const major = args.number('node', 20, true);
    const node = major === undefined ? process.execPath : nodeRelease(major);
    return respawn(node, args.number('core', 0, true) ?? defaultCore());
  }
  const host: Host = { name: 'node', version: process.versions.node };
  const date = new Date().toISOString();
  const file = resolve(args.string('json') ?? resultsFile('choice', host, date));
  const results: ChoiceResults = {
    kind: 'choice',
    date,
    commit: describeCommit(),
    machine: describeMachine(),
    host,
    core: respawnedOn(),
    versions: { zeroskip: version },
    seconds: 0,
    variant: hasRelaxedSimd() ? 'relaxed' : 'simd',
    leastMs,
    rows: [],
  };
  console.log(`Node ${host.version}, ${results.variant} build\n`);
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
    results.seconds = (Date.now() - Date.parse(date)) / 1000;
    writeResults(file, results);
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
      json: { type: 'string', value: 'FILE', help: 'where the results go (default: a new file in bench/results)' },
      node: { type: 'string', value: 'MAJOR', help: 'measure under this version of Node, taken from npm' },
      core: { type: 'string', value: 'N', help: 'core to pin the process to (default: the last one)' },
    },
    examples: ['bench:choice -- --nets mobilenetv1,resnet50 --sparsities 90', 'bench:choice -- --nets mlp --node 24'],
    run,
  },
  process.argv.slice(2),
);
