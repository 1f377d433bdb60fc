import { open as openFile, readFile } from 'node:fs/promises';
import type { Build } from '../engine.ts';
import type { ByteInput } from '../input.ts';

/** Compiles a Wasm file: a path or a `file:` URL. */
export const compileAt = async (file: string): Promise<WebAssembly.Module> =>
  WebAssembly.compile(await readFile(file.startsWith('file:') ? new URL(file) : file));

/** Compiles one of the Wasm builds: the file `place`, or the one that ships beside the runtime. */
export const compileBuild = async (build: Build, place?: string): Promise<WebAssembly.Module> =>
  compileAt(place ?? new URL(`../../../dist/wasm/zeroskip.${build}.wasm`, import.meta.url).href);

/** Opens a package: http(s), data and blob URLs by fetch, everything else as a file. */
export async function open(location: string | URL, signal?: AbortSignal): Promise<ByteInput | Response> {
  const text = String(location);
  if (/^(https?|data|blob):/.test(text)) return fetch(text, { signal });
  const file = await openFile(text.startsWith('file:') ? new URL(text) : text);
  return {
    read: async (target) => (await file.read(target)).bytesRead,
    close: () => file.close(),
  };
}
