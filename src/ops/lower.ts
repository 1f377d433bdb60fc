import { ZERO_TILE } from '../../assembly/abi/tiles.ts';
import type { Node } from '../graph/ir.ts';
import type { Layout, PlanesLayout } from '../graph/layout.ts';
import type { TypedArray } from '../tensor.ts';
import type { CostModel } from './common/cost_model.ts';
import { Call, type KnownValue, type ValueType } from './op.ts';

/** Sparse formats whose blocks are ordered by slices of columns first. */
export type SlicedFormat = 'csr_sliced' | 'bsr2x1_sliced' | 'bsr4x1_sliced';

/** How a constant weight matrix is stored. */
export type WeightFormat =
  | 'dense'
  | 'csr'
  | 'bsr2x1'
  | 'bsr4x1'
  | 'bsr8x1'
  | 'bsr16x1'
  | 'bsr32x1'
  | 'bsr1x4'
  | SlicedFormat;

/** Generation of the host's register allocator: how many accumulators stay in registers. */
export type Engine = 'narrow' | 'wide';

/** A planes operand as a kernel wants it; the planner provides at least this halo and exactly these steps and phases. */
export interface PlanesDemand {
  kind: 'planes';
  top: number;
  left: number;
  bottom: number;
  right: number;
  stepY: number;
  stepX: number;
  phasesY: number;
  phasesX: number;
  /** The kernel runs over flattened positions: this operand and the output have the same pitch. */
  flat: boolean;
}

/** Layout that a kernel wants of an operand. `any`: it reads through strides (not phases); `none`: constants, absent operands. */
export type Demand = { kind: 'dense' } | { kind: 'columns' } | { kind: 'any' } | { kind: 'none' } | PlanesDemand;

/** Layout that a kernel produces. `planes` is produced with the pitch of the flat operands, if there are any. */
export type Produced = 'dense' | 'columns' | 'planes';

export const anyPlanes = (flat: boolean): PlanesDemand => ({
  kind: 'planes',
  top: 0,
  left: 0,
  bottom: 0,
  right: 0,
  stepY: 1,
  stepX: 1,
  phasesY: 1,
  phasesX: 1,
  flat,
});

/** One way to run a node. */
export interface Candidate {
  /** Kernel name by the grammar of ARCHITECTURE.md, as `inspect` prints it. */
  kernel: string;
  format?: WeightFormat;
  /** Why it cannot be used here; such a candidate is only reported. */
  reject?: string;
  /** Modelled time in ns. */
  cost: number;
  /** What the cost is made of, where its constants are fitted. */
  model?: CostModel;
  /** One demand per input of the node. */
  inputs: readonly Demand[];
  output: Produced;
  /** Inputs whose memory the output may take over: same layout, every element read before it is written. */
  inplace?: readonly number[];
  /** What is stored of constant weights: structure found, share of zeros, bytes of values and row numbers. */
  weights?: { structure: string; sparsity: number; bytes: number };
  /** Multiplications done, and done if no zero were skipped. */
  macs?: { kept: number; dense: number };
  emit(e: Emitter): void;
}

export { ZERO_TILE };

/** Zeros expected in an operand. */
export interface ZeroStats {
  /** Share of its elements that are exactly zero. */
  elements: number;
  /** Share of its tiles, {@link ZERO_TILE} neighbours in a channel plane, that hold zeros only; 0 unless measured. */
  tiles: number;
  /** Whether calibration has counted them. */
  measured: boolean;
}

/**
 * What kernels may skip of what an input made zero: nothing, exact zeros, or all |x| at most a number. Where the number is above 0 results
 * are approximations.
 */
export type Skip = 'off' | 'auto' | number;

const NO_ZEROS: ZeroStats = { elements: 0, tiles: 0, measured: false };

/** What `lower` reads. */
export class LowerCall extends Call {
  readonly outputs: readonly ValueType[];
  readonly sparse: 'auto' | 'off';
  readonly skip: Skip;
  private readonly stats: readonly (ZeroStats | undefined)[];

