import { ensure } from '../errors.ts';
import { allBytes } from '../runtime/integrity.ts';
import type { Settings } from './options.ts';

/** Bytes of external data by the location that the model gives. */
export type ExternalFiles = ReadonlyMap<string, Uint8Array>;

/**
 * Reads what the session option `externalData` lists: files under the location that the model gives, or `{ path, data }` with bytes, a Blob, a
 * URL or a path.
 *
 * @throws ZeroskipError `FILE_ERROR`, `INVALID_ARGUMENT`
 */
export async function readExternalFiles(listed: Settings['externalData']): Promise<ExternalFiles> {
  ensure(Array.isArray(listed), 'INVALID_ARGUMENT', () => `create: externalData is a list, found ${listed}`);
  const files = new Map<string, Uint8Array>();
  for (const file of listed) {
    const { path, data } = typeof file === 'string' ? { path: file, data: file } : Object(file);
    ensure(
      typeof path === 'string',
      'INVALID_ARGUMENT',
      () => `create: externalData is a list of paths or of { path, data }, found ${file}`,
    );
    files.set(path.replace(/^(\.\/)+/, ''), await bytesOf(data, path));
  }
  return files;
}

/** Bytes of the session's own: the caller may write to its array, or transfer it. */
async function bytesOf(data: unknown, path: string): Promise<Uint8Array> {
  if (typeof data === 'string') return allBytes(data, {});
  if (data instanceof Uint8Array) return new Uint8Array(data);
  if (typeof Blob !== 'undefined' && data instanceof Blob) return new Uint8Array(await data.arrayBuffer());
  const shared = typeof SharedArrayBuffer !== 'undefined' && data instanceof SharedArrayBuffer;
  ensure(
    shared || data instanceof ArrayBuffer,
    'INVALID_ARGUMENT',
    () => `create: the externalData '${path}' are bytes, a Blob, a URL or a path, found ${data}`,
  );
  return new Uint8Array(new Uint8Array(data as ArrayBufferLike));
}
