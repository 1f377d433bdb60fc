import { ZeroskipError } from '../errors.ts';
import { InputReader, type ReadOptions } from './input.ts';
import type { LoadOptions } from './load.ts';
import { openSource, type PackageSource } from './source.ts';

const PIECE = 1 << 20;

/**
 * The source itself, or all its bytes after their SHA-256 was found to be `options.sha256`.
 * @throws ZeroskipError `INVALID_PACKAGE` if it is another one, `UNSUPPORTED_HOST` without SubtleCrypto (pages that are no secure context)
 */
export async function verified(source: PackageSource, { sha256, signal }: LoadOptions): Promise<PackageSource> {
  if (!sha256) return source;
  const bytes = await allBytes(source, { signal });
  const found = await sha256Of(bytes);
  if (found !== sha256.toLowerCase())
    throw new ZeroskipError('INVALID_PACKAGE', `package: its SHA-256 is ${found}, expected ${sha256}`);
  return bytes;
}

/** SHA-256 in lower-case hexadecimal digits. */
export async function sha256Of(bytes: Uint8Array): Promise<string> {
  if (!globalThis.crypto?.subtle)
    throw new ZeroskipError('UNSUPPORTED_HOST', 'sha256 needs SubtleCrypto, which this host does not have');
  const digest = await crypto.subtle.digest('SHA-256', bytes as BufferSource);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** All bytes of a source. */
export async function allBytes(source: PackageSource, options: ReadOptions): Promise<Uint8Array> {
  const { input, name } = await openSource(source, options.signal);
  try {
    const reader = new InputReader(input, name, options);
    const pieces: Uint8Array[] = [];
    for (let full = true; full; ) {
      const piece = new Uint8Array(PIECE);
      const count = await reader.fill(piece);
      pieces.push(piece.subarray(0, count));
      full = count === PIECE;
    }
    const bytes = new Uint8Array(reader.loaded);
    pieces.reduce((at, piece) => {
      bytes.set(piece, at);
      return at + piece.byteLength;
    }, 0);
    return bytes;
  } finally {
    await input.close().catch(() => undefined);
  }
}
