import { Builder } from 'flatbuffers';
import * as S from './schema.ts';
import type { SparseRows } from './sparse.ts';

/** A tensor: computed, constant, or constant without its zeros. */
export interface TfliteTensor {
  name: string;
  shape: readonly number[];
  data?: Float32Array | Int32Array;
  sparse?: SparseRows;
}

/** A field of an options table: its number, its width, its value. */
export type OptionField = readonly [field: number, type: 'int8' | 'int32', value: number];

export interface TfliteOp {
  code: S.BuiltinOperator;
  /** Numbers of tensors; -1 for an absent one. */
  inputs: readonly number[];
  outputs: readonly number[];
  options?: { type: number; fields: readonly OptionField[] };
}

export interface TfliteModel {
  tensors: readonly TfliteTensor[];
  /** In topological order. */
  ops: readonly TfliteOp[];
  inputs: readonly number[];
  outputs: readonly number[];
}

/** Fields of an options table at most. */
const OPTION_FIELDS = 8;

/** Alignment of a constant's elements in the file. */
const ALIGNMENT = 16;

type Elements = Float32Array | Int32Array | Uint16Array;

/** The bytes of a TFLite file with one subgraph. */
export function writeTflite(model: TfliteModel): Uint8Array {
  return new Writer(model).file();
}

class Writer {
  private readonly model: TfliteModel;
  private readonly b: Builder;
  private readonly codes: S.BuiltinOperator[];
  /** Buffer 0 is the empty one of computed tensors. */
  private buffers = 1;

  constructor(model: TfliteModel) {
    this.model = model;
    this.codes = [...new Set(model.ops.map(({ code }) => code))];
    const parts = model.tensors.flatMap(({ data, sparse }) =>
      sparse ? [sparse.values, sparse.indices, sparse.segments] : data ? [data] : [],
    );
    this.b = new Builder(parts.reduce((sum, part) => sum + part.byteLength + ALIGNMENT, 2 ** 20));
  }

  file(): Uint8Array {
    const { b, model } = this;
    const buffers = this.offsets([this.buffer(), ...model.tensors.flatMap((t) => this.buffersOf(t))]);
    const subgraphs = this.offsets([this.subgraph()]);
    const codes = this.offsets(this.codes.map((code) => this.operatorCode(code)));
    b.startObject(S.Model.fields);
    b.addFieldInt32(S.Model.version, S.SCHEMA_VERSION, 0);
    b.addFieldOffset(S.Model.operatorCodes, codes, 0);
    b.addFieldOffset(S.Model.subgraphs, subgraphs, 0);
    b.addFieldOffset(S.Model.buffers, buffers, 0);
    b.finish(b.endObject(), S.FILE_IDENTIFIER);
    return b.asUint8Array();
  }

  private buffersOf({ data, sparse }: TfliteTensor): number[] {
    const elements = sparse?.values ?? data;
    return elements ? [this.buffer(elements)] : [];
  }

