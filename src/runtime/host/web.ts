import type { Build } from '../engine.ts';
import type { ByteInput } from '../input.ts';

/** Written out, so that bundlers see the files; each is fetched only when it is needed. */
const URLS: Record<Build, () => URL> = {
  simd: () => new URL('../../../dist/wasm/zeroskip.simd.wasm', import.meta.url),
  relaxed: () => new URL('../../../dist/wasm/zeroskip.relaxed.wasm', import.meta.url),
  'simd-extra': () => new URL('../../../dist/wasm/zeroskip.simd-extra.wasm', import.meta.url),
  'relaxed-extra': () => new URL('../../../dist/wasm/zeroskip.relaxed-extra.wasm', import.meta.url),
};

/** Fetches a Wasm file and compiles it, while it arrives where the server declares its type. */
export async function compileAt(url: string | URL): Promise<WebAssembly.Module> {
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`HTTP status ${response.status}`);
    // Engines stream this type only, without parameters.
    return /^application\/wasm$/i.test(response.headers.get('content-type') ?? '')
      ? await WebAssembly.compileStreaming(response)
      : await WebAssembly.compile(await response.arrayBuffer());
  } catch (cause) {
    throw new Error(`${url}: ${(cause as Error).message}`);
  }
}

/** Compiles one of the Wasm builds, from `place` or beside the runtime. */
export const compileBuild = async (build: Build, place?: string): Promise<WebAssembly.Module> =>
  compileAt(place ?? URLS[build]());

/** Opens a package by fetch. */
export const open = (location: string | URL, signal?: AbortSignal): Promise<ByteInput | Response> =>
  fetch(location, { signal });
