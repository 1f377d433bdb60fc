import { open } from '#host';
import { ZeroskipError } from '../errors.ts';
import { type ByteInput, bytesInput, expectRunning, streamInput } from './input.ts';

/** What `load` takes as a package. */
export type PackageSource = Uint8Array | ArrayBuffer | URL | string | Response | ReadableStream<Uint8Array>;

/** A package source, opened; `name` heads error messages. */
export interface OpenSource {
  input: ByteInput;
  name: string;
}

/**
 * Opens a package source.
 * @throws ZeroskipError `INVALID_ARGUMENT`, `FILE_ERROR`, `ABORTED`
 */
export async function openSource(source: PackageSource, signal?: AbortSignal): Promise<OpenSource> {
  if (source instanceof Uint8Array) return { input: bytesInput(source), name: 'the package' };
  if (source instanceof ArrayBuffer) return { input: bytesInput(new Uint8Array(source)), name: 'the package' };
  if (typeof source === 'string' || source instanceof URL) return located(source, signal);
  if (typeof Response !== 'undefined' && source instanceof Response)
    return opening(source.url || 'response', async () => responseInput(source, source.url || 'response'));
  if (typeof ReadableStream !== 'undefined' && source instanceof ReadableStream)
    return opening('stream', async () => streamInput(source, 'stream'));
  throw new ZeroskipError(
    'INVALID_ARGUMENT',
    'load: the package is bytes, a URL, a path, a Response or a ReadableStream',
  );
}

async function located(location: string | URL, signal: AbortSignal | undefined): Promise<OpenSource> {
  expectRunning(signal);
  const name = String(location);
  return opening(
    name,
    async () => {
      const opened = await open(location, signal);
      return opened instanceof Response ? responseInput(opened, name) : opened;
    },
    signal,
  );
}

async function opening(name: string, how: () => Promise<ByteInput>, signal?: AbortSignal): Promise<OpenSource> {
  try {
    return { input: await how(), name };
  } catch (cause) {
    expectRunning(signal);
    throw new ZeroskipError('FILE_ERROR', `load: ${name} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

function responseInput(response: Response, name: string): ByteInput {
  if (!response.ok) throw new Error(`HTTP status ${response.status}`);
  return response.body ? streamInput(response.body, name) : bytesInput(new Uint8Array(0));
}
