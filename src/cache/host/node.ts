import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Store } from '../store.ts';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

/** Packages in a folder: `zeroskip` in `$XDG_CACHE_HOME` or `~/.cache` unless named. */
export function openStore(folder?: string): Store {
  const place = folder ?? join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'zeroskip');
  const prefix = (url: string) => `${hash(url)}-`;
  const file = (url: string, version: string) => join(place, `${prefix(url)}${hash(version)}.zsk`);
  return {
    async get(url, version) {
      try {
        return await readFile(file(url, version));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    async put(url, version, bytes) {
      await mkdir(place, { recursive: true });
      // Under another name first: a reader never sees half a file.
      const partial = join(place, `${randomUUID()}.part`);
      try {
        await writeFile(partial, bytes);
        await rename(partial, file(url, version));
      } catch (error) {
        await rm(partial, { force: true });
        throw error;
      }
    },
    async clear(url, except) {
      const names = await readdir(place).catch(() => [] as string[]);
      const kept = except === undefined ? undefined : file(url, except);
      const old = names.filter((name) => name.startsWith(prefix(url))).map((name) => join(place, name));
      await Promise.all(old.filter((path) => path !== kept).map((path) => rm(path, { force: true })));
    },
  };
}
