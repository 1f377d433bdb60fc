import type { Build } from '../engine.ts';
import type { ByteInput } from '../input.ts';

/** Written out, so that bundlers see the files; each is fetched only when it is needed. */
const URLS: Record<Build, () => URL> = {
  simd: () => new URL('../../../wasm/zeroskip.simd.wasm', import.meta.url),
  relaxed: () => new URL('../../../wasm/zeroskip.relaxed.wasm', import.meta.url),
  'simd-extra': () => new URL('../../../wasm/zeroskip.simd-extra.wasm', import.meta.url),
  'relaxed-extra': () => new URL('../../../wasm/zeroskip.relaxed-extra.wasm', import.meta.url),
};

/** Compiles one of the Wasm builds that ship beside the runtime, while it arrives where the server declares its type. */
export async function compileBuild(build: Build): Promise<WebAssembly.Module> {
  const url = URLS[build]();
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: HTTP status ${response.status}`);
  // Engines stream this type only, without parameters.
  return /^application\/wasm$/i.test(response.headers.get('content-type') ?? '')
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}

/** Opens a package by fetch. */
export const open = (location: string | URL, signal?: AbortSignal): Promise<ByteInput | Response> =>
  fetch(location, { signal });
