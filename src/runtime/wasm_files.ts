import { ZeroskipError } from '../errors.ts';
import { classOf } from './input.ts';

/** Where the Wasm files are: the folder that holds `zeroskip.simd.wasm` and so on, or the file of each build. */
export type WasmPaths =
  | string
  | URL
  | Partial<Record<'simd' | 'relaxed' | 'simd-extra' | 'relaxed-extra' | 'image', string | URL>>;

export const isWasmPaths = (paths: unknown): paths is WasmPaths => /^(String|URL|Object)$/.test(classOf(paths));

/** The file of a build. @throws ZeroskipError `INVALID_ARGUMENT` */
export function placeOf(caller: string, build: string, paths: WasmPaths): string {
  if (typeof paths === 'string' || classOf(paths) === 'URL')
    return `${String(paths).replace(/\/?$/, '/')}zeroskip.${build}.wasm`;
  const place = (paths as Record<string, string | URL>)[build];
  if (!place)
    throw new ZeroskipError(
      'INVALID_ARGUMENT',
      `${caller}: wasmPaths names no file for '${build}', which is needed here`,
    );
  return String(place);
}

/** Tells a host that compiles nothing from a file that is not there. @throws ZeroskipError `FILE_ERROR`, `UNSUPPORTED_HOST` */
export async function unloadable(caller: string, what: string, options: string, cause: Error): Promise<never> {
  const compiles = await WebAssembly.compile(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)).catch(() => undefined);
  const [code, message] = compiles
    ? ([
        'FILE_ERROR',
        `the ${what} cannot be loaded: ${cause.message} (wasmPaths can say where they are; hosts that cannot load them take compiled ones as ${options})`,
      ] as const)
    : ([
        'UNSUPPORTED_HOST',
        "this host does not compile WebAssembly: a page needs 'wasm-unsafe-eval' in the script-src of its Content-Security-Policy, another host the option module",
      ] as const);
  throw new ZeroskipError(code, `${caller}: ${message}`, { cause });
}