  private buffer(elements?: Elements): number {
    const { b } = this;
    let data = 0;
    if (elements) {
      b.prep(ALIGNMENT, elements.byteLength);
      data = b.createByteVector(new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength));
    }
    b.startObject(S.Buffer.fields);
    b.addFieldOffset(S.Buffer.data, data, 0);
    return b.endObject();
  }

  private subgraph(): number {
    const { b, model } = this;
    const tensors = this.offsets(model.tensors.map((tensor) => this.tensor(tensor)));
    const operators = this.offsets(model.ops.map((op) => this.operator(op)));
    const inputs = this.vector(Int32Array.from(model.inputs));
    const outputs = this.vector(Int32Array.from(model.outputs));
    const name = b.createString('main');
    b.startObject(S.SubGraph.fields);
    b.addFieldOffset(S.SubGraph.tensors, tensors, 0);
    b.addFieldOffset(S.SubGraph.inputs, inputs, 0);
    b.addFieldOffset(S.SubGraph.outputs, outputs, 0);
    b.addFieldOffset(S.SubGraph.operators, operators, 0);
    b.addFieldOffset(S.SubGraph.name, name, 0);
    return b.endObject();
  }

  private tensor({ name, shape, data, sparse }: TfliteTensor): number {
    const { b } = this;
    const sparsity = sparse ? this.sparsity(sparse) : 0;
    const dims = this.vector(Int32Array.from(shape));
    const label = b.createString(name);
    const type = data instanceof Int32Array ? S.TensorType.INT32 : S.TensorType.FLOAT32;
    b.startObject(S.Tensor.fields);
    b.addFieldOffset(S.Tensor.shape, dims, 0);
    b.addFieldInt8(S.Tensor.type, type, 0);
    b.addFieldInt32(S.Tensor.buffer, data || sparse ? this.buffers++ : 0, 0);
    b.addFieldOffset(S.Tensor.name, label, 0);
    b.addFieldOffset(S.Tensor.sparsity, sparsity, 0);
    return b.endObject();
  }

  /** All axes dense but the last. */
  private sparsity({ shape, segments, indices }: SparseRows): number {
    const { b } = this;
    const leading = shape.slice(0, -1).map((size) => {
      b.startObject(S.DimensionMetadata.fields);
      b.addFieldInt8(S.DimensionMetadata.format, S.DimensionType.DENSE, 0);
      b.addFieldInt32(S.DimensionMetadata.denseSize, size, 0);
      return b.endObject();
    });
    const segmentsTable = this.table(this.vector(segments));
    const indicesTable = this.table(this.vector(indices));
    const { INT32, UINT16 } = S.SparseIndexVector;
    b.startObject(S.DimensionMetadata.fields);
    b.addFieldInt8(S.DimensionMetadata.format, S.DimensionType.SPARSE_CSR, 0);
    b.addFieldInt8(S.DimensionMetadata.segmentsType, INT32, 0);
    b.addFieldOffset(S.DimensionMetadata.segments, segmentsTable, 0);
    b.addFieldInt8(S.DimensionMetadata.indicesType, indices instanceof Uint16Array ? UINT16 : INT32, 0);
    b.addFieldOffset(S.DimensionMetadata.indices, indicesTable, 0);
    const last = b.endObject();
    const metadata = this.offsets([...leading, last]);
    const order = this.vector(Int32Array.from(shape.keys()));
    b.startObject(S.SparsityParameters.fields);
    b.addFieldOffset(S.SparsityParameters.traversalOrder, order, 0);
    b.addFieldOffset(S.SparsityParameters.dimMetadata, metadata, 0);
    return b.endObject();
  }

  private operator({ code, inputs, outputs, options }: TfliteOp): number {
    const { b } = this;
    const from = this.vector(Int32Array.from(inputs));
    const to = this.vector(Int32Array.from(outputs));
    let table = 0;
    if (options) {
      b.startObject(OPTION_FIELDS);
      for (const [field, type, value] of options.fields) {
        if (type === 'int8') b.addFieldInt8(field, value, 0);
        else b.addFieldInt32(field, value, 0);
      }
      table = b.endObject();
    }
    b.startObject(S.Operator.fields);
    b.addFieldInt32(S.Operator.opcodeIndex, this.codes.indexOf(code), 0);
    b.addFieldOffset(S.Operator.inputs, from, 0);
    b.addFieldOffset(S.Operator.outputs, to, 0);
    b.addFieldInt8(S.Operator.optionsType, options?.type ?? 0, 0);
    b.addFieldOffset(S.Operator.options, table, 0);
    return b.endObject();
  }

  private operatorCode(code: S.BuiltinOperator): number {
    const { b } = this;
    b.startObject(S.OperatorCode.fields);
    b.addFieldInt8(S.OperatorCode.deprecatedBuiltinCode, code, 0);
    b.addFieldInt32(S.OperatorCode.version, 1, 1);
    b.addFieldInt32(S.OperatorCode.builtinCode, code, 0);
    return b.endObject();
  }

  /** A table whose only field is `vector`. */
  private table(vector: number): number {
    this.b.startObject(1);
    this.b.addFieldOffset(0, vector, 0);
    return this.b.endObject();
  }

  private vector(elements: Int32Array | Uint16Array): number {
    const { b } = this;
    b.startVector(elements.BYTES_PER_ELEMENT, elements.length, 4);
    b.pad(elements.byteLength);
    const bytes = b.dataBuffer().bytes();
    bytes.set(new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength), bytes.length - b.offset());
    return b.endVector();
  }

  private offsets(objects: readonly number[]): number {
    const { b } = this;
    b.startVector(4, objects.length, 4);
    for (const object of objects.toReversed()) b.addOffset(object);
    return b.endVector();
  }
}
