/** The main job: all networks of the fixtures from ONNX to logits, against PyTorch and beside onnxruntime-web. */
import { accessSync, constants, renameSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { reasonOf } from '../src/host/node.ts';
import { describeCommit, describeMachine, version } from './lib/machine.ts';
import { type Measurement, measure } from './lib/measure.ts';
import { madeWith, networks } from './lib/networks.ts';
import { peerVersion } from './lib/peer.ts';
import { startProgress } from './lib/progress.ts';
import { summary } from './lib/summary.ts';

const USAGE =
  'usage: npm start [-- [--json FILE] [--seconds N]]   N: time for the latencies of one network, 4 unless given';

/** Command line, or undefined if it is wrong. */
function options(): { json?: string; seconds: number } | undefined {
  try {
    const { values } = parseArgs({ options: { json: { type: 'string' }, seconds: { type: 'string', default: '4' } } });
    const seconds = Number(values.seconds);
    return seconds > 0 && seconds <= 600 ? { json: values.json, seconds } : undefined;
  } catch {
    return undefined;
  }
}

async function main({ json, seconds }: { json?: string; seconds: number }): Promise<number> {
  const start = performance.now();
  const machine = describeMachine();
  const versions = { zeroskip: version, 'onnxruntime-web': peerVersion, ...madeWith };
  const progress = startProgress();
  const results: Measurement[] = [];
  for (const [i, network] of networks.entries()) {
    const onProgress = (share: number, what: string) =>
      progress.at((i + share) / networks.length, `${network.name}: ${what}`);
    results.push(await measure(network, 1000 * seconds, onProgress));
  }
  progress.done();

  const took = (performance.now() - start) / 1000;
  const disagreements = results.flatMap((result) => result.disagreements);
  console.log(summary(results, machine, versions).join('\n'));
  console.log(
    `\n${disagreements.length ? 'These do not agree with PyTorch:' : 'All networks agree with PyTorch.'} (${took.toFixed(0)} s)`,
  );
  for (const line of disagreements) console.log(`  ${line}`);
  if (json) {
    const facts = {
      date: new Date().toISOString(),
      machine,
      versions,
      commit: describeCommit(),
      seconds: took,
      results,
    };
    writeFileSync(`${json}.part`, `${JSON.stringify(facts, null, 2)}\n`);
    renameSync(`${json}.part`, json);
  }
  return disagreements.length ? 1 : 0;
}

/** Why results cannot be written to `file`, before the work is done. */
function obstacle(file: string): string | undefined {
  try {
    accessSync(dirname(resolve(file)), constants.W_OK);
    return undefined;
  } catch (error) {
    return `bench: ${file} cannot be written: ${reasonOf(error)}`;
  }
}

const chosen = options();
const problem = chosen?.json && obstacle(chosen.json);
if (!chosen) {
  console.error(USAGE);
  process.exitCode = 2;
} else if (problem) {
  console.error(problem);
  process.exitCode = 1;
} else {
  process.exitCode = await main(chosen);
}
