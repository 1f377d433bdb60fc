import { OP_EXTRA, REC_ARENA, REC_BODY, REC_CONST, REC_OP, REC_SIZE } from '../../assembly/abi.ts';
import type { Operand, RecordWriter } from '../ops/lower.ts';
import { bytesOf } from '../tensor.ts';
import type { ConstantLayout, PoolRef } from './constants.ts';

/** Resolves the addresses of a record once memory is planned. */
export interface Addresses {
  constants: ConstantLayout;
  /** Byte offset of a slot in the arena. */
  slot(id: number): number;
  /** The constant that holds a slot's elements, if it stands in the package. */
  constantSlot(id: number): PoolRef | undefined;
}

type Address = { field: number; slot: number; bytes: number } | { field: number; ref: PoolRef; bytes: number };

/** A record whose addresses are not known yet. */
export class PendingRecord implements RecordWriter {
  readonly size: number;
  private readonly view: DataView;
  private readonly addresses: Address[] = [];

  constructor(op: number, size: number) {
    this.size = size;
    this.view = new DataView(new ArrayBuffer(size));
    this.view.setUint32(REC_OP, op, true);
    this.view.setUint32(REC_SIZE, size, true);
  }

  int(field: number, value: number): this {
    this.view.setUint32(field, value, true);
    return this;
  }

  float(field: number, value: number): this {
    this.view.setFloat32(field, value, true);
    return this;
  }

  at(field: number, operand: Operand, elements = 0): this {
    this.addresses.push({ field, slot: operand.slot, bytes: elements * bytesOf(operand.type) });
    return this;
  }

  constant(field: number, ref: PoolRef | undefined, bytes = 0): this {
    if (ref) this.addresses.push({ field, ref, bytes });
    return this;
  }

  /** The record with addresses relative to the arena and to the constants, and the bitmaps that say which is which. */
  finish(addresses: Addresses): Uint8Array {
    let arena = 0;
    let constants = 0;
    for (const address of this.addresses) {
      const bit = 1 << ((address.field - REC_BODY) / 4);
      const ref = 'ref' in address ? address.ref : addresses.constantSlot(address.slot);
      if (ref) constants |= bit;
      else arena |= bit;
      const base = ref ? addresses.constants.offsetOf(ref) : addresses.slot((address as { slot: number }).slot);
      this.view.setUint32(address.field, base + address.bytes, true);
    }
    this.view.setUint32(REC_ARENA, arena >>> 0, true);
    this.view.setUint32(REC_CONST, constants >>> 0, true);
    return new Uint8Array(this.view.buffer);
  }
}

/** Whether a program has records for the second module. */
export function needsExtra(program: Uint8Array): boolean {
  const view = new DataView(program.buffer, program.byteOffset, program.byteLength);
  for (let at = 0; at < program.byteLength; at += view.getUint32(at + REC_SIZE, true))
    if (view.getUint32(at + REC_OP, true) >= OP_EXTRA) return true;
  return false;
}
