import { ZeroskipError } from '../errors.ts';
import type { Progress } from '../runtime/input.ts';
import type { Reply, Request } from './protocol.ts';

/** A Web Worker, or a Worker of `node:worker_threads`. */
export interface WorkerLike {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  addEventListener?(type: string, listener: (event: Event) => void): void;
  on?(type: string, listener: (value: unknown) => void): unknown;
}

interface CallOptions {
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
  /** Sent to the worker if the call is aborted while it runs. */
  abort?: Request;
  buffers?: ArrayBuffer[];
}

interface Call {
  request: Request;
  options: CallOptions;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Calls to one worker, in order and one at a time. */
export class Channel {
  private readonly worker: WorkerLike;
  private readonly queue: Call[] = [];
  private running: Call | undefined;
  private lost: ZeroskipError | undefined;
  private watched = false;
  private models = 0;
  private id = 0;

  constructor(worker: WorkerLike) {
    this.worker = worker;
    if (worker.addEventListener) {
      worker.addEventListener('message', (event) => this.receive((event as MessageEvent<Reply>).data));
      worker.addEventListener('error', (event) => {
        // An error that nobody caught does not end a worker.
        if (!this.watched) this.lose((event as ErrorEvent).message || 'it could not be started');
      });
      worker.addEventListener('messageerror', () => this.lose('a message could not be read'));
      this.watch().catch(() => undefined);
    } else {
      worker.on?.('message', (data) => this.receive(data as Reply));
      worker.on?.('error', (error) => this.lose((error as Error).message));
      worker.on?.('exit', (code) => this.lose(`it has exited with code ${code}`));
    }
  }

  /** Browsers do not tell that a worker has ended. A lock that it holds becomes free then; pages that are no secure context have none. */
  private async watch(): Promise<void> {
    const locks = globalThis.navigator?.locks;
    if (!locks) return;
    const lock = `zeroskip ${crypto.randomUUID()}`;
    await this.call({ kind: 'hold', lock }, {});
    this.watched = true;
    await locks.request(lock, () => this.lose('it has ended'));
  }

  /** A number for a model that the worker has not used. */
  newModel(): number {
    return this.models++;
  }

  call<T>(request: Request, options: CallOptions): Promise<T> {
    const { signal } = options;
    return new Promise<unknown>((resolve, reject) => {
      if (this.lost) return reject(this.lost);
      if (signal?.aborted) return reject(aborted(signal));
      const stop = () => this.stop(call);
      const settling =
        <A>(settle: (value: A) => void) =>
        (value: A) => {
          signal?.removeEventListener('abort', stop);
          settle(value);
        };
      const call: Call = { request, options, resolve: settling(resolve), reject: settling(reject) };
      signal?.addEventListener('abort', stop);
      this.queue.push(call);
      this.next();
    }) as Promise<T>;
  }

  private next(): void {
    if (this.running || this.queue.length === 0) return;
    const call = this.queue.shift()!;
    this.running = call;
    this.id++;
    try {
      this.worker.postMessage({ id: this.id, request: call.request }, call.options.buffers ?? []);
    } catch (cause) {
      this.running = undefined;
      const message = `run: the feeds cannot be sent to the worker: ${(cause as Error).message}`;
      call.reject(new ZeroskipError('INVALID_ARGUMENT', message, { cause }));
      this.next();
    }
  }

  private stop(call: Call): void {
    const waiting = this.queue.indexOf(call);
    if (waiting >= 0) this.queue.splice(waiting, 1);
    else if (call.options.abort) this.worker.postMessage({ id: 0, request: call.options.abort }, []);
    call.reject(aborted(call.options.signal!));
  }

  private receive(reply: Reply): void {
    const call = this.running;
    if (!call || reply.id !== this.id) return;
    if (reply.kind === 'progress') {
      const { loaded, total } = reply;
      call.options.onProgress?.({ loaded, total });
      return;
    }
    this.running = undefined;
    // Loaded before the abort came: nobody will ask for this model.
    if (reply.kind === 'loaded' && call.request.kind === 'load' && call.options.signal?.aborted)
      this.call({ kind: 'dispose', model: call.request.model }, {}).catch(() => undefined);
    if (reply.kind === 'error') call.reject(new ZeroskipError(reply.code, reply.message));
    else call.resolve(reply.value);
    this.next();
  }

  private lose(reason: string): void {
    this.lost ??= new ZeroskipError('WORKER_LOST', `worker: ${reason}`);
    const calls = [...(this.running ? [this.running] : []), ...this.queue.splice(0)];
    this.running = undefined;
    for (const call of calls) call.reject(this.lost);
  }
}

const aborted = (signal: AbortSignal): ZeroskipError =>
  new ZeroskipError('ABORTED', 'run: aborted', { cause: signal.reason });
