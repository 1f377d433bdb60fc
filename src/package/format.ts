import { ABI_VERSION } from '../../assembly/abi.ts';
import type { Dim, DType } from '../tensor.ts';

export const MAGIC = 0x314b535a; // 'ZSK1'
export const FORMAT_VERSION = 1;
export const HEADER_BYTES = 64;
export const SECTION_ALIGNMENT = 64;
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
  /** Sections of the constants and of the records that expand the tables. */
  constants: number;
  init: number;
  tableBytes: number;
  /** What the passes reported. */
  notes: string[];
  metadata: Record<string, string>;
}

/**
 * Two running sums over the file's u32 words except the checksum's own: `a += word`, `b += a`, modulo 2^32. Finds any flipped
 * byte and any swapped words; it is no protection against forgery, which the record checks are for. Takes the file in pieces, each but
 * the last a multiple of 4 bytes.
 */
export class Checksum {
  private a: number;
  private b = 0;
  private at = 0;

  constructor(fileBytes: number) {
    this.a = fileBytes | 0;
  }

  add(piece: Uint8Array): this {
    const whole = piece.byteLength >>> 2;
    const words =
      piece.byteOffset % 4 === 0
        ? new Uint32Array(piece.buffer, piece.byteOffset, whole)
        : new Uint32Array(new Uint8Array(piece.subarray(0, whole * 4)).buffer);
    let { a, b } = this;
    const own = (HEADER.checksum - this.at) / 4;
    for (let i = 0; i < words.length; i++) {
      if (i === own || i === own + 1) continue;
      a = (a + words[i]) | 0;
      b = (b + a) | 0;
    }
    for (let i = whole * 4; i < piece.byteLength; i++) {
      a = (a + piece[i]) | 0;
      b = (b + a) | 0;
    }
    this.a = a;
    this.b = b;
    this.at += piece.byteLength;
    return this;
  }

  get sums(): [number, number] {
    return [this.a >>> 0, this.b >>> 0];
  }
}

/** {@link Checksum} of a whole file. */
export const checksum = (file: Uint8Array): [number, number] => new Checksum(file.byteLength).add(file).sums;
