import { ZeroskipError } from '../../src/errors.ts';
import { alternate } from '../lib/alternate.ts';
import type { Outcome, Outcomes } from '../lib/results.ts';
import { relativeError } from '../lib/stats.ts';
import type { BenchNet } from '../nets/net.ts';
import type { Runtime, RuntimeName, Session } from '../peers/runtime.ts';

/** Largest relative error at which an output agrees with ours. */
export const TOLERANCE = 1e-3;

export interface CompareOptions {
  /** Time for the measured runs of all runtimes together. */
  seconds: number;
  /** Runtimes that are known to fail here, with the reason. */
  failed?: Partial<Record<RuntimeName, string>>;
}

/** Hears of the share that is done, what is being done, and the runtime that is about to be opened. */
export type OnStage = (share: number, label: string, opening?: RuntimeName) => void;

interface Opened extends Outcome {
  session: Session;
}

const OPENING = 0.4;
const WARM_UP_MS = 700;

/**
 * Opens all runtimes with `net` in this process, the first being ours; checks that their outputs agree with ours, before and after; and
 * has them run in turn.
 */
export async function compare(
  net: BenchNet,
  runtimes: readonly Runtime[],
  { seconds, failed = {} }: CompareOptions,
  onStage: OnStage,
): Promise<Outcomes> {
  const outcomes: Outcomes = {};
  const opened = new Map<RuntimeName, Opened>();
  let expected: Float32Array | undefined;
  for (const [i, runtime] of runtimes.entries()) {
    const unsupported = runtime.unsupported(net);
    if (unsupported || failed[runtime.name]) {
      outcomes[runtime.name] = unsupported ? { unsupported } : { failed: failed[runtime.name] };
      continue;
    }
    onStage((OPENING * i) / runtimes.length, `opening ${runtime.name}`, runtime.name);
    try {
      const result = await open(net, runtime, expected);
      expected ??= ours(result.session.output());
      opened.set(runtime.name, result);
    } catch (error) {
      outcomes[runtime.name] = { failed: error instanceof Error ? error.message : String(error) };
    }
  }

  const contestants = Object.fromEntries([...opened].map(([name, { session }]) => [name, () => session.run()]));
  onStage(OPENING, 'running');
  const times = await alternate<string>(contestants, {
    budgetMs: 1000 * seconds,
    leastRounds: 3,
    warmUpMs: Math.min(WARM_UP_MS, 1000 * seconds),
    warmUpCalls: 2,
    turnMs: 20,
    turnSamples: 2,
    onProgress: (share) => onStage(OPENING + (1 - OPENING) * share, 'running'),
  });
  const least = times[runtimes[0].name]?.min;
  for (const [name, { session, ...result }] of opened) {
    const drift = disagreement(session.output(), expected!);
    outcomes[name] = drift
      ? { ...result, failed: `after its runs: ${drift}` }
      : { ...result, times: times[name], ...(least && { ratio: times[name].min / least }) };
    session.dispose();
  }
  return Object.fromEntries(runtimes.map(({ name }) => [name, outcomes[name]]));
}

async function open(net: BenchNet, runtime: Runtime, expected: Float32Array | undefined): Promise<Opened> {
  const start = performance.now();
  const session = await runtime.open(net);
  await session.run();
  const openMs = performance.now() - start;
  const output = session.output();
  const wrong = expected && disagreement(output, expected);
  if (wrong) {
    session.dispose();
    throw new ZeroskipError('INTERNAL', wrong);
  }
  const error = expected ? relativeError(output, expected) : 0;
  return { session, openMs, error, bytes: session.bytes, ...(session.notes?.length && { notes: session.notes }) };
}

/** An output that others can be compared with: numbers that differ. */
function ours(output: Float32Array): Float32Array {
  const least = output.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const most = output.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (!(most - least > 1e-3))
    throw new ZeroskipError('INTERNAL', `the outputs lie in ${least} to ${most}: comparing them says nothing`);
  return output.slice();
}

/** How `output` differs from ours beyond {@link TOLERANCE}; undefined where it does not. */
export function disagreement(output: Float32Array, expected: Float32Array): string | undefined {
  if (output.length !== expected.length) return `${output.length} outputs, ours has ${expected.length}`;
  const error = relativeError(output, expected);
  return error <= TOLERANCE ? undefined : `its output differs from ours: relative error ${error.toExponential(1)}`;
}
