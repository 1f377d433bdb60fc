import type { DType } from '../tensor.ts';
import type { TensorProto } from './schema.ts';

/** How elements of one `TensorProto.DataType` are stored. */
export interface Element {
  /** Elements as they stand in `raw_data`; 16 bit floats as their bits. */
  stored: DType;
  /** Typed field that may hold them instead. */
  field: 'floatData' | 'int32Data' | 'int64Data' | 'doubleData' | 'uint64Data';
  /** Weights of this type become float32. */
  widen?: 'float16' | 'bfloat16' | 'float64';
}

const ELEMENTS: ReadonlyMap<number, Element> = new Map<number, Element>([
  [1, { stored: 'float32', field: 'floatData' }],
  [2, { stored: 'uint8', field: 'int32Data' }],
  [3, { stored: 'int8', field: 'int32Data' }],
  [4, { stored: 'uint16', field: 'int32Data' }],
  [5, { stored: 'int16', field: 'int32Data' }],
  [6, { stored: 'int32', field: 'int32Data' }],
  [7, { stored: 'int64', field: 'int64Data' }],
  [9, { stored: 'bool', field: 'int32Data' }],
  [10, { stored: 'uint16', field: 'int32Data', widen: 'float16' }],
  [11, { stored: 'float64', field: 'doubleData', widen: 'float64' }],
  [12, { stored: 'uint32', field: 'uint64Data' }],
  [13, { stored: 'uint64', field: 'uint64Data' }],
  [16, { stored: 'uint16', field: 'int32Data', widen: 'bfloat16' }],
]);

const NAMES: ReadonlyMap<number, string> = new Map([
  [8, 'string'],
  [14, 'complex64'],
  [15, 'complex128'],
  [17, 'float8e4m3fn'],
  [18, 'float8e4m3fnuz'],
  [19, 'float8e5m2'],
  [20, 'float8e5m2fnuz'],
  [21, 'uint4'],
  [22, 'int4'],
  [23, 'float4e2m1'],
]);

/** Storage of a `TensorProto.DataType`; undefined for those that are not read. */
export const elementOf = (code: TensorProto['dataType']): Element | undefined => ELEMENTS.get(code ?? 0);

/** Name of a `TensorProto.DataType`, for messages. */
export const elementName = (code: number | undefined): string =>
  typeOfCode(code) ?? elementOf(code)?.widen ?? NAMES.get(code ?? 0) ?? `number ${code ?? 0}`;

const CODES: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
};

const TYPES: ReadonlyMap<number, DType> = new Map(
  Object.entries(CODES).map(([type, code]) => [code, type as DType] as const),
);

/** `TensorProto.DataType` of a dtype. */
export const codeOf = (type: DType): number => CODES[type];

/** The dtype of a fed or computed value; undefined for bfloat16 and what is not read at all. */
export const typeOfCode = (code: number | undefined): DType | undefined => TYPES.get(code ?? 0);
