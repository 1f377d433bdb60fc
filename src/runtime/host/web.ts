import type { ByteInput } from '../input.ts';

/** Compiles one of the Wasm builds that ship beside the runtime, while it arrives where the server declares its type. */
export async function compileBuild(variant: 'simd' | 'relaxed'): Promise<WebAssembly.Module> {
  const url =
    variant === 'relaxed'
      ? new URL('../../../wasm/zeroskip.relaxed.wasm', import.meta.url)
      : new URL('../../../wasm/zeroskip.simd.wasm', import.meta.url);
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: HTTP status ${response.status}`);
  return /^application\/wasm\b/.test(response.headers.get('content-type') ?? '')
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}

/** Opens a package by fetch. */
export const open = (location: string | URL, signal?: AbortSignal): Promise<ByteInput | Response> =>
  fetch(location, { signal });
