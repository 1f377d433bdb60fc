import { readFile } from 'node:fs/promises';

/** Bytes of one of the Wasm builds that ship beside the runtime. */
export const wasmBytes = (variant: 'simd' | 'relaxed'): Promise<BufferSource> =>
  readFile(new URL(`../../../wasm/zeroskip.${variant}.wasm`, import.meta.url));

/** Opens a package: http(s) and data URLs by fetch, everything else as a file. */
export async function open(location: string | URL): Promise<Uint8Array | Response> {
  const text = String(location);
  if (/^(https?|data|blob):/.test(text)) return fetch(text);
  return readFile(text.startsWith('file:') ? new URL(text) : text);
}
