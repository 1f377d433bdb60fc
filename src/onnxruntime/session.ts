import type { InferenceSession, InferenceSessionHandler } from 'onnxruntime-common';
import { ensure, ZeroskipError } from '../errors.ts';
import { checkFeeds, type Feeds } from '../runtime/feeds.ts';
import type { Outputs } from '../runtime/model.ts';
import type { Tensor } from '../tensor.ts';
import type { Network } from './network.ts';
import { copyOf, feedsOf, intoTensor, metadataOf, type OrtTensor } from './tensors.ts';

type Fetches = Readonly<Record<string, OrtTensor | null>>;
type Results = Awaited<ReturnType<InferenceSessionHandler['run']>>;

/** A session of onnxruntime-common on a {@link Network}. Runs are done one after the other, in the order of their calls. */
export class Session implements InferenceSessionHandler {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly inputMetadata: readonly InferenceSession.ValueMetadata[];
  readonly outputMetadata: readonly InferenceSession.ValueMetadata[];
  private network: Network | undefined;
  private waiting = 0;
  private last: Promise<unknown> = Promise.resolve();

  constructor(network: Network) {
    this.network = network;
    this.inputNames = network.inputs.map(({ name }) => name);
    this.outputNames = network.outputs.map(({ name }) => name);
    this.inputMetadata = metadataOf(network.inputs);
    this.outputMetadata = metadataOf(network.outputs);
  }

  /**
   * Feeds have been read when this returns. Preallocated tensors among the fetches are written once all outputs are known to fit.
   * @throws ZeroskipError (rejects) `MISSING_INPUT`, `INVALID_ARGUMENT`, `TYPE_MISMATCH`, `SHAPE_MISMATCH`, `DISPOSED`, `ABORTED`, and what
   *   compiling for new dims throws
   */
  async run(
    feeds: Readonly<Record<string, OrtTensor>>,
    fetches: Fetches,
    { terminate }: InferenceSession.RunOptions = {},
  ): Promise<Results> {
    const network = this.live();
    if (terminate) throw new ZeroskipError('ABORTED', 'run: the option terminate is set');
    for (const name of Object.keys(fetches))
      ensure(
        this.outputNames.includes(name),
        'INVALID_ARGUMENT',
        () => `run: the model has no output '${name}'; its outputs are ${this.outputNames.join(', ')}`,
      );
    const given = feedsOf(feeds);
    checkFeeds(network.inputs, given);
    const model = this.waiting === 0 ? network.ready(given) : undefined;
    return model ? resultsOf(model.runSync<Outputs>(given), fetches) : this.queue(copyOf(given), fetches);
  }

  /** Gives the memory back; runs that wait, and later ones, fail with `DISPOSED`. */
  async dispose(): Promise<void> {
    this.network?.dispose();
    this.network = undefined;
  }

  startProfiling(): void {
    throw new ZeroskipError(
      'INVALID_ARGUMENT',
      'startProfiling: zeroskip writes no profile of a session; Model.profile shows the time of each layer',
    );
  }

  /** Nothing to end: profiling does not start. */
  endProfiling(): void {}

  private queue(feeds: Feeds, fetches: Fetches): Promise<Results> {
    this.waiting++;
    const turn = this.last.then(async () => {
      try {
        const model = await this.live().prepare(feeds);
        this.live();
        return resultsOf(model.runSync<Outputs>(feeds), fetches);
      } finally {
        this.waiting--;
      }
    });
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private live(): Network {
    if (!this.network) throw new ZeroskipError('DISPOSED', 'run: the session has been released');
    return this.network;
  }
}

/** The outputs that were asked for, those with a tensor of the caller in it. Outputs behind an exit that was taken are not there. */
function resultsOf(outputs: Outputs, fetches: Fetches): Results {
  const results: Record<string, OrtTensor> = {};
  const writes: (() => void)[] = [];
  for (const [name, target] of Object.entries(fetches)) {
    const value: Tensor | undefined = outputs[name];
    if (!value) continue;
    if (target) writes.push(intoTensor(name, target, value));
    results[name] = target ?? value;
  }
  for (const write of writes) write();
  return results as Results;
}
