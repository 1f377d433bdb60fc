import { type UnzipFileInfo, unzipSync, zipSync } from 'fflate';
import { ensure, ZeroskipError } from '../errors.ts';
import { toNpy } from '../npy.ts';
import type { Tensor } from '../tensor.ts';
import { parseNpy } from './npy.ts';

/** Most that a byte of Deflate can stand for, and room for an empty stream. */
const DEFLATE_RATIO = 1032;
const DEFLATE_SLACK = 64;
const MAX_ARRAYS = 4096;
const MAX_UNPACKED_BYTES = 2 ** 32;

/** Zip's compression methods. */
const STORED = 0;
const DEFLATED = 8;

/** The arrays of a .npz file, and the names of all of them. */
export interface Npz {
  arrays: Map<string, Tensor>;
  names: string[];
}

/**
 * Arrays by name from .npz bytes: a zip file, stored or deflated, that holds `NAME.npy` for each; of those whose names `wanted` accepts. What the zip declares is believed only
 * as far as its own length allows, so memory is bounded by the length of the file and by 4 GiB.
 *
 * @throws ZeroskipError `FILE_ERROR`, `TYPE_MISMATCH` for an element type that tensors do not have
 */
export function parseNpz(file: Uint8Array, path: string, wanted: (name: string) => boolean = () => true): Npz {
  const fail = (why: string): never => {
    throw new ZeroskipError('FILE_ERROR', `${path}: ${why}`);
  };
  if (!(file[0] === 0x50 && file[1] === 0x4b)) fail('it is no .npz file (a zip file of .npy arrays)');
  const names = new Set<string>();
  let packed = 0;
  let unpacked = 0;
  const accept = ({ name, size, originalSize, compression }: UnzipFileInfo): boolean => {
    const array = name.replace(/\.npy$/, '');
    if (names.has(array)) fail(`there are two arrays '${array}'`);
    names.add(array);
    if (names.size > MAX_ARRAYS) fail(`more than ${MAX_ARRAYS} arrays`);
    if (compression !== STORED && compression !== DEFLATED)
      fail(`array '${array}' is compressed by method ${compression}, 0 or 8 is expected`);
    packed += size;
    unpacked += originalSize;
    const most = compression === STORED ? size : size * DEFLATE_RATIO + DEFLATE_SLACK;
    if (originalSize > most) fail(`array '${array}' declares ${originalSize} bytes, its ${size} bytes hold ${most}`);
    if (packed > file.length) fail(`its arrays declare ${packed} bytes, the file has ${file.length}`);
    if (unpacked > MAX_UNPACKED_BYTES) fail(`its arrays take more than ${MAX_UNPACKED_BYTES} bytes`);
    return wanted(array);
  };
  const files = unzip(file, path, accept);
  const arrays = new Map<string, Tensor>();
  for (const [name, bytes] of Object.entries(files)) {
    const array = name.replace(/\.npy$/, '');
    arrays.set(array, parseNpy(bytes, `${path}: array '${array}'`));
  }
  return { arrays, names: [...names] };
}

function unzip(file: Uint8Array, path: string, filter: (info: UnzipFileInfo) => boolean): Record<string, Uint8Array> {
  try {
    return unzipSync(file, { filter });
  } catch (cause) {
    if (cause instanceof ZeroskipError) throw cause;
    throw new ZeroskipError('FILE_ERROR', `${path}: the zip file is damaged (${(cause as Error).message})`, { cause });
  }
}

/** .npz bytes of arrays by name, stored as `numpy.savez` does, or deflated. */
export function formatNpz(arrays: ReadonlyMap<string, Tensor>, deflate = false): Uint8Array {
  const files: Record<string, Uint8Array> = Object.create(null);
  for (const [name, tensor] of arrays) {
    ensure(name !== '', 'INVALID_ARGUMENT', 'an array of a .npz file needs a name');
    files[`${name}.npy`] = toNpy(tensor);
  }
  return zipSync(files, { level: deflate ? 6 : 0 });
}
