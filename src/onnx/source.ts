import { ZeroskipError } from '../errors.ts';
import type { Op } from '../ops/op.ts';

/** Options of {@link importOnnx}. */
export interface ImportOptions {
  /** The ops that the graph may use, by their ONNX names. */
  ops: ReadonlyMap<string, Op>;
  /** Name of the model file, for messages. */
  file?: string;
  /** Bytes of a file beside the model, by its relative path with `/` between folders (never absolute, never with `..`). */
  externalData?: (location: string) => Uint8Array;
}

/** A name from a model in quotes, shortened if it is long, without characters that would steer a terminal. */
export function quote(name: string): string {
  const short = name.length > 80 ? `${name.slice(0, 77)}…` : name;
  return `'${short.replace(/\p{Cc}/gu, '\ufffd')}'`;
}

/** The model that is being read: what its errors are headed by, and the files beside it. */
export class Source {
  readonly label: string;
  private readonly files = new Map<string, Uint8Array>();
  private readonly externalData: ImportOptions['externalData'];
  /** Bytes that dense copies of sparse tensors may still take: the format does not bound them by the bytes present. */
  private expansion: number;

  constructor(bytes: number, options: Pick<ImportOptions, 'file' | 'externalData'>) {
    this.label = options.file ?? 'ONNX model';
    this.externalData = options.externalData;
    this.expansion = 2 ** 24 + 1024 * bytes;
  }

  /** An error of the model. */
  fail(message: string, cause?: unknown): never {
    throw new ZeroskipError('INVALID_MODEL', `${this.label}: ${message}`, { cause });
  }

  /** A legal form that this project does not read. */
  unsupported(message: string): never {
    throw new ZeroskipError('UNSUPPORTED_OP', `${this.label}: ${message}`);
  }

  expect(condition: unknown, message: () => string): asserts condition {
    if (!condition) this.fail(message());
  }

  /** Runs `step`, an error of which gets the file's name in front. */
  head<T>(step: () => T): T {
    try {
      return step();
    } catch (cause) {
      if (!(cause instanceof ZeroskipError)) throw cause;
      throw new ZeroskipError(cause.code, `${this.label}: ${cause.message}`, { cause });
    }
  }

  /** Takes `bytes` from the allowance for dense copies of sparse tensors; what is stored outside of the model adds to it. */
  expand(bytes: number, what: string): void {
    this.expect(bytes <= this.expansion, () => `${what} would take ${bytes} bytes, out of proportion to the file`);
    this.expansion -= bytes;
  }

  /** Bytes of the file at `location` beside the model. Read once. */
  external(location: string, what: string): Uint8Array {
    let bytes = this.files.get(location);
    if (bytes) return bytes;
    if (!this.externalData) {
      const message = `${this.label}: ${what} is kept in ${quote(location)} beside the model: give the path of the model, not its bytes`;
      throw new ZeroskipError('FILE_ERROR', message);
    }
    try {
      bytes = this.externalData(location);
    } catch (cause) {
      if (cause instanceof ZeroskipError) throw cause;
      const message = `${this.label}: ${what} is kept in ${quote(location)}, which cannot be read`;
      throw new ZeroskipError('FILE_ERROR', message, { cause });
    }
    this.files.set(location, bytes);
    this.expansion += 1024 * bytes.length;
    return bytes;
  }
}
