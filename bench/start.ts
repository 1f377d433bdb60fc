/** `npm run bench:start`: from the start of a process to its first result, the memory that takes, and what a page has to download. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Args } from '../src/cli/args.ts';
import { bytes, duration } from '../src/cli/format.ts';
import { table } from '../src/cli/table.ts';
import { ensure } from '../src/errors.ts';
import { runScript } from './lib/command.ts';
import { describeCommit } from './lib/machine.ts';
import { nodeRelease } from './lib/node_release.ts';
import { defaultCore } from './lib/pin.ts';
import { type Progress, startProgress } from './lib/progress.ts';
import { resultsFile, writeResults } from './lib/results.ts';
import { summarize } from './lib/stats.ts';
import { benchNet } from './nets/index.ts';
import { RUNTIMES } from './peers/index.ts';
import { machineOf } from './run/host.ts';
import { DOWNLOADS, type Sizes, sizesOf, total } from './start/download.ts';
import { type ModelFiles, writeModels } from './start/models.ts';
import type { StartResults, StartRow } from './start/results.ts';
import { buildScript, SCRIPTS } from './start/scripts.ts';
import { type Start, start } from './start/spawn.ts';

async function run(args: Args): Promise<number> {
  const times = args.number('repeat', 1, true) ?? 7;
  const core = args.number('core', 0, true) ?? defaultCore();
  const major = args.number('node', 20, true);
  const node = major === undefined ? process.execPath : nodeRelease(major);
  const machine = machineOf(node, core);
  const host = { name: 'node', version: machine.node } as const;
  const date = new Date().toISOString();
  const net = benchNet('mobilenetv1', 90);
  const progress = startProgress();
  progress.at(0, 'models');
  const files = await writeModels(net);
  const rows = await measure(files, times, node, core, progress);
  const { runtimes, models } = await measureSizes(files, progress);
  progress.done();
  const results: StartResults = {
    kind: 'start',
    date,
    commit: describeCommit(),
    machine,
    host,
    core: core ?? null,
    versions: Object.fromEntries(RUNTIMES.map((runtime) => [runtime.name, runtime.version()])),
    seconds: (Date.now() - Date.parse(date)) / 1000,
    network: net.id,
    rows,
    runtimes,
    models,
  };
  const file = resolve(args.string('json') ?? resultsFile('start', host, date));
  writeResults(file, results);
  console.log(text(results).join('\n'));
  console.log(`\nresults: ${file}`);
  return 0;
}

async function measure(
  files: ModelFiles,
  times: number,
  node: string,
  core: number | undefined,
  progress: Progress,
): Promise<StartRow[]> {
  const starts = new Map(SCRIPTS.map(({ name }) => [name, [] as Start[]]));
  const built = await Promise.all(SCRIPTS.map(buildScript));
  for (let round = 0; round < times; round++) {
    for (const [i, script] of SCRIPTS.entries()) {
      progress.at((0.6 * (round + i / SCRIPTS.length)) / times, `start of ${script.name}`);
      const args = [script.model(files), script.last ? files.inputLast : files.input];
      starts.get(script.name)!.push(await start(node, core, built[i], args));
    }
  }
  const expected = starts.get('zeroskip')![0];
  return SCRIPTS.map(({ name }) => {
    const all = starts.get(name)!;
    const agree = all.every(({ best, value }) => best === expected.best && Math.abs(value / expected.value - 1) < 1e-3);
    ensure(name === 'empty' || agree, 'INTERNAL', `the first result of ${name} is not that of zeroskip`);
    return { name, ms: summarize(all.map(({ ms }) => ms)), peakBytes: summarize(all.map((one) => one.peakBytes)) };
  });
}

async function measureSizes(files: ModelFiles, progress: Progress): Promise<Pick<StartResults, 'runtimes' | 'models'>> {
  const runtimes: Record<string, Sizes> = {};
  for (const [name, load] of Object.entries(DOWNLOADS)) {
    progress.at(0.6, `compressing ${name}`);
    runtimes[name] = total(await load());
  }
  const models: Record<string, Sizes> = {};
  const forms = {
    'zeroskip package': files.package,
    ONNX: files.onnx,
    TFLite: files.tflite,
    'TFLite, sparse': files.sparseTflite,
  };
  for (const [i, [name, file]] of Object.entries(forms).entries()) {
    progress.at(0.7 + 0.3 * (i / 4), `compressing ${name}`);
    models[name] = sizesOf(readFileSync(file));
  }
  return { runtimes, models };
}

function text({ network, rows, runtimes, models }: StartResults): string[] {
  const right = (title: string) => ({ title, right: true });
  const sizes = (entries: Record<string, Sizes>) =>
    Object.entries(entries).map(([name, { raw, gzip, brotli }]) => [name, bytes(raw), bytes(gzip), bytes(brotli)]);
  return [
    `From spawning a process to its first result of ${network}, and its peak memory`,
    '',
    ...table(
      [{ title: 'script' }, right('min'), right('median'), right('peak memory')],
      rows.map(({ name, ms, peakBytes }) => [name, duration(ms.min), duration(ms.median), bytes(peakBytes.median)]),
    ),
    '',
    'To download',
    '',
    ...table([{ title: 'runtime' }, right('raw'), right('gzip'), right('brotli 11')], sizes(runtimes)),
    '',
    ...table([{ title: `${network} as` }, right('raw'), right('gzip'), right('brotli 11')], sizes(models)),
  ];
}

process.exitCode = await runScript(
  {
    name: 'bench:start',
    summary:
      'time to the first result of MobileNetV1 at 90 % zeros, memory, and bytes to download, of zeroskip and its peers',
    options: {
      repeat: { type: 'string', value: 'N', help: 'starts of each script (default: 7)' },
      json: { type: 'string', value: 'FILE', help: 'where the results go (default: a new file in bench/results)' },
      node: { type: 'string', value: 'MAJOR', help: 'measure under this version of Node, taken from npm' },
      core: { type: 'string', value: 'N', help: 'core to pin the processes to (default: the last one)' },
    },
    examples: ['bench:start -- --repeat 15'],
    run,
  },
  process.argv.slice(2),
);
