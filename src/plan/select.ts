import { ZeroskipError } from '../errors.ts';
import type { Graph, Node } from '../graph/ir.ts';
import { columnsLayout, DENSE, type Layout } from '../graph/layout.ts';
import { orderNodes } from '../graph/regions.ts';
import { UnsupportedNodes } from '../graph/unsupported.ts';
import { convertCost } from '../ops/common/convert.ts';
import { type Candidate, type Demand, LowerCall, type Skip, type WeightFormat, type ZeroStats } from '../ops/lower.ts';
import type { Op, ValueType } from '../ops/op.ts';
import type { DType, Tensor } from '../tensor.ts';
import { blockwise } from './blockwise.ts';
import { BranchSteps } from './branches.ts';
import { layoutCost, satisfies, target, wanted } from './demands.ts';
import { type Exit, ExitSteps } from './exits.ts';
import { isFlatMaker, meetingCost, outputPitch } from './flat.ts';
import { planesLayout } from './geometry.ts';
import { MaskedSteps } from './masked.ts';
import type { Alternative, Ref, Schedule, Slot, Step } from './types.ts';
import { expectedZeros } from './zeros.ts';

export interface SelectOptions {
  ops: ReadonlyMap<string, Op>;
  sparse: 'auto' | 'off';
  /** `auto` unless given. */
  skip?: Skip;
  exits?: readonly Exit[];
  /** Weight formats by node name, where plans that share weights have agreed on one. */
  formats?: ReadonlyMap<string, WeightFormat>;
  /** Zeros that calibration has counted, by value. */
  zeros?: ReadonlyMap<string, ZeroStats>;
  /** Overrides the cost model: the candidate to take for a node, of those that are not rejected; undefined leaves the choice. */
  choose?: Choose;
  /** Measured time in ns of a candidate whose first output has `dims`, instead of the modelled one where it is known. */
  measure?: (node: Node, candidate: Candidate, dims: readonly number[]) => number | undefined;
}

export type Choose = (node: Node, candidates: readonly Candidate[]) => Candidate | undefined;

/**
 * Walks the graph in order and takes, node by node, the candidate with the least modelled time, conversions of its operands included;
 * inserts the conversions.
 * @throws ZeroskipError `UNSUPPORTED_OP` that names all nodes no kernel can run.
 */
export function selectKernels(graph: Graph, options: SelectOptions): Schedule {
  return new Selector(graph, options).run();
}

class Selector {
  private readonly slots: Slot[] = [];
  private readonly steps: Step[] = [];
  /** All slots that hold a value; the first is where its producer put it. */
  private readonly refs = new Map<string, Ref[]>();
  /** Candidates of the nodes asked for so far; undefined for nodes that cannot run. */
  private readonly lowered = new Map<Node, Candidate[] | undefined>();
  /** Times of the flat kernels that made slots. */
  private readonly flatTimes = new Map<Slot, number>();
  private readonly unsupported = new UnsupportedNodes();
  private readonly readers = new Map<string, Node[]>();
  private readonly zeros: ReadonlyMap<string, ZeroStats>;
  private readonly branches: BranchSteps;
  private readonly outputs = new Map<string, Ref>();
  private readonly exits: ExitSteps;
  private readonly graph: Graph;
  private readonly options: SelectOptions;
  private readonly masked: MaskedSteps;

  constructor(original: Graph, options: SelectOptions) {
    this.options = options;
    this.exits = new ExitSteps(original, options.ops, options.exits ?? [], this.steps);
    orderNodes(original, this.exits.heads);
    const { graph, regions } = blockwise(original, options.ops);
    this.graph = graph;
    this.masked = new MaskedSteps(regions, this.steps, this.refs);
    this.branches = new BranchSteps(graph, this.steps, (name) => this.demand(name, { kind: 'dense' }));
    this.zeros = expectedZeros(graph, options.ops, options.zeros);
    for (const node of graph.nodes) {
      for (const name of new Set(node.inputs)) this.readers.set(name, [...(this.readers.get(name) ?? []), node]);
    }
  }

