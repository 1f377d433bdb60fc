import { compileImageModule } from '#image-host';
import { IMAGE_MARKER } from '../../assembly/abi/image.ts';
import { type ErrorCode, ensure, ZeroskipError } from '../errors.ts';
import { hasSimd } from '../runtime/features.ts';
import { classOf } from '../runtime/input.ts';

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

const fail = (code: ErrorCode, why: string, cause?: unknown): never => {
  throw new ZeroskipError(code, `imagePreprocessor: ${why}`, { cause });
};

/** The module that ships with the package; compiled once. */
function compiled(): Promise<WebAssembly.Module> {
  shipped ??= compileImageModule().catch((cause: Error) => {
    shipped = undefined;
    const wayOut = 'hosts that cannot load or compile it take a compiled one as the option module';
    return fail('FILE_ERROR', `the image module cannot be loaded: ${cause.message} (${wayOut})`, cause);
  });
  return shipped;
}

/** @throws ZeroskipError `UNSUPPORTED_HOST`, `FILE_ERROR`, `INVALID_ARGUMENT` for a module that is another one */
export async function imageKernels(given?: WebAssembly.Module): Promise<ImageKernels> {
  if (!hasSimd()) fail('UNSUPPORTED_HOST', 'this host has no WebAssembly SIMD');
  if (given !== undefined && classOf(given) !== 'WebAssembly.Module')
    fail('INVALID_ARGUMENT', 'module is a WebAssembly.Module');
  const wrong = (cause?: unknown): never =>
    fail('INVALID_ARGUMENT', 'module is not the image module of this version (zeroskip/wasm/image)', cause);
  const module = given ?? (await compiled());
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
