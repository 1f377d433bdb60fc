import type { Store } from '../store.ts';

const NAME = 'zeroskip';

/** Packages in Cache storage, or in IndexedDB where pages have none; undefined where there is neither. */
export function openStore(name = NAME): Store | undefined {
  if (typeof caches !== 'undefined') return cacheStore(name);
  if (typeof indexedDB !== 'undefined') return databaseStore(name);
  return undefined;
}

/** The version travels in the query of the absolute URL: Cache storage keys have no fragments. */
function key(url: string, version: string): string {
  const whole = new URL(url, globalThis.document?.baseURI ?? globalThis.location?.href);
  whole.hash = '';
  return `${whole}${whole.search ? '&' : '?'}zeroskip=${encodeURIComponent(version)}`;
}

function cacheStore(name: string): Store {
  return {
    async get(url, version) {
      const found = await (await caches.open(name)).match(key(url, version));
      return found && new Uint8Array(await found.arrayBuffer());
    },
    async put(url, version, bytes) {
      await (await caches.open(name)).put(key(url, version), new Response(bytes as BufferSource as BodyInit));
    },
    async clear(url, except) {
      const cache = await caches.open(name);
      const kept = except === undefined ? undefined : key(url, except);
      for (const { url: found } of await cache.keys()) {
        if (found.startsWith(key(url, '')) && found !== kept) await cache.delete(found);
      }
    },
  };
}

const done = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

function databaseStore(name: string): Store {
  const TABLE = 'packages';
  const open = async (): Promise<IDBDatabase> => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(TABLE);
    return done(request);
  };
  async function use<T>(mode: IDBTransactionMode, action: (table: IDBObjectStore) => Promise<T>): Promise<T> {
    const database = await open();
    try {
      const transaction = database.transaction(TABLE, mode);
      const committed = new Promise<void>((resolve, reject) => {
        transaction.oncomplete = () => resolve();
        transaction.onabort = () => reject(transaction.error ?? new Error('the transaction was aborted'));
      });
      committed.catch(() => undefined);
      const result = await action(transaction.objectStore(TABLE));
      await committed;
      return result;
    } finally {
      database.close();
    }
  }
  return {
    get: (url, version) => use('readonly', (table) => done<Uint8Array | undefined>(table.get(key(url, version)))),
    put: (url, version, bytes) =>
      use('readwrite', async (table) => {
        await done(table.put(bytes, key(url, version)));
      }),
    clear: (url, except) =>
      use('readwrite', async (table) => {
        const kept = except === undefined ? undefined : key(url, except);
        for (const found of await done(table.getAllKeys())) {
          if (String(found).startsWith(key(url, '')) && found !== kept) await done(table.delete(found));
        }
      }),
  };
}
