import { readFile } from 'node:fs/promises';

/** Compiles a Wasm file. */
export const compileAt = async (url: URL): Promise<WebAssembly.Module> => WebAssembly.compile(await readFile(url));