  run(): Schedule {
    const { graph } = this;
    for (const value of graph.values.values()) {
      if (value.constant)
        this.define(value.name, this.slot(value.name, value.type, value.constant.dims, DENSE, value.constant));
    }
    const inputs = new Map<string, Ref>();
    for (const name of graph.inputs) {
      const { type, dims } = this.typeOf(name);
      inputs.set(name, this.define(name, this.slot(name, type, dims, DENSE)));
    }
    this.passExits();
    for (const node of graph.nodes) {
      this.branches.enter(node);
      this.masked.enter(node);
      this.node(node);
      this.masked.leave(node);
      this.passExits();
    }
    this.branches.leave();
    this.unsupported.raise();
    this.makeOutputs();
    return { graph, slots: this.slots, steps: this.steps, inputs, outputs: this.outputs, exits: this.exits.close() };
  }

  /** Puts every output that can be had by now where the caller reads it. */
  private makeOutputs(): void {
    for (const name of this.graph.outputs) {
      if (this.outputs.has(name) || !this.refs.has(name)) continue;
      const ref = this.demand(name, { kind: 'dense' });
      this.outputs.set(name, ref.slot.constant ? this.convert(name, ref, DENSE) : ref);
    }
  }

  /** Ends the run where the head of the next exit is there. */
  private passExits(): void {
    while (this.exits.next !== undefined && this.refs.has(this.exits.next)) {
      this.branches.leave();
      this.makeOutputs();
      this.exits.pass(this.outputs, this.slot(`confidence of ${this.exits.next}`, 'float32', [], DENSE));
    }
  }

  private node(node: Node): void {
    const op = this.options.ops.get(node.op);
    const outputs = node.outputs.map((name) => this.typeOf(name || node.outputs[0]));
    if (op?.alias) {
      const ref = this.demand(node.inputs[0], { kind: 'dense' });
      this.refs.set(node.outputs[0], [{ slot: ref.slot, dims: outputs[0].dims }]);
      return;
    }
    const candidates = this.candidates(node);
    const rated = this.rate(node, candidates ?? []);
    const usable = rated.filter((r) => !r.reject);
    const chosen = this.options.choose?.(
      node,
      usable.map((r) => r.candidate),
    );
    const forced = chosen && usable.find((r) => r.candidate === chosen);
    const best =
      forced ?? usable.reduce<Rated | undefined>((a, b) => (a && totalOf(a) <= totalOf(b) ? a : b), undefined);
    if (best) this.take(node, best, rated, outputs);
    else this.standIn(node, candidates && rated, outputs);
  }

  /** Lets the walk go on behind a node that cannot run; `rated` is undefined if that is known already. */
  private standIn(node: Node, rated: Rated[] | undefined, outputs: ValueType[]): void {
    this.unsupported.attempt(() => {
      if (!rated) return;
      const reasons = [...new Set(rated.map((r) => r.reject))].join('; ');
      throw new ZeroskipError(
        'UNSUPPORTED_OP',
        `${node.op} '${node.name}': no kernel can run it${reasons && `: ${reasons}`}`,
      );
    });
    node.outputs.forEach((name, i) => {
      if (name) this.define(name, this.slot(name, outputs[i].type, outputs[i].dims, DENSE));
    });
  }

  private rate(node: Node, candidates: Candidate[]): Rated[] {
    const forced = this.options.formats?.get(node.name);
    return candidates.map((candidate) => {
      const time = this.timeOf(node, candidate);
      let cost = time;
      candidate.inputs.forEach((demand, i) => {
        if (node.inputs[i] && !candidate.reject) cost += this.operandCost(node.inputs[i], demand, time);
      });
      const readers = node.outputs.reduce((sum, name) => sum + (name ? this.readersCost(name, node, candidate) : 0), 0);
      const other = forced && candidate.format && candidate.format !== forced;
      return {
        candidate,
        cost,
        readers,
        reject: candidate.reject ?? (other ? `the plans share weights in ${forced}` : undefined),
      };
    });
  }

