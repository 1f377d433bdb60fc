import { callOf } from '../graph/call.ts';
import { Editor } from '../graph/edit.ts';
import type { Attr, Graph, Node, Value } from '../graph/ir.ts';
import { nodesBetween } from '../graph/masked_region.ts';
import { gridOf } from '../ops/common/blocks.ts';
import { convWindow } from '../ops/common/conv_geometry.ts';
import type { Call, Op } from '../ops/op.ts';
import { Tensor } from '../tensor.ts';

/** A masked region that runs in one of two ways: its nodes as they are, or in a loop over the active blocks. */
export interface BlockwiseRegion {
  name: string;
  /** List of active blocks. */
  list: string;
  /** All blocks. */
  total: number;
  /** Most active share of the blocks for the loop; negative: the cost model decides. */
  limit: number;
  dense: readonly Node[];
  /** For one block, from BlockGather to BlockScatter. */
  blocks: readonly Node[];
}

/** A graph whose nodes of masked regions stand together and are followed by their copies for one block. */
export interface BlockwiseGraph {
  graph: Graph;
  regions: BlockwiseRegion[];
}

/** What a block covers of a value, along both axes: `size` elements from `index * step - offset` on. */
interface Window {
  step: readonly number[];
  offset: readonly number[];
  size: readonly number[];
}

const CONV: ReadonlySet<string> = new Set(['Conv', 'FusedConv']);

/**
 * Adds to a graph, for every BlockSelect whose region can run block by block, the nodes that compute one block: BlockGather cuts it out of
 * the region's input with the halo that the convolutions need, which then run without padding; BlockEdge clears what lies outside of the
 * image where a later convolution reads padding; BlockScatter puts the result into the output of the dense region. Which of the two ways
 * runs, and the loop, are control steps of the schedule; the graph that results is for selection only.
 */
export function blockwise(graph: Graph, ops: ReadonlyMap<string, Op>): BlockwiseGraph {
  const selects = graph.nodes.filter(({ op }) => op === 'BlockSelect');
  if (selects.length === 0) return { graph, regions: [] };
  const index = new Editor({ ...graph });
  const values = new Map(graph.values);
  const regions = new Map<Node, BlockwiseRegion>();
  for (const select of selects) {
    const [output, , input] = select.inputs;
    const dense = nodesBetween(graph, index, input, output) ?? [];
    const builder = new RegionBuilder({ ...graph, values }, select, dense);
    if (dense.length > 0 && !dense.some(({ op }) => ops.get(op)?.alias) && builder.build())
      regions.set(select, builder.region);
  }
  const moved = new Set([...regions.values()].flatMap(({ dense }) => dense));
  const nodes = graph.nodes.flatMap((node) => {
    if (moved.has(node)) return [];
    const region = regions.get(node);
    if (!region) return [node];
    const scattered = region.blocks[region.blocks.length - 1].outputs[0];
    return [...region.dense, ...region.blocks, { ...node, inputs: [scattered, ...node.inputs.slice(1)] }];
  });
  return { graph: { ...graph, values, nodes }, regions: [...regions.values()] };
}

class RegionBuilder {
  private readonly graph: Graph;
  private readonly select: Node;
  private readonly dense: readonly Node[];
  private readonly windows = new Map<string, Window>();
  private readonly nodes: Node[] = [];
  /** Name and window of what stands for a value within a block. */
  private readonly made = new Map<string, string>();
  private readonly block: readonly number[];
  private readonly grid: readonly number[];
  private readonly images: number;

  constructor(graph: Graph, select: Node, dense: readonly Node[]) {
    this.graph = graph;
    this.select = select;
    this.dense = dense;
    this.block = select.attrs.block as readonly number[];
    const [images, , ...image] = this.dims(select.inputs[0]);
    this.images = images;
    this.grid = gridOf(image, this.block);
  }

  get region(): BlockwiseRegion {
    const { select, dense, nodes, images, grid } = this;
    return {
      name: select.name,
      list: select.inputs[1],
      total: images * grid[0] * grid[1],
      limit: select.attrs.limit as number,
      dense,
      blocks: nodes,
    };
  }

  /** False if a node cannot run block by block. */
  build(): boolean {
    const [output] = this.select.inputs;
    this.windows.set(output, { step: this.block, offset: [0, 0], size: this.block });
    if (![...this.dense].reverse().every((node) => this.demand(node))) return false;
    for (const node of this.dense) this.copy(node);
    this.add('BlockScatter', [this.made.get(output)!, this.select.inputs[1], output], `${output}/blockwise`, {
      dims: this.dims(output),
      attrs: { grid: this.grid, block: this.block },
    });
    return true;
  }

  /** Widens the windows of what `node` reads by what it needs of them. */
  private demand(node: Node): boolean {
    const window = this.windows.get(node.outputs[0])!;
    return node.inputs.every((name, i) => {
      if (!name || this.constant(name)) return true;
      if (name === this.select.inputs[2]) return true;
      const own = this.needs(node, i, window);
      const other = this.windows.get(name);
      if (other && !own.step.every((s, axis) => s === other.step[axis])) return false;
      this.windows.set(name, other ? union(own, other) : own);
      return true;
    });
  }

