import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ZeroskipError } from '../../src/errors.ts';
import { pinned } from '../lib/pin.ts';
import type { Outcomes } from '../lib/results.ts';
import type { RuntimeName } from '../peers/runtime.ts';
import type { OnStage } from './compare.ts';
import type { FromChild, ToChild } from './protocol.ts';

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url));
const LAST_WORDS = 2000;

export interface Launch {
  /** Executable of Node. */
  node: string;
  /** Core to pin the process to. */
  core: number | undefined;
}

/** A child that ended without a result. */
class Crash extends Error {
  readonly during: RuntimeName | undefined;

  constructor(message: string, during: RuntimeName | undefined) {
    super(message);
    this.during = during;
  }
}

/**
 * Does `task` in a process of its own. If that process dies, the runtime that it was opening has failed, and the others are measured
 * without it; if none was being opened, all have failed.
 */
export async function measureApart(task: ToChild, launch: Launch, onStage: OnStage): Promise<Outcomes> {
  const failed = { ...task.options.failed };
  for (;;) {
    try {
      return await inChild({ ...task, options: { ...task.options, failed } }, launch, onStage);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      const { during, message } = error;
      if (!during || failed[during]) {
        return Object.fromEntries(task.runtimes.map((name) => [name, { failed: failed[name] ?? message }]));
      }
      failed[during] = message;
    }
  }
}

function inChild(task: ToChild, { node, core }: Launch, onStage: OnStage): Promise<Outcomes> {
  const [command, args] = pinned(core, node, ['--import', 'tsx', CHILD]);
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let during: RuntimeName | undefined;
  let words = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-LAST_WORDS);
  });
  child.send(task);
  return new Promise((resolve, reject) => {
    let settled = false;
    child.on('message', ({ share, label, opening, outcomes, error }: FromChild) => {
      if (share !== undefined) {
        during = opening;
        onStage(share, label ?? '', opening);
      }
      if (outcomes) resolve(outcomes);
      if (error) reject(new Crash(error, undefined));
      settled = Boolean(outcomes || error);
    });
    child.on('error', (error) => reject(new ZeroskipError('FILE_ERROR', `${command} cannot be run: ${error.message}`)));
    child.on('close', (code, signal) => {
      if (settled) return;
      reject(new Crash(`the process ended with ${signal ?? `exit code ${code}`}${reasonIn(words)}`, during));
    });
  });
}

/** The line of a crash report that says why. */
function reasonIn(words: string): string {
  const lines = words.split('\n').map((line) => line.trim());
  const reason = lines.find((line) => /error|abort|memory/i.test(line)) ?? lines.findLast((line) => line !== '');
  return reason ? `: ${reason.slice(0, 200)}` : '';
}
