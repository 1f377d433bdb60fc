/** Keeps packages between visits: Cache storage or IndexedDB in pages and workers, a folder on disk in Node. */
import { openStore } from '#cache-host';
import { ZeroskipError } from '../errors.ts';
import type { Progress } from '../runtime/input.ts';
import { allBytes, sha256Of } from '../runtime/integrity.ts';
import type { Store } from './store.ts';

export interface CacheOptions {
  /** Names what the URL holds now; another version is fetched again and replaces it. `sha256` serves as one too. */
  version?: string;
  /** SHA-256 of the package in hexadecimal digits: neither the cache nor the network may give another one. */
  sha256?: string;
  /** Name of the cache, in Node the folder. */
  store?: string;
  signal?: AbortSignal;
  /** Called as the package arrives from the network. */
  onProgress?: (progress: Progress) => void;
  /** Called when the package cannot be kept (quota, no storage, no rights); the package is returned all the same. */
  onStoreError?: (error: ZeroskipError) => void;
}

/**
 * The bytes of a package, from the cache if they are there, otherwise from the network and then kept.
 *
 * @throws ZeroskipError `FILE_ERROR`, `ABORTED`, `INVALID_PACKAGE` if the network gives another SHA-256
 */
export async function cached(url: string | URL, options: CacheOptions = {}): Promise<Uint8Array> {
  const { sha256, signal, onProgress } = options;
  const name = String(url);
  const version = sha256?.toLowerCase() ?? options.version ?? '';
  const store = await storing(name, options, async () => openStore(options.store));
  const kept = store && (await storing(name, options, () => store.get(name, version)));
  if (kept && (!sha256 || (await sha256Of(kept)) === version)) return kept;
  const bytes = await allBytes(url, { signal, onProgress });
  if (sha256) await expectSha256(bytes, version);
  if (store) await storing(name, options, () => replace(store, name, version, bytes));
  return bytes;
}

/** Drops what the cache holds of a URL. */
export async function forget(url: string | URL, options: Pick<CacheOptions, 'store'> = {}): Promise<void> {
  await openStore(options.store)?.clear(String(url));
}

async function replace(store: Store, url: string, version: string, bytes: Uint8Array): Promise<void> {
  await store.put(url, version, bytes);
  await store.clear(url, version);
}

async function expectSha256(bytes: Uint8Array, expected: string): Promise<void> {
  const found = await sha256Of(bytes);
  if (found !== expected)
    throw new ZeroskipError('INVALID_PACKAGE', `package: its SHA-256 is ${found}, expected ${expected}`);
}

/** A failing store is reported and does without. */
async function storing<T>(
  url: string,
  { onStoreError }: CacheOptions,
  action: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await action();
  } catch (cause) {
    onStoreError?.(
      new ZeroskipError(
        'STORAGE_ERROR',
        `cache: ${url} cannot be kept: ${(cause as Error).message || (cause as Error).name}`,
        { cause },
      ),
    );
    return undefined;
  }
}