  constructor(
    node: Node,
    inputs: readonly (KnownValue | undefined)[],
    outputs: readonly ValueType[],
    sparse: 'auto' | 'off',
    stats: readonly (ZeroStats | undefined)[] = [],
    skip: Skip = 'auto',
  ) {
    super(node, inputs);
    this.outputs = outputs;
    this.sparse = sparse;
    this.stats = stats;
    this.skip = skip;
  }

  /** The largest |x| that counts as zero, or undefined where nothing is to be skipped. */
  get threshold(): number | undefined {
    return this.skip === 'off' ? undefined : this.skip === 'auto' ? 0 : this.skip;
  }

  /** Zeros to expect in operand `index`. */
  zeros(index: number): ZeroStats {
    return this.stats[index] ?? NO_ZEROS;
  }
}

/** A value in the arena, its layout decided. */
export interface Operand extends ValueType {
  slot: number;
  layout: Layout;
  /** Elements reserved for it, padding included. */
  size: number;
}

/** Bytes of the package's constants. */
export interface ConstRef {
  readonly blob: number;
}

/** Fills one record. `field` is a byte offset of `assembly/abi/<family>.ts`. */
export interface RecordWriter {
  int(field: number, value: number): this;
  float(field: number, value: number): this;
  /** Address of an operand, plus `elements` elements of it. */
  at(field: number, operand: Operand, elements?: number): this;
  /** Address of a constant, plus `bytes` bytes; undefined writes address 0. */
  constant(field: number, ref: ConstRef | undefined, bytes?: number): this;
}

/** What a kernel may skip while it runs; for `profile`. */
export interface Counter {
  /** `inputs` of a fully connected layer, `tiles` of channel planes, `blocks` of an image. */
  unit: 'inputs' | 'tiles' | 'blocks';
  operand: Operand;
  element: number;
  total: number;
  limit: number;
}

/** Writes the records of one node. */
export interface Emitter {
  readonly engine: Engine;
  /** Records written so far. */
  readonly count: number;
  /** Operand `index` of the node in the demanded layout. */
  input(index: number): Operand;
  output(index?: number): Operand;
  /** A record of `size` bytes (`*_SIZE` of its family). */
  record(op: number, size: number): RecordWriter;
  /** Puts an array into the package; equal arrays are stored once. */
  constant(data: TypedArray): ConstRef;
  /**
   * A table of byte offsets that `load` expands: entry i is `channel * channelBytes + taps[tap]` for row number
   * `numbers[i] = channel * taps.length + tap`. `numbers` a count: the row numbers 0, 1, … without storing them.
   */
  offsets(numbers: Uint16Array | Uint32Array | number, geometry: OffsetGeometry): ConstRef;
  /**
   * Says where the records of this node leave what this input made zero: after them the u32 at `element` of `operand` is the number of
   * live units out of `total`; with more than `limit` of them nothing is skipped.
   */
  counter(counter: Counter): void;
  /** Scratch elements that live during this node only. */
  scratch(elements: number): Operand;
}

export interface OffsetGeometry {
  channels: number;
  channelBytes: number;
  /** Byte offset of each tap of a channel. */
  taps: readonly number[];
}

/** Offset and strides in elements of a value of `dims` seen through its layout: element index = offset + sum(index[i] * strides[i]). */
export interface View {
  offset: number;
  strides: number[];
}

/** View of an operand in `dense`, `columns`, or `planes` layout without phases. */
export function viewOf(layout: Layout, dims: readonly number[]): View {
  const strides = new Array<number>(dims.length);
  if (layout.kind === 'planes') {
    return { offset: layout.top * layout.pitch + layout.left, strides: [layout.image, layout.stride, layout.pitch, 1] };
  }
  let step = 1;
  let last = dims.length - 1;
  if (layout.kind === 'columns' && last >= 0) strides[last--] = layout.stride;
  for (let i = last; i >= 0; i--) {
    strides[i] = step;
    step *= dims[i];
  }
  return { offset: 0, strides };
}

/** Elements that a flat kernel walks from the first to the last element of a plane of `h` rows and `w` columns. */
export const flatSpan = (layout: PlanesLayout, h: number, w: number): number =>
  h === 0 || w === 0 ? 0 : (h - 1) * layout.pitch + w;
