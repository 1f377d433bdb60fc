import type { ConstRef, OffsetGeometry } from '../ops/lower.ts';
import type { TypedArray } from '../tensor.ts';
import { alignUp } from './memory.ts';

/** Handle of a constant or of a table that `load` expands. */
export interface PoolRef extends ConstRef {
  pool: 'constants' | 'tables';
}

/** A table of byte offsets: which row numbers it is expanded from, and how. */
interface Table {
  numbers: PoolRef | undefined;
  width: number;
  count: number;
  limit: number;
  channelBytes: number;
  taps: PoolRef;
  tapCount: number;
}

/** All constants of a package and the tables that `load` makes of them. Equal bytes are stored once, in all plans. */
export class ConstantPool {
  private readonly blobs: Uint8Array[] = [];
  private readonly byHash = new Map<string, number[]>();
  private readonly byArray = new WeakMap<TypedArray, number>();
  private readonly tables: Table[] = [];
  private readonly tableKeys = new Map<string, number>();

  add(data: TypedArray): PoolRef {
    let blob = this.byArray.get(data);
    if (blob === undefined) {
      blob = this.store(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      this.byArray.set(data, blob);
    }
    return { pool: 'constants', blob };
  }

  offsets(numbers: Uint16Array | Uint32Array | number, geometry: OffsetGeometry): PoolRef {
    const stored = typeof numbers === 'number' ? undefined : this.add(numbers);
    const taps = this.add(Uint32Array.from(geometry.taps));
    const count = typeof numbers === 'number' ? numbers : numbers.length;
    const key = [stored?.blob, count, taps.blob, geometry.channels, geometry.channelBytes].join();
    let blob = this.tableKeys.get(key);
    if (blob === undefined) {
      blob = this.tables.length;
      this.tableKeys.set(key, blob);
      this.tables.push({
        numbers: stored,
        width: numbers instanceof Uint16Array ? 2 : 4,
        count,
        limit: geometry.channels * geometry.taps.length,
        channelBytes: geometry.channelBytes,
        taps,
        tapCount: geometry.taps.length,
      });
    }
    return { pool: 'tables', blob };
  }

  /** Lays everything out: constants first, then tables, each aligned to 64 bytes. */
  layout(): ConstantLayout {
    const constants = place(this.blobs.map((b) => b.byteLength));
    const tables = place(this.tables.map((t) => t.count * 4));
    return {
      byteLength: constants.bytes,
      pieces: this.blobs.map((data, i) => ({ at: constants.offsets[i], data })),
      tables: this.tables,
      tableBytes: tables.bytes,
      offsetOf: (ref) =>
        ref.pool === 'constants' ? constants.offsets[ref.blob] : constants.bytes + tables.offsets[ref.blob],
    };
  }

  private store(bytes: Uint8Array): number {
    const hash = hashOf(bytes);
    const same = this.byHash.get(hash) ?? [];
    const found = same.find((i) => equalBytes(this.blobs[i], bytes));
    if (found !== undefined) return found;
    this.blobs.push(bytes);
    this.byHash.set(hash, [...same, this.blobs.length - 1]);
    return this.blobs.length - 1;
  }
}

/** Bytes that are still in pieces: everything between the pieces is 0. */
export interface Pieces {
  byteLength: number;
  pieces: readonly { at: number; data: Uint8Array }[];
}

export interface ConstantLayout extends Pieces {
  tables: readonly Table[];
  tableBytes: number;
  /** Byte offset from the start of the constants. */
  offsetOf(ref: PoolRef): number;
}

function place(sizes: readonly number[]): { offsets: number[]; bytes: number } {
  let bytes = 0;
  const offsets = sizes.map((size) => {
    const at = bytes;
    bytes = alignUp(bytes + size);
    return at;
  });
  return { offsets, bytes };
}

/** Two running sums over the words of `bytes`, and over the bytes that are left. */
function hashOf(bytes: Uint8Array): string {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes.byteLength >>> 2 : 0;
  const words = new Uint32Array(bytes.buffer, aligned && bytes.byteOffset, aligned);
  let a = bytes.length;
  let b = 0;
  for (let i = 0; i < words.length; i++) {
    a = (Math.imul(a, 31) + words[i]) | 0;
    b = (b + a) | 0;
  }
  for (let i = words.length * 4; i < bytes.length; i++) {
    a = (Math.imul(a, 31) + bytes[i]) | 0;
    b = (b + a) | 0;
  }
  return `${a},${b}`;
}

const equalBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((x, i) => x === b[i]);
