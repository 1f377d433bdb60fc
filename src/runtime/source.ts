import { open } from '#host';
import { ZeroskipError } from '../errors.ts';
import { type ByteInput, bytesInput, classOf, expectRunning, streamInput } from './input.ts';

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
  switch (classOf(source)) {
    case 'Uint8Array':
      return { input: bytesInput(source as Uint8Array), name: 'the package' };
    case 'ArrayBuffer':
      return { input: bytesInput(new Uint8Array(source as ArrayBuffer)), name: 'the package' };
    case 'String':
    case 'URL':
      return located(source as string | URL, signal);
    case 'Response': {
      const response = source as Response;
      const name = response.url || 'response';
      return opening(name, async () => responseInput(response, name));
    }
    case 'ReadableStream':
      return opening('stream', async () => streamInput(source as ReadableStream<Uint8Array>, 'stream'));
  }
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
      return 'read' in opened ? opened : responseInput(opened, name);
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
