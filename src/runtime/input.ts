import { ZeroskipError } from '../errors.ts';

/** Name of the built-in class of a value, whatever realm it is from: `instanceof` knows the classes of its own realm only. */
export const classOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

/** Bytes that come one after the other. */
export interface ByteInput {
  /** Writes the next bytes to the front of `target`; returns how many, 0 only at the end. */
  read(target: Uint8Array): Promise<number>;
  /** Stops; nothing is read after it. */
  close(): Promise<void>;
}

/** Bytes that are there. */
export function bytesInput(bytes: Uint8Array): ByteInput {
  let at = 0;
  return {
    async read(target) {
      const piece = bytes.subarray(at, at + target.byteLength);
      target.set(piece);
      at += piece.byteLength;
      return piece.byteLength;
    },
    async close() {},
  };
}

/** Bytes of a stream; `name` heads error messages. */
export function streamInput(stream: ReadableStream<Uint8Array>, name: string): ByteInput {
  const reader = stream.getReader();
  let rest = new Uint8Array(0);
  return {
    async read(target) {
      while (rest.byteLength === 0) {
        const { done, value } = await reader.read();
        if (done) return 0;
        if (classOf(value) !== 'Uint8Array') throw new TypeError(`${name} holds ${typeof value}, not bytes`);
        rest = value as Uint8Array<ArrayBuffer>;
      }
      const piece = rest.subarray(0, target.byteLength);
      target.set(piece);
      rest = rest.subarray(piece.byteLength);
      return piece.byteLength;
    },
    close: () => reader.cancel(),
  };
}

/** How far a package has been read. */
export interface Progress {
  loaded: number;
  /** Bytes of the whole package; undefined until its header is there. */
  total: number | undefined;
}

export interface ReadOptions {
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

/** Reads an input piece by piece, with progress and abortion. */
export class InputReader {
  total: number | undefined;
  loaded = 0;
  private readonly input: ByteInput;
  private readonly name: string;
  private readonly signal: AbortSignal | undefined;
  private readonly onProgress: ((progress: Progress) => void) | undefined;

  constructor(input: ByteInput, name: string, options: ReadOptions) {
    this.input = input;
    this.name = name;
    this.signal = options.signal;
    this.onProgress = options.onProgress;
  }

  /** Fills `target` as far as the input goes; returns the number of bytes. */
  async fill(target: Uint8Array): Promise<number> {
    let at = 0;
    while (at < target.byteLength) {
      expectRunning(this.signal);
      const count = await this.next(target.subarray(at));
      if (count === 0) break;
      at += count;
      this.loaded += count;
      this.onProgress?.({ loaded: this.loaded, total: this.total });
    }
    return at;
  }

  private async next(target: Uint8Array): Promise<number> {
    const { input, signal } = this;
    const stop = () => void input.close().catch(() => undefined);
    signal?.addEventListener('abort', stop);
    try {
      return await input.read(target);
    } catch (cause) {
      expectRunning(signal);
      throw new ZeroskipError('FILE_ERROR', `load: ${this.name} cannot be read: ${(cause as Error).message}`, {
        cause,
      });
    } finally {
      signal?.removeEventListener('abort', stop);
      expectRunning(signal);
    }
  }
}

/** @throws ZeroskipError `ABORTED` */
export function expectRunning(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new ZeroskipError('ABORTED', 'load: aborted', { cause: signal.reason });
}
