import { compileImageModule } from '#image-host';
import { IMAGE_MARKER } from '../../assembly/abi/image.ts';
import { type ErrorCode, ensure, ZeroskipError } from '../errors.ts';
import { hasSimd } from '../runtime/features.ts';
import { classOf } from '../runtime/input.ts';
import { isWasmPaths, placeOf, unloadable, type WasmPaths } from '../runtime/wasm_files.ts';

const CALLER = 'imagePreprocessor';
const PAGE = 65536;

/** The image module over a memory of its own. */
export interface ImageKernels {
  memory: WebAssembly.Memory;
  /** Makes rows `first` to `last - 1` of the result that the record describes. */
  rows(record: number, first: number, last: number): void;
  /** Puts pixels of four bytes over a background, in place; `count` bytes, a multiple of 16. */
  blend(pixels: number, count: number, background: number): void;
}

/** By file. */
const modules = new Map<string | undefined, Promise<WebAssembly.Module>>();

const fail = (code: ErrorCode, why: string, cause?: unknown): never => {
  throw new ZeroskipError(code, `${CALLER}: ${why}`, { cause });
};

/** The module that ships with the package, or the one that `paths` names; compiled once. */
function compiled(paths: WasmPaths | undefined): Promise<WebAssembly.Module> {
  const place = paths === undefined ? undefined : placeOf(CALLER, 'image', paths);
  let module = modules.get(place);
  if (!module) {
    module = compileImageModule(place).catch((cause) => unloadable(CALLER, 'image module', 'module', cause));
    modules.set(place, module);
    module.catch(() => modules.delete(place));
  }
  return module;
}

/** @throws ZeroskipError `UNSUPPORTED_HOST`, `FILE_ERROR`, `INVALID_ARGUMENT` for a module that is another one */
export async function imageKernels(given?: WebAssembly.Module, paths?: WasmPaths): Promise<ImageKernels> {
  if (!hasSimd()) fail('UNSUPPORTED_HOST', 'this host has no WebAssembly SIMD');
  if (given !== undefined && classOf(given) !== 'WebAssembly.Module')
    fail('INVALID_ARGUMENT', 'module is a WebAssembly.Module');
  if (paths !== undefined && !isWasmPaths(paths))
    fail('INVALID_ARGUMENT', 'wasmPaths is the URL of a folder, or an object of URLs');
  const wrong = (cause?: unknown): never =>
    fail('INVALID_ARGUMENT', 'module is not the image module of this version (zeroskip/wasm/image)', cause);
  const module = given ?? (await compiled(paths));
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } }).catch(wrong);
  if ((exports.marker as WebAssembly.Global | undefined)?.value !== IMAGE_MARKER) wrong();
  const { rows, blend } = exports as Record<string, unknown>;
  return { memory, rows, blend } as ImageKernels;
}

/** @throws ZeroskipError `OUT_OF_MEMORY` */
export const checkRoom = (bytes: number, maxBytes: number): void =>
  ensure(
    bytes <= maxBytes,
    'OUT_OF_MEMORY',
    () => `${CALLER}: the image takes ${bytes} bytes of memory, maxBytes is ${maxBytes}`,
  );

/** Grows a memory to `bytes`. @throws ZeroskipError `OUT_OF_MEMORY` */
export function reserve(memory: WebAssembly.Memory, bytes: number, maxBytes: number): void {
  checkRoom(bytes, maxBytes);
  const pages = Math.ceil((bytes - memory.buffer.byteLength) / PAGE);
  if (pages <= 0) return;
  try {
    memory.grow(pages);
  } catch (cause) {
    throw new ZeroskipError('OUT_OF_MEMORY', `${CALLER}: the host has no ${bytes} bytes of memory`, { cause });
  }
}
