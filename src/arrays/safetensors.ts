import { ensure, ZeroskipError } from '../errors.ts';
import { arrayOf, bytesOf, type DType, sizeOf, Tensor, tensorBytes } from '../tensor.ts';

/** Element types of the format that tensors have. */
const TYPES: Readonly<Record<string, DType>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  I64: 'int64',
  I32: 'int32',
  I16: 'int16',
  I8: 'int8',
  U64: 'uint64',
  U32: 'uint32',
  U16: 'uint16',
  U8: 'uint8',
  BOOL: 'bool',
};

const METADATA = '__metadata__';
/** Most that the reader of Hugging Face takes. */
const MAX_HEADER_BYTES = 100_000_000;
const MAX_RANK = 64;
const ALIGNMENT = 8;

/** The header's entry of one tensor; offsets count from behind the header. */
interface Entry {
  name: string;
  type: DType;
  dims: number[];
  from: number;
  to: number;
}

/**
 * Tensors by name from .safetensors bytes:
 *
 * ```
 *   8 bytes    length n of the header, unsigned, little-endian
 *   n bytes    JSON: { NAME: { "dtype": "F32", "shape": [2, 3], "data_offsets": [from, to] }, …, "__metadata__"?: { KEY: text } }
 *   the rest   elements, row-major, little-endian; the tensors fill it without gaps or overlaps
 * ```
 *
 * @throws ZeroskipError `FILE_ERROR`, `TYPE_MISMATCH` for an element type that tensors do not have
 */
export function parseSafetensors(file: Uint8Array, path: string): Map<string, Tensor> {
  const fail = (why: string): never => {
    throw new ZeroskipError('FILE_ERROR', `${path}: ${why}`);
  };
  if (file.length < 8) fail('it is no .safetensors file');
  const length = new DataView(file.buffer, file.byteOffset, file.byteLength).getBigUint64(0, true);
  if (length > BigInt(Math.min(MAX_HEADER_BYTES, file.length - 8)))
    fail(`it is no .safetensors file: it declares a header of ${length} bytes, the file has ${file.length}`);
  const start = 8 + Number(length);
  const entries = parseHeader(file.subarray(8, start), path).sort((a, b) => a.from - b.from || a.to - b.to);
  let end = 0;
  for (const { name, from, to } of entries) {
    if (from !== end) fail(`tensor '${name}' starts at byte ${from} of the data, ${end} is expected`);
    end = to;
  }
  if (end !== file.length - start) fail(`the tensors take ${end} bytes, found ${file.length - start}`);
  const tensors = new Map<string, Tensor>();
  for (const { name, type, dims, from, to } of entries) {
    // A copy, since the elements may stand at an odd address (slice would not copy a Buffer).
    const bytes = new Uint8Array(file.subarray(start + from, start + to));
    if (type === 'bool' && bytes.some((byte) => byte > 1)) fail(`tensor '${name}' has booleans that are not 0 or 1`);
    tensors.set(name, new Tensor(type, new (arrayOf(type))(bytes.buffer, 0, sizeOf(dims)), dims));
  }
  return tensors;
}

function parseHeader(bytes: Uint8Array, path: string): Entry[] {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new ZeroskipError('FILE_ERROR', `${path}: the header is no JSON text`, { cause });
  }
  ensure(isObject(header), 'FILE_ERROR', `${path}: the header is no JSON object`);
  return Object.entries(header)
    .filter(([name]) => name !== METADATA)
    .map(([name, entry]) => parseEntry(name, entry, `${path}: tensor '${name}'`));
}

function parseEntry(name: string, entry: unknown, what: string): Entry {
  ensure(isObject(entry), 'FILE_ERROR', `${what} has no entry {dtype, shape, data_offsets}`);
  const { dtype, shape, data_offsets: offsets } = entry;
  const type = typeof dtype === 'string' && Object.hasOwn(TYPES, dtype) ? TYPES[dtype] : undefined;
  ensure(type, 'TYPE_MISMATCH', () => `${what}: elements of type ${JSON.stringify(dtype)} are not supported`);
  ensure(isCounts(shape) && shape.length <= MAX_RANK, 'FILE_ERROR', `${what}: the shape is no list of whole numbers`);
  ensure(
    isCounts(offsets) && offsets.length === 2 && offsets[0] <= offsets[1],
    'FILE_ERROR',
    `${what}: the offsets are no two ascending whole numbers`,
  );
  const [from, to] = offsets;
  const needed = sizeOf(shape) * bytesOf(type);
  ensure(needed === to - from, 'FILE_ERROR', `${what}: ${dtype} [${shape}] takes ${needed} bytes, found ${to - from}`);
  return { name, type, dims: shape, from, to };
}

const isObject = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null && !Array.isArray(x);

const isCounts = (x: unknown): x is number[] =>
  Array.isArray(x) && x.every((n) => Number.isSafeInteger(n) && n >= 0 && !Object.is(n, -0));

/** .safetensors bytes of tensors by name; wider elements come first, so that all are aligned. */
export function formatSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const header: [string, unknown][] = Object.keys(metadata).length > 0 ? [[METADATA, metadata]] : [];
  const ordered = [...tensors].sort(([, a], [, b]) => bytesOf(b.type) - bytesOf(a.type));
  let end = 0;
  for (const [name, { type, dims, data }] of ordered) {
    ensure(name !== METADATA, 'INVALID_ARGUMENT', `a tensor of a .safetensors file cannot be named '${METADATA}'`);
    const dtype = Object.keys(TYPES).find((key) => TYPES[key] === type);
    header.push([name, { dtype, shape: dims, data_offsets: [end, end + data.byteLength] }]);
    end += data.byteLength;
  }
  // Written by hand: an object would put names that are numbers first.
  const json = `{${header.map(([name, entry]) => `${JSON.stringify(name)}:${JSON.stringify(entry)}`).join()}}`;
  const text = new TextEncoder().encode(json);
  const length = Math.ceil(text.length / ALIGNMENT) * ALIGNMENT;
  const file = new Uint8Array(8 + length + end).fill(0x20, 8, 8 + length);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.set(text, 8);
  let at = 8 + length;
  for (const [, tensor] of ordered) {
    file.set(tensorBytes(tensor), at);
    at += tensor.data.byteLength;
  }
  return file;
}
