import { compileAt } from '../../runtime/host/web.ts';

/** Compiles the image module, from `place` or beside this file. */
export const compileImageModule = async (place?: string): Promise<WebAssembly.Module> =>
  compileAt(place ?? new URL('../../../dist/wasm/zeroskip.image.wasm', import.meta.url));
