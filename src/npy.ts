/** NumPy's array files. */
import { ensure, ZeroskipError } from './errors.ts';
import { arrayOf, bytesOf, type DType, showDims, sizeOf, Tensor, type TypedArray, tensorBytes } from './tensor.ts';

/** Kind and size of NumPy's `descr`, without the byte order. */
const TYPES = new Map<string, DType>([
  ['f2', 'float16'],
  ['f4', 'float32'],
  ['f8', 'float64'],
  ['i1', 'int8'],
  ['i2', 'int16'],
  ['i4', 'int32'],
  ['i8', 'int64'],
  ['u1', 'uint8'],
  ['u2', 'uint16'],
  ['u4', 'uint32'],
  ['u8', 'uint64'],
  ['b1', 'bool'],
]);

const MAGIC = '\x93NUMPY';
const MAX_HEADER_BYTES = 65536;
const ALIGNMENT = 64;
/** Of NumPy 2. */
const MAX_RANK = 64;

/**
 * A tensor from .npy bytes (versions 1 to 3): magic, version, header length, a Python dict `{'descr', 'fortran_order', 'shape'}`, elements.
 * Big-endian and column-major arrays are brought into this project's order; elements are copied.
 *
 * @param name what messages call the file
 * @throws ZeroskipError `FILE_ERROR` for bytes that are no whole .npy file, `TYPE_MISMATCH` for an element type that tensors do not have
 *   (complex numbers, text, objects), `INVALID_ARGUMENT` for what is no bytes
 */
export function fromNpy(bytes: Uint8Array | ArrayBuffer, name = 'fromNpy'): Tensor {
  const file = bytesIn(bytes);
  ensure(file, 'INVALID_ARGUMENT', () => `${name}: bytes are expected, found ${typeof bytes}`);
  const fail = (why: string): never => {
    throw new ZeroskipError('FILE_ERROR', `${name}: ${why}`);
  };
  if (String.fromCharCode(...file.subarray(0, 6)) !== MAGIC) fail('it is no .npy file');
  const version = file[6];
  if (!(version >= 1 && version <= 3)) fail(`.npy version 1, 2 or 3 is expected, found ${version}`);
  const start = version === 1 ? 10 : 12;
  if (file.length < start) fail('the header is cut off');
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_HEADER_BYTES || start + length > file.length) fail('the header is cut off');
  const header = new TextDecoder().decode(file.subarray(start, start + length));
  const { descr, fortran, dims } = parseHeader(header) ?? fail('the header is not understood');
  const type = TYPES.get(descr.slice(1));
  if (!type || !'<>|='.includes(descr[0]))
    throw new ZeroskipError('TYPE_MISMATCH', `${name}: elements of type '${descr}' are not supported`);
  const size = sizeOf(dims);
  const needed = size * bytesOf(type);
  const found = file.length - start - length;
  if (needed !== found) fail(`${descr} elements of shape ${showDims(dims)} take ${needed} bytes, found ${found}`);
  // A copy, since the elements may stand at an odd address (slice would not copy a Buffer).
  const elements = new Uint8Array(file.subarray(start + length));
  if (descr[0] === '>') swapBytes(elements, bytesOf(type));
  const data = new (arrayOf(type))(elements.buffer, 0, size);
  return new Tensor(type, fortran ? toRowMajor(data, dims) : data, dims);
}

/** Whatever realm they are from. */
function bytesIn(x: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(x)) return new Uint8Array(x.buffer, x.byteOffset, x.byteLength);
  return Object.prototype.toString.call(x) === '[object ArrayBuffer]' ? new Uint8Array(x as ArrayBuffer) : undefined;
}

/** The three entries of the header, or undefined where one is missing or malformed. */
function parseHeader(header: string): { descr: string; fortran: boolean; dims: number[] } | undefined {
  const descr = /['"]descr['"]\s*:\s*['"]([^'"]{2,64})['"]/.exec(header)?.[1];
  const fortran = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(header)?.[1];
  const shape = /['"]shape['"]\s*:\s*\(([\d\s,]*)\)/.exec(header)?.[1].trim();
  if (descr === undefined || fortran === undefined || shape === undefined) return undefined;
  const entries = shape.replace(/,$/, '').split(',');
  const dims = shape === '' ? [] : entries.map((d) => (d.trim() === '' ? Number.NaN : Number(d)));
  if (!(dims.length <= MAX_RANK && dims.every(Number.isSafeInteger) && Number.isSafeInteger(sizeOf(dims))))
    return undefined;
  return { descr, fortran: fortran === 'True', dims };
}

function swapBytes(bytes: Uint8Array, width: number): void {
  for (let i = 0; i < bytes.length; i += width) {
    for (let low = i, high = i + width - 1; low < high; low++, high--) {
      const byte = bytes[low];
      bytes[low] = bytes[high];
      bytes[high] = byte;
    }
  }
}

/** Row-major copy of a column-major array. */
function toRowMajor(data: TypedArray, dims: readonly number[]): TypedArray {
  const out = data.slice();
  const index = new Array<number>(dims.length).fill(0);
  for (let i = 0; i < data.length; i++) {
    let at = 0;
    for (let axis = 0; axis < dims.length; axis++) at = at * dims[axis] + index[axis];
    out[at] = data[i];
    for (let axis = 0; axis < dims.length && ++index[axis] === dims[axis]; axis++) index[axis] = 0;
  }
  return out;
}

/**
 * .npy bytes (version 1, row-major, little-endian) of a tensor, as `numpy.save` writes them.
 *
 * @throws ZeroskipError `INVALID_ARGUMENT` for what is no Tensor, or has more dimensions than arrays may
 */
export function toNpy(tensor: Tensor): Uint8Array<ArrayBuffer> {
  ensure(tensor instanceof Tensor, 'INVALID_ARGUMENT', 'toNpy: a Tensor is expected');
  const { type, dims } = tensor;
  ensure(
    dims.length <= MAX_RANK,
    'INVALID_ARGUMENT',
    () => `toNpy: NumPy has up to ${MAX_RANK} dimensions, the tensor has ${dims.length}`,
  );
  const code = [...TYPES].find(([, of]) => of === type)?.[0];
  const shape = `(${dims.join(', ')}${dims.length === 1 ? ',' : ''})`;
  const dict = `{'descr': '${bytesOf(type) === 1 ? '|' : '<'}${code}', 'fortran_order': False, 'shape': ${shape}, }`;
  const start = Math.ceil((10 + dict.length + 1) / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(start + tensor.data.byteLength);
  const header = `${MAGIC}\x01\x00${String.fromCharCode((start - 10) & 255, (start - 10) >> 8)}${dict.padEnd(start - 11)}\n`;
  for (let i = 0; i < start; i++) bytes[i] = header.charCodeAt(i);
  bytes.set(tensorBytes(tensor), start);
  return bytes;
}