  /** What the kernels of a node can do; asked for the node itself and before that for the nodes that make its operands. */
  private candidates(node: Node): Candidate[] | undefined {
    if (!this.lowered.has(node)) {
      const inputs = node.inputs.map((name) => (name ? this.typeOf(name) : undefined));
      const outputs = node.outputs.map((name) => this.typeOf(name || node.outputs[0]));
      const op = this.options.ops.get(node.op);
      let candidates: Candidate[] | undefined;
      this.unsupported.attempt(() => {
        const zeros = node.inputs.map((name) => this.zeros.get(name));
        const { sparse } = this.options;
        // Loops do not nest.
        const skip = this.masked.isRepeated(node) ? 'off' : this.options.skip;
        candidates = op?.lower?.(new LowerCall(node, inputs, outputs, sparse, zeros, skip)) ?? [];
      });
      this.lowered.set(node, candidates);
    }
    return this.lowered.get(node);
  }

  private timeOf(node: Node, candidate: Candidate): number {
    return this.options.measure?.(node, candidate, this.typeOf(node.outputs[0]).dims) ?? candidate.cost;
  }

  /**
   * Looks one step ahead: the least modelled time of everything that reads `name`, conversions included, if `maker` makes it. Only
   * differences between makers count.
   */
  private readersCost(name: string, node: Node, maker: Candidate): number {
    const { dims } = this.typeOf(name);
    const made = this.layoutBy(node, maker, dims);
    const makerNs = isFlatMaker(maker) ? this.timeOf(node, maker) : 0;
    let cost = this.graph.outputs.includes(name) ? layoutCost(dims, made, DENSE) : 0;
    for (const reader of this.readers.get(name) ?? []) {
      if (this.options.ops.get(reader.op)?.alias) {
        cost += layoutCost(dims, made, DENSE);
        continue;
      }
      const usable = (this.candidates(reader) ?? []).filter((c) => !c.reject);
      const costs = usable.map((c) => {
        const readerNs = this.timeOf(reader, c);
        const cost = readerNs + layoutCost(dims, made, wanted(c, reader, name, dims, made));
        if (made.kind !== 'planes') return cost;
        const meeting = { dims, pitch: made.pitch, demands: [], makerNs, readerNs };
        return cost + meetingCost(meeting, c.inputs[reader.inputs.indexOf(name)] ?? { kind: 'none' });
      });
      if (costs.length > 0) cost += Math.min(...costs);
    }
    return cost;
  }

  private take(node: Node, best: Rated, rated: Rated[], outputs: ValueType[]): void {
    const { candidate } = best;
    const inputs = node.inputs.map((name, i) => {
      const demand = candidate.inputs[i] ?? { kind: 'none' };
      return name && demand.kind !== 'none' ? this.demand(name, demand) : undefined;
    });
    const updates = this.options.ops.get(node.op)?.updates;
    const refs = node.outputs.map((name, i) => {
      const { type, dims } = outputs[i];
      const ref =
        updates !== undefined && i === 0
          ? inputs[updates]!
          : { slot: this.slot(name, type, dims, this.layoutBy(node, candidate, dims)), dims };
      if (name) this.refs.set(name, [ref]);
      return ref;
    });
    const alternatives = rated
      .filter((r) => r !== best)
      .map(
        ({ candidate: { kernel, format }, cost, readers, reject }): Alternative => ({
          kernel,
          format,
          cost,
          readers,
          reject,
        }),
      );
    if (isFlatMaker(candidate)) for (const { slot } of refs) this.flatTimes.set(slot, this.timeOf(node, candidate));
    this.steps.push({
      node,
      name: node.name,
      op: node.op,
      kernel: candidate.kernel,
      inputs,
      outputs: refs,
      candidate,
      alternatives,
      cost: best.cost,
      readers: best.readers,
      zeros: new Map(node.inputs.flatMap((name) => (this.zeros.has(name) ? [[name, this.zeros.get(name)!]] : []))),
    });
  }

