/** The part of TFLite's schema.fbs (version 3) that the writer needs: enumerations, and fields by their number in a table. */

export const FILE_IDENTIFIER = 'TFL3';
export const SCHEMA_VERSION = 3;

export const BuiltinOperator = {
  ADD: 0,
  CONV_2D: 3,
  DEPTHWISE_CONV_2D: 4,
  FULLY_CONNECTED: 9,
  MAX_POOL_2D: 17,
  RESHAPE: 22,
  PAD: 34,
  MEAN: 40,
  DENSIFY: 124,
} as const;
export type BuiltinOperator = (typeof BuiltinOperator)[keyof typeof BuiltinOperator];

/** Members of the union BuiltinOptions. */
export const BuiltinOptions = {
  CONV_2D: 1,
  DEPTHWISE_CONV_2D: 2,
  POOL_2D: 5,
  FULLY_CONNECTED: 8,
  ADD: 11,
  REDUCER: 27,
} as const;

export const TensorType = { FLOAT32: 0, INT32: 2 } as const;
export const Padding = { SAME: 0, VALID: 1 } as const;
export const ActivationFunction = { NONE: 0, RELU: 1, RELU6: 3 } as const;
export const DimensionType = { DENSE: 0, SPARSE_CSR: 1 } as const;
/** Members of the union SparseIndexVector. */
export const SparseIndexVector = { INT32: 1, UINT16: 2 } as const;

/** Number of fields of a table. */
export const Model = { version: 0, operatorCodes: 1, subgraphs: 2, buffers: 4, fields: 5 } as const;
export const OperatorCode = { deprecatedBuiltinCode: 0, version: 2, builtinCode: 3, fields: 4 } as const;
export const SubGraph = { tensors: 0, inputs: 1, outputs: 2, operators: 3, name: 4, fields: 5 } as const;
export const Tensor = { shape: 0, type: 1, buffer: 2, name: 3, sparsity: 6, fields: 7 } as const;
export const Operator = { opcodeIndex: 0, inputs: 1, outputs: 2, optionsType: 3, options: 4, fields: 5 } as const;
export const Buffer = { data: 0, fields: 1 } as const;
export const SparsityParameters = { traversalOrder: 0, dimMetadata: 2, fields: 3 } as const;
export const DimensionMetadata = {
  format: 0,
  denseSize: 1,
  segmentsType: 2,
  segments: 3,
  indicesType: 4,
  indices: 5,
  fields: 6,
} as const;
