import { ByteBuffer } from 'flatbuffers';
import * as S from '../../bench/peers/tflite/schema.ts';
import { denseOf } from '../../bench/peers/tflite/sparse.ts';

/** A tensor of a TFLite file; `data` is undefined where it is computed, zeros filled in where it is sparse. */
export interface ReadTensor {
  name: string;
  shape: number[];
  sparse: boolean;
  /** Address of the stored elements in the file. */
  address: number;
  data?: Float32Array | Int32Array;
}

export interface ReadFile {
  tensors: ReadTensor[];
  ops: { code: number; inputs: number[]; outputs: number[]; optionsType: number }[];
  inputs: number[];
  outputs: number[];
}

/** Reads what the writer of the benchmark writes, by the numbers in the schema alone. */
export function readTflite(bytes: Uint8Array): ReadFile {
  const file = new Reader(bytes);
  const model = file.bb.__indirect(0);
  const [subgraph] = file.tables(model, S.Model.subgraphs);
  const buffers = file.tables(model, S.Model.buffers);
  const codes = file.tables(model, S.Model.operatorCodes).map((code) => file.int32(code, S.OperatorCode.builtinCode));
  return {
    tensors: file.tables(subgraph, S.SubGraph.tensors).map((tensor) => file.tensor(tensor, buffers)),
    ops: file.tables(subgraph, S.SubGraph.operators).map((op) => ({
      code: codes[file.int32(op, S.Operator.opcodeIndex)],
      inputs: file.ints(op, S.Operator.inputs),
      outputs: file.ints(op, S.Operator.outputs),
      optionsType: file.int8(op, S.Operator.optionsType),
    })),
    inputs: file.ints(subgraph, S.SubGraph.inputs),
    outputs: file.ints(subgraph, S.SubGraph.outputs),
  };
}

class Reader {
  readonly bb: ByteBuffer;

  constructor(bytes: Uint8Array) {
    this.bb = new ByteBuffer(bytes);
  }

  tensor(tensor: number, buffers: readonly number[]): ReadTensor {
    const shape = this.ints(tensor, S.Tensor.shape);
    const isInt = this.int8(tensor, S.Tensor.type) === S.TensorType.INT32;
    const { address, length } = this.vector(buffers[this.int32(tensor, S.Tensor.buffer)], S.Buffer.data);
    const stored = this.bb.bytes().slice(address, address + length).buffer;
    const sparsity = this.child(tensor, S.Tensor.sparsity);
    const name = this.bb.__string(this.field(tensor, S.Tensor.name)) as string;
    if (sparsity) {
      const rows = this.rows(sparsity, shape);
      const data = denseOf({ shape, ...rows, values: new Float32Array(stored) });
      return { name, shape, sparse: true, address, data };
    }
    const data = length === 0 ? undefined : isInt ? new Int32Array(stored) : new Float32Array(stored);
    return { name, shape, sparse: false, address, data };
  }

  private rows(
    sparsity: number,
    shape: readonly number[],
  ): { segments: Int32Array; indices: Uint16Array | Int32Array } {
    const D = S.DimensionMetadata;
    const axes = this.tables(sparsity, S.SparsityParameters.dimMetadata);
    const sizes = axes.slice(0, -1).map((axis) => {
      if (this.int8(axis, D.format) !== S.DimensionType.DENSE) throw new Error('a leading axis is not dense');
      return this.int32(axis, D.denseSize);
    });
    const order = this.ints(sparsity, S.SparsityParameters.traversalOrder);
    const last = axes[axes.length - 1];
    const wrong =
      `${sizes}` !== `${shape.slice(0, -1)}` ||
      `${order}` !== `${[...shape.keys()]}` ||
      this.int8(last, D.format) !== S.DimensionType.SPARSE_CSR ||
      this.int8(last, D.segmentsType) !== S.SparseIndexVector.INT32;
    if (wrong) throw new Error('the axes are not those of the shape, the last one sparse');
    const segments = Int32Array.from(this.ints(this.child(last, D.segments), 0));
    const indices = this.child(last, D.indices);
    if (this.int8(last, D.indicesType) === S.SparseIndexVector.INT32)
      return { segments, indices: Int32Array.from(this.ints(indices, 0)) };
    const { address, length } = this.vector(indices, 0);
    const values = Array.from({ length }, (_, i) => this.bb.readUint16(address + 2 * i));
    return { segments, indices: Uint16Array.from(values) };
  }

  /** Address of a field, 0 if it is absent. */
  private field(table: number, field: number): number {
    const offset = this.bb.__offset(table, 4 + 2 * field);
    return offset && table + offset;
  }

  int8(table: number, field: number): number {
    const at = this.field(table, field);
    return at && this.bb.readInt8(at);
  }

  int32(table: number, field: number): number {
    const at = this.field(table, field);
    return at && this.bb.readInt32(at);
  }

  child(table: number, field: number): number {
    const at = this.field(table, field);
    return at && this.bb.__indirect(at);
  }

  private vector(table: number, field: number): { address: number; length: number } {
    const at = this.field(table, field);
    return at ? { address: this.bb.__vector(at), length: this.bb.__vector_len(at) } : { address: 0, length: 0 };
  }

  ints(table: number, field: number): number[] {
    const { address, length } = this.vector(table, field);
    return Array.from({ length }, (_, i) => this.bb.readInt32(address + 4 * i));
  }

  tables(table: number, field: number): number[] {
    const { address, length } = this.vector(table, field);
    return Array.from({ length }, (_, i) => this.bb.__indirect(address + 4 * i));
  }
}