  /** The value in a layout that satisfies `demand`, converted if need be. */
  private demand(name: string, demand: Demand): Ref {
    const refs = this.visible(name);
    const found = refs.find((ref) => satisfies(ref, demand));
    const ref = found ?? this.convert(name, refs[0], target(demand, refs[0].dims));
    if (demand.kind === 'planes') ref.slot.demands.push(demand);
    return ref;
  }

  private convert(name: string, from: Ref, layout: Layout): Ref {
    const slot = this.slot(name, from.slot.type, from.dims, layout);
    slot.converted = true;
    const ref = { slot, dims: from.dims };
    this.refs.get(name)!.push(ref);
    this.branches.made(ref);
    this.steps.push({
      node: undefined,
      name,
      op: 'Layout',
      kernel: `convert__${from.slot.layout.kind}_${layout.kind}`,
      inputs: [from],
      outputs: [ref],
      candidate: undefined,
      alternatives: [],
      cost: convertCost(from.dims, from.slot.layout, layout),
      readers: 0,
    });
    return ref;
  }

  /** The slots of a value that are written whenever what comes next runs. */
  private visible(name: string): Ref[] {
    return this.refs.get(name)!.filter((ref) => this.branches.sees(ref));
  }

  /** What a candidate that takes `readerNs` pays for an operand: a conversion, or meeting planes that are there. */
  private operandCost(name: string, demand: Demand, readerNs: number): number {
    const refs = this.visible(name);
    const found = refs.find((ref) => satisfies(ref, demand));
    if (found) {
      const { layout, demands } = found.slot;
      if (layout.kind !== 'planes') return 0;
      const makerNs = this.flatTimes.get(found.slot) ?? 0;
      return meetingCost({ dims: found.dims, pitch: layout.pitch, demands, makerNs, readerNs }, demand);
    }
    return layoutCost(refs[0].dims, refs[0].slot.layout, target(demand, refs[0].dims));
  }

  /** Layout in which a candidate makes a value of `dims`; planes get their final geometry later. */
  private layoutBy(node: Node, candidate: Candidate, dims: readonly number[]): Layout {
    if (candidate.output === 'columns') return columnsLayout(dims);
    if (candidate.output === 'dense') return DENSE;
    const operands = node.inputs.map((name) => (name ? this.typeOf(name).dims : []));
    return planesLayout(dims, [], outputPitch(candidate, operands, dims[3]), false);
  }

  private define(name: string, slot: Slot): Ref {
    const ref = { slot, dims: slot.dims };
    this.refs.set(name, [ref]);
    return ref;
  }

  private slot(name: string, type: DType, dims: readonly number[], layout: Layout, constant?: Tensor): Slot {
    const slot: Slot = { id: this.slots.length, name, type, dims, layout, demands: [], constant, converted: false };
    this.slots.push(slot);
    return slot;
  }

  private typeOf(name: string): ValueType & { constant?: Tensor } {
    const value = this.graph.values.get(name);
    if (!value?.dims || value.dims.some((d) => typeof d === 'string')) {
      throw new ZeroskipError('INTERNAL', `value '${name}' has no bound shape`);
    }
    return { type: value.type, dims: value.dims as readonly number[], constant: value.constant };
  }
}

interface Rated {
  candidate: Candidate;
  /** The kernel and the conversions of its operands. */
  cost: number;
  /** What reads the output. */
  readers: number;
  reject: string | undefined;
}

const totalOf = ({ cost, readers }: Rated): number => cost + readers;
