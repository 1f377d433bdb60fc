import { readFileSync, realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { ZeroskipError } from '../errors.ts';

/** Most bytes that a gzip file may unpack to. */
const MAX_UNPACKED_BYTES = 2 ** 32;

const REASONS: Record<string, string> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
};

const pathOf = (location: string | URL): string =>
  String(location).startsWith('file:') ? fileURLToPath(location) : String(location);

/** Why the file system refused. */
export const reasonOf = (error: unknown): string =>
  REASONS[(error as NodeJS.ErrnoException).code ?? ''] ?? (error as Error).message;

/** A model file; one in gzip format is unpacked. */
export async function readBytes(location: string | URL): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(pathOf(location));
  } catch (cause) {
    throw new ZeroskipError('FILE_ERROR', `${location} cannot be read: ${reasonOf(cause)}`, { cause });
  }
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? unpack(bytes, location, MAX_UNPACKED_BYTES) : bytes;
}

/** @throws ZeroskipError `FILE_ERROR` for a damaged gzip file, or one that unpacks to more than `limit` bytes */
export function unpack(bytes: Uint8Array, location: string | URL, limit: number): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: limit });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why =
      code === 'ERR_BUFFER_TOO_LARGE' ? `it holds more than ${limit} bytes` : `its gzip data are damaged (${message})`;
    throw new ZeroskipError('FILE_ERROR', `${location} cannot be unpacked: ${why}`, { cause });
  }
}

/** A file of external data beside a model; a symbolic link may not lead out of the model's folder. */
export function readExternal(model: string | URL, location: string): Uint8Array {
  const folder = realpathSync(dirname(pathOf(model)));
  const path = realpathSync(join(folder, location));
  if (relative(folder, path).startsWith('..')) {
    throw new ZeroskipError(
      'INVALID_MODEL',
      `${model}: external data '${location}' lies outside of the model's folder`,
    );
  }
  return readFileSync(path);
}
