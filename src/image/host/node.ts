import { compileAt } from '../../runtime/host/node.ts';

/** Compiles the image module that ships with the package. */
export const compileImageModule = (): Promise<WebAssembly.Module> =>
  compileAt(new URL('../../../wasm/zeroskip.image.wasm', import.meta.url));
