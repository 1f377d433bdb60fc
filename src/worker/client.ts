/** A model behind a worker: the page stays responsive while it loads and runs. */
import { ZeroskipError } from '../errors.ts';
import type { Feeds } from '../runtime/feeds.ts';
import { classOf, type Progress } from '../runtime/input.ts';
import type { ProfileEntry } from '../runtime/profile.ts';
import type { WasmPaths } from '../runtime/wasm_files.ts';
import { Tensor } from '../tensor.ts';
import { Channel, type WorkerLike } from './channel.ts';
import type { ModelFacts, PlainOptions, PlainTensors } from './protocol.ts';

export type { WorkerLike } from './channel.ts';
export type { ModelFacts, PlainOptions } from './protocol.ts';

export interface WorkerLoadOptions extends PlainOptions {
  /** Stops loading: `loadInWorker` then rejects with `ABORTED`. */
  signal?: AbortSignal;
  /** Called as the package arrives. */
  onProgress?: (progress: Progress) => void;
}

export interface WorkerRunOptions {
  /** Takes the call out of the queue; one that runs already goes on, and its result is dropped. Either rejects with `ABORTED`. */
  signal?: AbortSignal;
  /** Moves the buffers of the feeds to the worker instead of copying them: they are empty afterwards. */
  transfer?: boolean;
}

const channels = new WeakMap<WorkerLike, Channel>();

/**
 * Loads a package in a worker that runs `zeroskip/worker/script`. One worker may hold several models.
 *
 * @param source a URL that the worker can read, or bytes, which are copied
 * @throws ZeroskipError as `load`; `WORKER_LOST` if the worker fails
 */
export async function loadInWorker(
  worker: WorkerLike,
  source: string | URL | Uint8Array | ArrayBuffer,
  options: WorkerLoadOptions = {},
): Promise<WorkerModel> {
  const { signal, onProgress, wasmPaths, ...rest } = options;
  const plainOptions = wasmPaths === undefined ? rest : { ...rest, wasmPaths: plainPaths(wasmPaths) };
  const channel = channels.get(worker) ?? new Channel(worker);
  channels.set(worker, channel);
  const model = channel.newModel();
  const plain = /^(Uint8Array|ArrayBuffer)$/.test(classOf(source))
    ? (source as Uint8Array)
    : absolute(source as string | URL);
  const facts = await channel.call<ModelFacts>(
    { kind: 'load', model, source: plain, options: plainOptions, progress: onProgress !== undefined },
    { signal, onProgress, abort: { kind: 'abort', model } },
  );
  return new WorkerModel(channel, model, facts);
}

/** A loaded package in another thread; like `Model`, but every call is asynchronous. */
export class WorkerModel implements ModelFacts {
  readonly name: string;
  readonly inputs: ModelFacts['inputs'];
  readonly outputs: ModelFacts['outputs'];
  readonly metadata: ModelFacts['metadata'];
  readonly variant: ModelFacts['variant'];
  readonly engine: ModelFacts['engine'];
  readonly memoryBytes: number;
  readonly arenaBytes: number;
  private readonly channel: Channel;
  private readonly model: number;

  /** @internal Models come from {@link loadInWorker}. */
  constructor(channel: Channel, model: number, facts: ModelFacts) {
    this.channel = channel;
    this.model = model;
    this.name = facts.name;
    this.inputs = facts.inputs;
    this.outputs = facts.outputs;
    this.metadata = facts.metadata;
    this.variant = facts.variant;
    this.engine = facts.engine;
    this.memoryBytes = facts.memoryBytes;
    this.arenaBytes = facts.arenaBytes;
  }

  /**
   * Runs the plan whose input dims equal those of `feeds`. Calls are done in order, one at a time.
   * @throws ZeroskipError as `Model.run`; `ABORTED`, `WORKER_LOST`
   */
  async run(feeds: Feeds, { signal, transfer = false }: WorkerRunOptions = {}): Promise<Record<string, Tensor>> {
    const plain = plainFeeds(feeds);
    const buffers = transfer ? buffersOf(plain) : [];
    const outputs = await this.channel.call<PlainTensors>(
      { kind: 'run', model: this.model, feeds: plain },
      { signal, buffers },
    );
    const tensors: Record<string, Tensor> = Object.create(null);
    for (const [name, { type, data, dims }] of Object.entries(outputs)) tensors[name] = new Tensor(type, data, dims);
    return tensors;
  }

  /** As `Model.profile`. */
  profile(feeds: Feeds): Promise<ProfileEntry[]> {
    return this.channel.call({ kind: 'profile', model: this.model, feeds: plainFeeds(feeds) }, {});
  }

  /** Gives the memory back once the calls before it are done; later calls fail with `DISPOSED`. The worker goes on. */
  dispose(): Promise<void> {
    return this.channel.call({ kind: 'dispose', model: this.model }, {});
  }
}

/** A location as it is seen from here: the address of the worker is another base. */
function absolute(location: string | URL): string {
  const base = globalThis.document?.baseURI ?? globalThis.location?.href;
  try {
    return base ? new URL(location, base).href : String(location);
  } catch {
    return String(location);
  }
}

const plainPaths = (paths: WasmPaths): WasmPaths =>
  typeof paths === 'object' && classOf(paths) !== 'URL'
    ? Object.fromEntries(Object.entries(paths).map(([build, place]) => [build, absolute(place)]))
    : absolute(paths as string | URL);

function plainFeeds(feeds: Feeds): PlainTensors {
  if (typeof feeds !== 'object' || feeds === null)
    throw new ZeroskipError('INVALID_ARGUMENT', 'run: the feeds are an object of tensors by input name');
  return Object.fromEntries(Object.entries(feeds).map(([name, { type, data, dims }]) => [name, { type, data, dims }]));
}

const buffersOf = (feeds: PlainTensors): ArrayBuffer[] => [
  ...new Set(Object.values(feeds).map(({ data }) => data.buffer as ArrayBuffer)),
];
