import { ensure, ZeroskipError } from './errors.ts';

interface DTypeInfo {
  bytes: number;
  array: TypedArrayConstructor;
}

/** Any typed array that can hold a tensor's elements. */
export type TypedArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

interface TypedArrayConstructor {
  new (length: number): TypedArray;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): TypedArray;
  readonly BYTES_PER_ELEMENT: number;
  readonly name: string;
}

/** Element type of a tensor, by its name in onnxruntime-common. */
export type DType =
  | 'float32'
  | 'float64'
  | 'float16'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'bool';

const DTYPES: Readonly<Record<DType, DTypeInfo>> = {
  float32: { bytes: 4, array: Float32Array },
  float64: { bytes: 8, array: Float64Array },
  float16: { bytes: 2, array: Uint16Array },
  int8: { bytes: 1, array: Int8Array },
  uint8: { bytes: 1, array: Uint8Array },
  int16: { bytes: 2, array: Int16Array },
  uint16: { bytes: 2, array: Uint16Array },
  int32: { bytes: 4, array: Int32Array },
  uint32: { bytes: 4, array: Uint32Array },
  int64: { bytes: 8, array: BigInt64Array },
  uint64: { bytes: 8, array: BigUint64Array },
  bool: { bytes: 1, array: Uint8Array },
};

/** One dimension: a number, or the name of a dimension that is bound later. */
export type Dim = number | string;

export const isDType = (name: string): name is DType => Object.hasOwn(DTYPES, name);
export const bytesOf = (type: DType): number => DTYPES[type].bytes;
export const arrayOf = (type: DType): TypedArrayConstructor => DTYPES[type].array;

/** Number of elements: the product of `dims` (1 for a scalar). */
export const sizeOf = (dims: readonly number[]): number => dims.reduce((product, d) => product * d, 1);

/** Row-major strides in elements: `strides[i] = dims[i+1] * ... * dims[n-1]`. */
export function stridesOf(dims: readonly number[]): number[] {
  const strides = new Array<number>(dims.length);
  for (let i = dims.length - 1, step = 1; i >= 0; i--) {
    strides[i] = step;
    step *= dims[i];
  }
  return strides;
}

export const sameDims = (a: readonly Dim[], b: readonly Dim[]): boolean =>
  a.length === b.length && a.every((d, i) => d === b[i]);

/** `1x3x224x224`, or `scalar`. */
export const showDims = (dims: readonly Dim[]): string => (dims.length ? dims.join('x') : 'scalar');

/**
 * A dense row-major tensor with the surface of onnxruntime-common's `Tensor`.
 *
 * `data` holds `sizeOf(dims)` elements: a BigInt64Array for int64, a Uint16Array of raw half-precision bits for float16,
 * a Uint8Array of 0 / 1 for bool.
 *
 * @throws ZeroskipError `TYPE_MISMATCH` if `data` is not the array of `type` or holds what `type` cannot, `SHAPE_MISMATCH` if its length
 *   differs from `dims`.
 */
export class Tensor {
  readonly type: DType;
  readonly data: TypedArray;
  readonly dims: readonly number[];

  constructor(type: DType, data: TypedArray | readonly number[] | readonly bigint[], dims?: readonly number[]) {
    ensure(
      isDType(type),
      'TYPE_MISMATCH',
      () => `Tensor: the type is one of ${Object.keys(DTYPES).join(', ')}, found '${type}'`,
    );
    this.type = type;
    this.data = toTypedArray(type, data);
    ensure(
      dims === undefined || Symbol.iterator in Object(dims),
      'SHAPE_MISMATCH',
      () => `Tensor: dims are a list of whole numbers, found ${dims}`,
    );
    this.dims = dims === undefined ? [this.data.length] : [...dims];
    for (const d of this.dims) {
      ensure(
        Number.isInteger(d) && d >= 0,
        'SHAPE_MISMATCH',
        () => `Tensor: a dimension is a whole number >= 0, found ${d}`,
      );
    }
    ensure(
      sizeOf(this.dims) === this.data.length,
      'SHAPE_MISMATCH',
      () => `Tensor: dims ${showDims(this.dims)} need ${sizeOf(this.dims)} elements, data has ${this.data.length}`,
    );
  }

  get size(): number {
    return this.data.length;
  }

  /** The same data under other dims. */
  reshape(dims: readonly number[]): Tensor {
    return new Tensor(this.type, this.data, dims);
  }
}

function toTypedArray(type: DType, data: TypedArray | readonly number[] | readonly bigint[]): TypedArray {
  const Array_ = arrayOf(type);
  if (Array.isArray(data)) {
    const array = new Array_(data.length);
    const convert = array instanceof BigInt64Array || array instanceof BigUint64Array ? BigInt : Number;
    for (let i = 0; i < data.length; i++) {
      try {
        array[i] = convert(data[i]);
      } catch (cause) {
        throw new ZeroskipError('TYPE_MISMATCH', `Tensor: ${type} cannot hold ${String(data[i])}`, { cause });
      }
    }
    return array;
  }
  if (ArrayBuffer.isView(data) && (data as TypedArray).constructor.name === Array_.name) return data as TypedArray;
  const found = ArrayBuffer.isView(data) ? data.constructor.name : typeof data;
  throw new ZeroskipError('TYPE_MISMATCH', `Tensor: ${type} data is a ${Array_.name}, found ${found}`);
}

/** The bytes of a tensor's elements, without a copy. */
export const tensorBytes = (t: Tensor): Uint8Array =>
  new Uint8Array(t.data.buffer, t.data.byteOffset, t.data.byteLength);

/** Elements as plain numbers (int64 included; values beyond 2^53 lose precision). */
export const numbersOf = (t: Tensor): number[] => Array.from(t.data as ArrayLike<number | bigint>, Number);
