import { child, children, type Decoded, type Encodable, many, message, one } from './wire.ts';

/**
 * The messages of onnx.proto as far as this project reads and writes them. Subgraphs stay bytes, to be read one by
 * one; of types other than tensors only the presence matters.
 */
const ENTRY = message({ key: one(1, 'string'), value: one(2, 'string') });

const TENSOR = message({
  dims: many(1, 'int64'),
  dataType: one(2, 'int32'),
  segment: one(3, 'bytes'),
  floatData: many(4, 'float'),
  int32Data: many(5, 'int32'),
  int64Data: many(7, 'bigint'),
  name: one(8, 'string'),
  rawData: one(9, 'bytes'),
  doubleData: many(10, 'double'),
  uint64Data: many(11, 'unsigned'),
  externalData: children(13, ENTRY),
  dataLocation: one(14, 'int32'),
});

const SPARSE_TENSOR = message({ values: child(1, TENSOR), indices: child(2, TENSOR), dims: many(3, 'int64') });

const DIMENSION = message({ dimValue: one(1, 'int64'), dimParam: one(2, 'string') });
const SHAPE = message({ dim: children(1, DIMENSION) });
const TENSOR_TYPE = message({ elemType: one(1, 'int32'), shape: child(2, SHAPE) });
const TYPE = message({
  tensorType: child(1, TENSOR_TYPE),
  sequenceType: one(4, 'bytes'),
  mapType: one(5, 'bytes'),
  sparseTensorType: one(8, 'bytes'),
  optionalType: one(9, 'bytes'),
});
const VALUE_INFO = message({ name: one(1, 'string'), type: child(2, TYPE) });

const ATTRIBUTE = message({
  name: one(1, 'string'),
  f: one(2, 'float'),
  i: one(3, 'int64'),
  s: one(4, 'string'),
  t: child(5, TENSOR),
  g: one(6, 'bytes'),
  floats: many(7, 'float'),
  ints: many(8, 'int64'),
  strings: many(9, 'string'),
  tensors: many(10, 'bytes'),
  graphs: many(11, 'bytes'),
  type: one(20, 'int32'),
  refAttrName: one(21, 'string'),
  sparseTensor: child(22, SPARSE_TENSOR),
});

const NODE = message({
  input: many(1, 'string'),
  output: many(2, 'string'),
  name: one(3, 'string'),
  opType: one(4, 'string'),
  attribute: children(5, ATTRIBUTE),
  domain: one(7, 'string'),
});

export const GRAPH = message({
  node: children(1, NODE),
  name: one(2, 'string'),
  initializer: children(5, TENSOR),
  docString: one(10, 'string'),
  input: children(11, VALUE_INFO),
  output: children(12, VALUE_INFO),
  sparseInitializer: children(15, SPARSE_TENSOR),
});

const OPERATOR_SET = message({ domain: one(1, 'string'), version: one(2, 'int64') });

export const MODEL = message({
  irVersion: one(1, 'int64'),
  producerName: one(2, 'string'),
  producerVersion: one(3, 'string'),
  docString: one(6, 'string'),
  graph: child(7, GRAPH),
  opsetImport: children(8, OPERATOR_SET),
  metadataProps: children(14, ENTRY),
});

export type ModelProto = Decoded<typeof MODEL>;
export type GraphProto = Decoded<typeof GRAPH>;
export type NodeProto = Decoded<typeof NODE>;
export type AttributeProto = Decoded<typeof ATTRIBUTE>;
export type TensorProto = Decoded<typeof TENSOR>;
export type SparseTensorProto = Decoded<typeof SPARSE_TENSOR>;
export type ValueInfoProto = Decoded<typeof VALUE_INFO>;

export type NodeMessage = Encodable<typeof NODE>;
export type AttributeMessage = Encodable<typeof ATTRIBUTE>;
export type TensorMessage = Encodable<typeof TENSOR>;
export type ValueInfoMessage = Encodable<typeof VALUE_INFO>;

/** `AttributeProto.AttributeType`. */
export const ATTRIBUTE_TYPE = {
  FLOAT: 1,
  INT: 2,
  STRING: 3,
  TENSOR: 4,
  GRAPH: 5,
  FLOATS: 6,
  INTS: 7,
  STRINGS: 8,
  TENSORS: 9,
  GRAPHS: 10,
  SPARSE_TENSOR: 11,
} as const;

/** `TensorProto.DataLocation.EXTERNAL`. */
export const EXTERNAL = 1;
