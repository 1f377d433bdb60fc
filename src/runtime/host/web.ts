import type { ByteInput } from '../input.ts';
import { compileAt } from './compile_web.ts';

/** Compiles one of the Wasm builds that ship beside the runtime. */
export const compileBuild = (variant: 'simd' | 'relaxed'): Promise<WebAssembly.Module> =>
  compileAt(
    variant === 'relaxed'
      ? new URL('../../../wasm/zeroskip.relaxed.wasm', import.meta.url)
      : new URL('../../../wasm/zeroskip.simd.wasm', import.meta.url),
  );

/** Opens a package by fetch. */
export const open = (location: string | URL, signal?: AbortSignal): Promise<ByteInput | Response> =>
  fetch(location, { signal });
