import { ZeroskipError } from '../errors.ts';
import { InputReader } from './input.ts';
import type { LoadOptions } from './load.ts';
import { openSource, type PackageSource } from './source.ts';

const PIECE = 1 << 20;

/**
 * The source itself, or all its bytes after their SHA-256 was found to be `options.sha256`.
 * @throws ZeroskipError `INVALID_PACKAGE` if it is another one, `UNSUPPORTED_HOST` without SubtleCrypto (pages that are no secure context)
 */
export async function verified(source: PackageSource, options: LoadOptions): Promise<PackageSource> {
  const { sha256, signal } = options;
  if (!sha256) return source;
  if (!globalThis.crypto?.subtle)
    throw new ZeroskipError('UNSUPPORTED_HOST', 'load: sha256 needs SubtleCrypto, which this host does not have');
  const bytes = await everything(source, signal);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (found !== sha256.toLowerCase())
    throw new ZeroskipError('INVALID_PACKAGE', `package: its SHA-256 is ${found}, expected ${sha256}`);
  return bytes;
}

async function everything(source: PackageSource, signal: AbortSignal | undefined): Promise<Uint8Array<ArrayBuffer>> {
  const { input, name } = await openSource(source, signal);
  try {
    const reader = new InputReader(input, name, { signal });
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
