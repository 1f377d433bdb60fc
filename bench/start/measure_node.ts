import { readFileSync } from 'node:fs';
import type { Progress } from '../lib/progress.ts';
import { summarize } from '../lib/stats.ts';
import { expectAgreement } from './agree.ts';
import { DOWNLOADS, type Sizes, sizesOf, total } from './download.ts';
import type { ModelFiles } from './models.ts';
import type { StartResults, StartRow } from './results.ts';
import { buildScript, SCRIPTS } from './scripts.ts';
import { type Start, start } from './spawn.ts';

/** The program that is started, and the core that it is pinned to. */
export interface Launch {
  program: string;
  core: number | undefined;
}

/** Starts all scripts in turn, `times` times each. */
export async function measureNode(
  files: ModelFiles,
  times: number,
  { program, core }: Launch,
  progress: Progress,
): Promise<StartRow[]> {
  const starts = new Map(SCRIPTS.map(({ name }) => [name, [] as Start[]]));
  const built = await Promise.all(SCRIPTS.map(buildScript));
  for (let round = 0; round < times; round++) {
    for (const [i, script] of SCRIPTS.entries()) {
      progress.at((0.6 * (round + i / SCRIPTS.length)) / times, `start of ${script.name}`);
      const args = [script.model(files), script.last ? files.inputLast : files.input];
      starts.get(script.name)!.push(await start(program, core, built[i], args));
    }
  }
  const [expected] = starts.get('zeroskip')!;
  return SCRIPTS.map(({ name }) => {
    const all = starts.get(name)!;
    expectAgreement(name, all, expected);
    return { name, ms: summarize(all.map(({ ms }) => ms)), peakBytes: summarize(all.map((one) => one.peakBytes)) };
  });
}

/** What a page downloads: each runtime, and the network in each format. */
export async function measureSizes(
  files: ModelFiles,
  progress: Progress,
): Promise<Pick<StartResults, 'runtimes' | 'models'>> {
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