  /** What `node` reads of operand `index` for a window of its output. */
  private needs(node: Node, index: number, { step, offset, size }: Window): Window {
    if (!CONV.has(node.op) || index !== 0) return { step, offset, size };
    const { pads, strides, dilations } = this.convolution(node);
    const kernel = this.dims(node.inputs[1]).slice(2);
    return {
      step: step.map((s, axis) => s * strides[axis]),
      offset: offset.map((o, axis) => o * strides[axis] + pads[axis]),
      size: size.map((s, axis) => (s - 1) * strides[axis] + (kernel[axis] - 1) * dilations[axis] + 1),
    };
  }

  private convolution(node: Node) {
    const [x, w] = node.inputs;
    return convWindow(callOf(this.graph, node) as Call, this.dims(x).slice(2), this.dims(w).slice(2));
  }

  private copy(node: Node): void {
    const [output] = node.outputs;
    const window = this.windows.get(output)!;
    const inputs = node.inputs.map((name, i) => {
      if (!name || this.constant(name)) return name;
      const wanted = this.needs(node, i, window);
      return name === this.select.inputs[2] ? this.gather(name, wanted) : this.part(name, wanted);
    });
    const { strides, dilations } = CONV.has(node.op) ? this.convolution(node) : { strides: [], dilations: [] };
    const attrs: Record<string, Attr> = { ...node.attrs };
    if (CONV.has(node.op)) {
      delete attrs.auto_pad;
      Object.assign(attrs, { pads: [0, 0, 0, 0], strides, dilations });
    }
    const dims = [1, this.dims(output)[1], ...window.size];
    const name = this.add(node.op, inputs, `${output}/block`, { dims, attrs, name: node.name, clamp: node.clamp });
    this.made.set(output, this.readAsPadding(output) ? this.edge(output, name, window) : name);
  }

  /** True if a convolution reads zeros around this value. */
  private readAsPadding(name: string): boolean {
    return this.dense.some(
      (node) => CONV.has(node.op) && node.inputs[0] === name && this.convolution(node).pads.some((pad) => pad > 0),
    );
  }

  private edge(value: string, block: string, window: Window): string {
    const [, channels, ...image] = this.dims(value);
    return this.add('BlockEdge', [block, this.select.inputs[1]], `${value}/edge`, {
      dims: [1, channels, ...window.size],
      attrs: { images: this.images, image, grid: this.grid, ...window },
    });
  }

  private gather(value: string, window: Window): string {
    const key = `${value} ${JSON.stringify(window)}`;
    const known = this.made.get(key);
    if (known) return known;
    const name = this.add('BlockGather', [value, this.select.inputs[1]], `${value}/gather`, {
      dims: [1, this.dims(value)[1], ...window.size],
      attrs: { grid: this.grid, ...window },
    });
    this.made.set(key, name);
    return name;
  }

  /** A value of the block, cut to a window that another reader wants larger. */
  private part(value: string, wanted: Window): string {
    const whole = this.windows.get(value)!;
    const made = this.made.get(value)!;
    const starts = whole.offset.map((o, axis) => o - wanted.offset[axis]);
    const ends = starts.map((s, axis) => s + wanted.size[axis]);
    if (starts.every((s) => s === 0) && ends.every((e, axis) => e === whole.size[axis])) return made;
    const bounds = [starts, ends, [2, 3]].map((list) => this.constantOf(list));
    return this.add('Slice', [made, ...bounds], `${value}/part`, {
      dims: [1, this.dims(value)[1], ...wanted.size],
      attrs: {},
    });
  }

  private add(
    op: string,
    inputs: string[],
    base: string,
    { dims, ...rest }: { dims: number[]; attrs: object; name?: string; clamp?: Node['clamp'] },
  ): string {
    const output = this.define({ name: base, type: 'float32', dims });
    const node = { name: output, op, inputs, outputs: [output], ...rest } as Node;
    if (!node.clamp) delete node.clamp;
    this.nodes.push(node);
    return output;
  }

  private constantOf(list: readonly number[]): string {
    const constant = new Tensor('int64', list, [list.length]);
    return this.define({ name: `${this.select.name}/window`, type: 'int64', dims: constant.dims, constant });
  }

  private define(value: Value): string {
    let { name } = value;
    for (let serial = 1; this.graph.values.has(name); serial++) name = `${value.name}.${serial}`;
    this.graph.values.set(name, { ...value, name });
    return name;
  }

  private constant(name: string): Tensor | undefined {
    return this.graph.values.get(name)?.constant;
  }

  private dims(name: string): number[] {
    return [...(this.graph.values.get(name)!.dims as readonly number[])];
  }
}

/** The smallest window that holds both. */
function union(a: Window, b: Window): Window {
  const offset = a.offset.map((o, axis) => Math.max(o, b.offset[axis]));
  const behind = ({ size, offset: own }: Window, axis: number): number => size[axis] - own[axis];
  return {
    step: a.step,
    offset,
    size: offset.map((o, axis) => o + Math.max(behind(a, axis), behind(b, axis))),
  };
}
