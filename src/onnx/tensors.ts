import { arrayOf, bytesOf, type DType, showDims, sizeOf, Tensor, type TypedArray } from '../tensor.ts';
import { type Element, elementName, elementOf } from './elements.ts';
import { externalBytes } from './external.ts';
import { fromBfloat16, fromFloat16 } from './half.ts';
import { EXTERNAL, type TensorProto } from './schema.ts';
import type { Source } from './source.ts';

const MAX_RANK = 64;

/** Fails unless `dims` is a shape whose number of elements is exact. */
export function checkDims(source: Source, dims: readonly number[], what: string): void {
  const show = () => showDims(dims.length > MAX_RANK ? [...dims.slice(0, MAX_RANK), '…'] : dims);
  source.expect(
    dims.length <= MAX_RANK && dims.every((d) => Number.isSafeInteger(d) && d >= 0) && sizeOf(dims) <= 2 ** 53,
    () => `${what} has impossible dims ${show()}`,
  );
}

/** Elements on the bytes themselves where they are aligned, otherwise on a copy. */
function viewOf(type: DType, bytes: Uint8Array): TypedArray {
  const size = bytesOf(type);
  const aligned = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  return new (arrayOf(type))(aligned.buffer, aligned.byteOffset, aligned.length / size);
}

function storedElements(source: Source, tensor: TensorProto, element: Element, what: string): TypedArray {
  const size = sizeOf(tensor.dims);
  const needed = size * bytesOf(element.stored);
  const raw = tensor.dataLocation === EXTERNAL ? externalBytes(source, tensor, what, needed) : tensor.rawData;
  const wrong = (unit: string, expected: number, found: number) => () =>
    `${what} has dims ${showDims(tensor.dims)}, which take ${expected} ${unit}, found ${found}`;
  if (raw) {
    source.expect(raw.length === needed, wrong('bytes', needed, raw.length));
    return viewOf(element.stored, raw);
  }
  const items = tensor[element.field];
  source.expect(items.length === size, wrong('elements', size, items.length));
  const array = new (arrayOf(element.stored))(size);
  if (array instanceof BigInt64Array || array instanceof BigUint64Array) array.set(items as bigint[]);
  else for (let i = 0; i < size; i++) array[i] = Number(items[i]);
  return array;
}

function widened(array: TypedArray, element: Element): Float32Array {
  if (element.widen === 'float16') return fromFloat16(array as Uint16Array);
  if (element.widen === 'bfloat16') return fromBfloat16(array as Uint16Array);
  return Float32Array.from(array as Float64Array);
}

const isFlags = (array: Uint8Array): boolean => array.every((flag) => flag <= 1);

/**
 * A TensorProto as a tensor. float16 and bfloat16 become float32 exactly, float64 is rounded; all other types stay. Elements of
 * `raw_data` and of external files are views of those bytes wherever they are aligned.
 *
 * @throws ZeroskipError `INVALID_MODEL` where dims and data disagree, `UNSUPPORTED_OP` on strings, complex and sub-byte types.
 */
export function tensorOf(source: Source, tensor: TensorProto, what: string): Tensor {
  checkDims(source, tensor.dims, what);
  const element =
    elementOf(tensor.dataType) ??
    source.unsupported(`${what} has elements of type ${elementName(tensor.dataType)}, which are not supported`);
  if (tensor.segment) source.unsupported(`${what} is stored in segments, which are not supported`);
  const array = storedElements(source, tensor, element, what);
  if (element.widen) return new Tensor('float32', widened(array, element), tensor.dims);
  if (element.stored === 'bool' && !isFlags(array as Uint8Array))
    return new Tensor(
      'bool',
      (array as Uint8Array).map((flag) => (flag ? 1 : 0)),
      tensor.dims,
    );
  return new Tensor(element.stored, array, tensor.dims);
}
