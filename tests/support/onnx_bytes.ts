import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** Writes one or more protobuf fields. */
export type Part = (writer: BinaryWriter) => void;

export const int =
  (number: number, ...values: (number | bigint)[]): Part =>
  (w) => {
    for (const value of values) w.tag(number, WireType.Varint).int64(value);
  };

export const float =
  (number: number, ...values: number[]): Part =>
  (w) => {
    for (const value of values) w.tag(number, WireType.Bit32).float(value);
  };

export const text =
  (number: number, ...values: string[]): Part =>
  (w) => {
    for (const value of values) w.tag(number, WireType.LengthDelimited).string(value);
  };

export const blob =
  (number: number, value: Uint8Array): Part =>
  (w) => {
    w.tag(number, WireType.LengthDelimited).bytes(value);
  };

export const sub =
  (number: number, ...parts: Part[]): Part =>
  (w) => {
    w.tag(number, WireType.LengthDelimited).fork();
    for (const part of parts) part(w);
    w.join();
  };

export function bytes(...parts: Part[]): Uint8Array {
  const writer = new BinaryWriter();
  for (const part of parts) part(writer);
  return writer.finish();
}

/** Packed elements of a typed data field. */
export const packed = (number: number, write: (writer: BinaryWriter) => void): Part => {
  const writer = new BinaryWriter();
  write(writer);
  return blob(number, writer.finish());
};

export const rawOf = (array: ArrayBufferView): Part =>
  blob(9, new Uint8Array(array.buffer, array.byteOffset, array.byteLength));

export const FLOAT = 1;
const INT64 = 7;

/** Fields of a TensorProto. */
export const tensor = (name: string, type: number, dims: readonly number[], ...data: Part[]): Part[] => [
  int(1, ...dims),
  int(2, type),
  text(8, name),
  ...data,
];

export const floats = (name: string, dims: readonly number[], values: readonly number[]): Part[] =>
  tensor(name, FLOAT, dims, rawOf(Float32Array.from(values)));

export const ints = (name: string, dims: readonly number[], values: readonly number[]): Part[] =>
  tensor(name, INT64, dims, rawOf(BigInt64Array.from(values, BigInt)));

/** Fields of a SparseTensorProto. */
export const sparseTensor = (values: Part[], indices: Part[], dims: readonly number[]): Part[] => [
  sub(1, ...values),
  sub(2, ...indices),
  int(3, ...dims),
];

/** Fields of a ValueInfoProto; a dim is a number, a name, or null if it is unknown. */
export const info = (name: string, dims: readonly (number | string | null)[], type = FLOAT): Part[] => [
  text(1, name),
  sub(
    2,
    sub(
      1,
      int(1, type),
      sub(2, ...dims.map((d) => sub(1, ...(d === null ? [] : [typeof d === 'number' ? int(1, d) : text(2, d)])))),
    ),
  ),
];

/** Fields of an AttributeProto. */
export const attribute = (name: string, type: number, value: Part): Part[] => [text(1, name), value, int(20, type)];
export const intAttr = (name: string, value: number): Part[] => attribute(name, 2, int(3, value));
export const floatAttr = (name: string, value: number): Part[] => attribute(name, 1, float(2, value));
export const intsAttr = (name: string, values: number[]): Part[] => attribute(name, 7, int(8, ...values));
export const tensorAttr = (name: string, value: Part[]): Part[] => attribute(name, 4, sub(5, ...value));

interface NodeFields {
  name?: string;
  domain?: string;
  attrs?: Part[][];
}

/** Fields of a NodeProto. */
export const node = (op: string, inputs: string[], outputs: string[], fields: NodeFields = {}): Part[] => [
  text(1, ...inputs),
  text(2, ...outputs),
  ...(fields.name === undefined ? [] : [text(3, fields.name)]),
  text(4, op),
  ...(fields.attrs ?? []).map((attr) => sub(5, ...attr)),
  ...(fields.domain === undefined ? [] : [text(7, fields.domain)]),
];

interface ModelFields {
  ir?: number;
  opset?: number;
  nodes?: Part[][];
  initializers?: Part[][];
  sparse?: Part[][];
  inputs?: Part[][];
  outputs?: Part[][];
  /** Further fields of the ModelProto. */
  extra?: Part[];
}

/** Bytes of a ModelProto. */
export const model = (m: ModelFields): Uint8Array =>
  bytes(
    int(1, m.ir ?? 7),
    text(2, 'hand'),
    sub(8, text(1, ''), int(2, m.opset ?? 13)),
    sub(
      7,
      text(2, 'g'),
      ...(m.nodes ?? []).map((fields) => sub(1, ...fields)),
      ...(m.initializers ?? []).map((fields) => sub(5, ...fields)),
      ...(m.sparse ?? []).map((fields) => sub(15, ...fields)),
      ...(m.inputs ?? []).map((fields) => sub(11, ...fields)),
      ...(m.outputs ?? []).map((fields) => sub(12, ...fields)),
    ),
    ...(m.extra ?? []),
  );
