import { compileAt } from '../../runtime/host/node.ts';

/** Compiles the image module: the file `place`, or the one that ships with the package. */
export const compileImageModule = async (place?: string): Promise<WebAssembly.Module> =>
  compileAt(place ?? new URL('../../../dist/wasm/zeroskip.image.wasm', import.meta.url).href);
