import { ABI_VERSION } from '../../assembly/abi.ts';
import type { Dim, DType } from '../tensor.ts';

export const MAGIC = 0x314b535a; // 'ZSK1'
export const FORMAT_VERSION = 2;
export const HEADER_BYTES = 64;
export const SECTION_ALIGNMENT = 64;
/** Bytes of an entry of the section table, and byte offsets of its u32 fields. */
export const SECTION_ENTRY = 16;
export const SECTION = { at: 0, bytes: 4, checksum: 8 } as const;
export const MAX_MANIFEST_BYTES = 16 * 1024 * 1024;

/** Byte offsets of the header's u32 fields. */
export const HEADER = {
  magic: 0,
  version: 4,
  abi: 8,
  checksum: 12,
  bytes: 20,
  manifest: 24,
  sections: 28,
} as const;

export { ABI_VERSION };

/** True if the bytes start as a package does. */
export const isPackage = (bytes: Uint8Array): boolean =>
  bytes.byteLength >= 4 && new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) === MAGIC;

/** A named input or output; dims may hold names of dimensions that the plans bind. */
export interface PortInfo {
  name: string;
  type: DType;
  dims: readonly Dim[];
}

/** What one kernel call does, for `inspect` and `profile`. */
export interface StepInfo {
  node: string;
  op: string;
  kernel: string;
  format?: string;
  /** Share of zero weights. */
  sparsity?: number;
  /** Multiplications done, and those of the dense layer. */
  macs?: { kept: number; dense: number };
  dims: number[];
  /** Structure found in the weights. */
  structure?: string;
  /** Bytes of the stored weights and their row numbers. */
  bytes?: number;
  /**
   * What the step skips while it runs: of `total` units as many as the u32 at byte `at` of the arena says are live once it has run, and with
   * more than `limit` of them none is skipped.
   */
  dynamic?: { unit: 'inputs' | 'tiles' | 'blocks'; total: number; limit: number; at: number };
  /** Where a float32 output 0 stands: its first byte in the arena, strides in elements. */
  view?: { at: number; strides: number[] };
  /** What operand 0 is: output 0 of a step, an input, or a constant with so many `zeros`; and its number of elements. */
  source?: { size: number; step?: number; input?: number; zeros?: number };
  /** Shares of operand 0 that calibration found to be zero: of its elements, and of its tiles of 32 neighbours in a channel plane. */
  zeros?: { elements: number; tiles: number };
  /** Why the layer stayed dense, or other notes. */
  note?: string;
}

interface ProgramInfo {
  /** Section that holds the records. */
  section: number;
  /** Step that each record belongs to. */
  steps: number[];
}

/** An output that may end a run. */
export interface ExitInfo {
  /** Number of the output. */
  output: number;
  /** It is taken if the float at byte `at` of the arena lies above `threshold`. */
  threshold: number;
  at: number;
  /** Numbers of the outputs that are there then. */
  outputs: number[];
}

export interface PlanInfo {
  /** Bound dims of each input and output, in the order of the ports. */
  inputs: number[][];
  outputs: number[][];
  /** Byte offsets in the arena. */
  inputOffsets: number[];
  outputOffsets: number[];
  /** Bytes of this plan's arena, and what it would be if no memory were reused. */
  arenaBytes: number;
  arenaTotal: number;
  narrow: ProgramInfo;
  wide: ProgramInfo;
  steps: StepInfo[];
  /** In the order of a run: behind the first one that is taken nothing has run. */
  exits?: ExitInfo[];
}

export interface Manifest {
  name: string;
  target: 'simd' | 'relaxed' | 'both';
  inputs: PortInfo[];
  outputs: PortInfo[];
  plans: PlanInfo[];
  /** Whether records need the second module's kernels. */
  extra?: boolean;
  /** Sections of the constants and of the records that expand the tables. */
  constants: number;
  init: number;
  tableBytes: number;
  /** What the passes reported. */
  notes: string[];
  metadata: Record<string, string>;
}

/** Two running sums: see {@link checksum}. */
export type Sums = readonly [a: number, b: number];

/**
 * Continues two running sums over u32 words, then over the bytes that are left: `a += word`, `b += a`, modulo 2^32. Unless given, `a` starts at the number of bytes
 * and `b` at 0; pieces of a whole are multiples of 4 bytes, but for the last.
 * Finds any flipped byte and any swapped words; it is no protection against forgery, which the record checks are for. The core's `checksum`
 * is the same over memory.
 */
export function checksum(bytes: Uint8Array, start: Sums = [bytes.byteLength, 0], skip = -1): Sums {
  const whole = bytes.byteLength & ~3;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let [a, b] = start;
  for (let at = 0; at < whole; at += 4) {
    if (at === skip || at === skip + 4) continue;
    a = (a + view.getUint32(at, true)) | 0;
    b = (b + a) | 0;
  }
  for (let at = whole; at < bytes.byteLength; at++) {
    a = (a + bytes[at]) | 0;
    b = (b + a) | 0;
  }
  return [a >>> 0, b >>> 0];
}

/** {@link checksum} of the front of a file, up to the end of its manifest, without the two words that hold it. */
export const frontChecksum = (front: Uint8Array): Sums => checksum(front, undefined, HEADER.checksum);
