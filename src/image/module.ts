import { compileImageModule } from '#image-host';
import { IMAGE_MARKER } from '../../assembly/abi/image.ts';
import { ensure, ZeroskipError } from '../errors.ts';
import { hasSimd } from '../runtime/features.ts';

const PAGE = 65536;

/** The image module over a memory of its own. */
export interface ImageKernels {
  memory: WebAssembly.Memory;
  /** Makes rows `first` to `last - 1` of the result that the record describes. */
  rows(record: number, first: number, last: number): void;
  /** Puts pixels of four bytes over a background, in place; `count` bytes, a multiple of 16. */
  blend(pixels: number, count: number, background: number): void;
}

let shipped: Promise<WebAssembly.Module> | undefined;

/** The module that ships with the package; compiled once. */
function compiled(): Promise<WebAssembly.Module> {
  shipped ??= compileImageModule().catch((cause: Error) => {
    shipped = undefined;
    throw new ZeroskipError('FILE_ERROR', `imagePreprocessor: its module cannot be loaded: ${cause.message}`, {
      cause,
    });
  });
  return shipped;
}

/** @throws ZeroskipError `UNSUPPORTED_HOST`, `FILE_ERROR`, `INVALID_ARGUMENT` for a module that is another one */
export async function imageKernels(module?: WebAssembly.Module): Promise<ImageKernels> {
  ensure(hasSimd(), 'UNSUPPORTED_HOST', 'imagePreprocessor: this host has no WebAssembly SIMD');
  ensure(
    module === undefined || module instanceof WebAssembly.Module,
    'INVALID_ARGUMENT',
    'imagePreprocessor: module is a WebAssembly.Module',
  );
  const memory = new WebAssembly.Memory({ initial: 1 });
  const instance = await WebAssembly.instantiate(module ?? (await compiled()), { env: { memory } }).catch(
    () => undefined,
  );
  const exports = instance?.exports as Record<string, unknown> | undefined;
  ensure(
    (exports?.marker as WebAssembly.Global | undefined)?.value === IMAGE_MARKER,
    'INVALID_ARGUMENT',
    'imagePreprocessor: the module is not the image module of this version (zeroskip/wasm/image.wasm)',
  );
  return { memory, rows: exports?.rows, blend: exports?.blend } as ImageKernels;
}

/** @throws ZeroskipError `OUT_OF_MEMORY` */
export const checkRoom = (bytes: number, maxBytes: number): void =>
  ensure(
    bytes <= maxBytes,
    'OUT_OF_MEMORY',
    () => `imagePreprocessor: the image takes ${bytes} bytes of memory, maxBytes is ${maxBytes}`,
  );

/** Grows a memory to `bytes`. @throws ZeroskipError `OUT_OF_MEMORY` */
export function reserve(memory: WebAssembly.Memory, bytes: number, maxBytes: number): void {
  checkRoom(bytes, maxBytes);
  const pages = Math.ceil((bytes - memory.buffer.byteLength) / PAGE);
  if (pages <= 0) return;
  try {
    memory.grow(pages);
  } catch (cause) {
    throw new ZeroskipError('OUT_OF_MEMORY', `imagePreprocessor: the host has no ${bytes} bytes of memory`, { cause });
  }
}
