import { open } from '#host';
import { ZeroskipError } from '../errors.ts';

/** What `load` takes as a package. */
export type PackageSource = Uint8Array | ArrayBuffer | URL | string | Response | ReadableStream<Uint8Array>;

/** All bytes of a package source. */
export async function sourceBytes(source: PackageSource): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (typeof source === 'string' || source instanceof URL) return located(source);
  if (typeof Response !== 'undefined' && source instanceof Response)
    return responseBytes(() => source, source.url || 'response');
  if (typeof ReadableStream !== 'undefined' && source instanceof ReadableStream)
    return responseBytes(() => new Response(source), 'stream');
  throw new ZeroskipError(
    'INVALID_ARGUMENT',
    'load: the package is bytes, a URL, a path, a Response or a ReadableStream',
  );
}

async function located(location: string | URL): Promise<Uint8Array> {
  let opened: Uint8Array | Response;
  try {
    opened = await open(location);
  } catch (cause) {
    throw new ZeroskipError('FILE_ERROR', `load: ${location} cannot be read: ${(cause as Error).message}`, { cause });
  }
  return opened instanceof Uint8Array ? opened : responseBytes(() => opened, String(location));
}

/** `respond` itself fails on a stream that somebody else reads. */
async function responseBytes(respond: () => Response, name: string): Promise<Uint8Array> {
  try {
    const response = respond();
    if (!response.ok) throw new Error(`HTTP status ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw new ZeroskipError('FILE_ERROR', `load: ${name} cannot be read: ${(cause as Error).message}`, { cause });
  }
}
