import type { Tensor } from '../../tensor.ts';
import type { Editor } from '../edit.ts';
import type { Graph, Node } from '../ir.ts';
import { range } from '../linear.ts';
import { type Axis, type Operand, Slots } from './axes.ts';

/** Index of the other axis for an index of this one, -1 for none. */
export type IndexMap = (index: number) => number;

/** Index j of `b` goes together with index `map(j)` of `a`. */
export interface Link {
  node: Node;
  a: [Operand, number];
  b: [Operand, number];
  map: IndexMap | undefined;
  coupled: boolean;
}

/** What a link between two axes of several depends on: the axis through which channels come, or a choice. */
export interface Site {
  node: Node;
  options: number;
  /** Links to add when `axis` of `operand` turns out to carry channels. */
  decide(operand: Operand, axis: number, choice: number): void;
  decided: boolean;
}

/** What removal did to the axes of operands. */
export interface Kept {
  /** Indices of an axis that stay, in order. */
  indices(operand: Operand, axis: number): number[];
  dims(operand: Operand): number[];
}

/** Adapts attributes and constants of a node to the channels that stay. */
export type Fix = (edit: Editor, kept: Kept) => void;

/** The weights of a linear node whose outputs lie along `axis`. */
export interface Producer {
  node: Node;
  weight: Operand;
  axis: number;
  /** The axis of the weights that is summed over. */
  inner: number;
  /** Whether each filter reads one channel only and belongs to it. */
  depthwise: boolean;
}

/** A node that multiplies and adds: `sizeOf(output) * length of the summed axes`. */
export interface Product {
  node: Node;
  output: Operand;
  /** The operand and axes that are summed over. */
  inner: [Operand, readonly number[]];
}

export type Relate = (call: NodeAxes) => void;

/**
 * Which axes of a graph carry channels, found from the outputs of linear nodes by following links between axes both ways, from node to node.
 * Dims come from `shadow` by value name: all of them are numbers there.
 */
export class Coupling {
  readonly slots = new Slots();
  readonly producers: Producer[] = [];
  readonly products: Product[] = [];
  readonly fixes = new Map<Node, Fix>();
  readonly sites: Site[] = [];
  /** Axes that carry channels. */
  readonly active = new Set<Axis>();
  /** Axes over which products of two computed values are batched: heads. */
  readonly batched = new Set<string>();
  readonly siteAxes = new Map<Site, Set<string>>();
  private readonly links = new Map<string, Link[]>();
  private readonly linksOfNode = new Map<Node, Link[]>();
  private readonly sitesAt = new Map<string, Site[]>();
  private readonly blocks = new Map<string, string>();
  private readonly queue: Axis[] = [];
  private readonly nodes = new Map<string, Node>();
  private readonly readers = new Map<string, Node[]>();
  private readonly inputs: ReadonlySet<string>;
  private readonly outputs: ReadonlySet<string>;
  readonly graph: Graph;
  readonly shadow: Graph;
  private readonly choices: ReadonlyMap<string, number>;

  constructor(
    graph: Graph,
    shadow: Graph,
    rules: ReadonlyMap<string, Relate>,
    fallback: Relate,
    choices: ReadonlyMap<string, number>,
  ) {
    this.graph = graph;
    this.shadow = shadow;
    this.choices = choices;
    this.inputs = new Set(graph.inputs);
    this.outputs = new Set(graph.outputs);
    for (const node of graph.nodes) {
      for (const name of node.outputs) this.nodes.set(name, node);
      for (const name of new Set(node.inputs)) this.readers.set(name, [...(this.readers.get(name) ?? []), node]);
    }
    graph.nodes.forEach((node, position) => {
      const call = new NodeAxes(this, node, position);
      if (call.complete) (rules.get(node.op) ?? fallback)(call);
      else call.blockAll('has no known shape');
    });
    for (const { weight, axis } of this.producers) {
      if (weight.dims[axis] > 1) this.activate(weight, axis);
      this.follow();
    }
    for (const node of graph.nodes) if (JOINS.has(node.op)) this.crossed(node);
  }

  /** Blocks channels that two operands of a node have along different axes of its output. */
  private crossed({ op, name, outputs: [y] }: Node): void {
    const rank = this.shadow.values.get(y)?.dims?.length ?? 0;
    const axes = range(rank).flatMap((axis) => this.activeAxis(y, axis) ?? []);
    const channelsOf = ({ first, size }: Axis) => range(size).map((i) => this.slots.channel(first + i));
    for (const [i, axis] of axes.entries()) {
      const seen = new Set(axes.slice(0, i).flatMap(channelsOf));
      if (!channelsOf(axis).some((channel) => seen.has(channel))) continue;
      this.slots.block(axis, `${op} '${name}' joins branches that have them at different places`, true);
    }
  }

  producer(value: string): Node | undefined {
    return this.nodes.get(value);
  }

  /** Links that a node makes between axes of its operands and outputs. */
  linksOf(node: Node): readonly Link[] {
    return this.linksOfNode.get(node) ?? [];
  }

  /** An axis of a computed value, if it carries channels. */
  activeAxis(value: string, axis: number): Axis | undefined {
    const found = this.slots.find(value, axis);
    return found && this.active.has(found) ? found : undefined;
  }

  /** The nodes that read a value. */
  users(value: string): readonly Node[] {
    return this.readers.get(value) ?? [];
  }

  link(node: Node, a: [Operand, number], b: [Operand, number], map?: IndexMap): void {
    if (a[0].dims[a[1]] <= 1 || b[0].dims[b[1]] <= 1) return;
    const link: Link = { node, a, b, map, coupled: false };
    const own = this.linksOfNode.get(node);
    if (own) own.push(link);
    else this.linksOfNode.set(node, [link]);
    for (const end of [a, b]) {
      const id = idOf(...end);
      const list = this.links.get(id);
      if (list) list.push(link);
      else this.links.set(id, [link]);
    }
    const isActive = [a, b].some(([operand, axis]) => this.isActive(operand, axis));
    if (isActive) this.couple(link);
  }

  block(operand: Operand, axis: number, reason: string): void {
    const id = idOf(operand, axis);
    if (!this.blocks.has(id)) this.blocks.set(id, reason);
    if (this.isActive(operand, axis)) this.slots.block(this.slots.axis(operand, axis), reason);
  }

  site(site: Site, ...ends: [Operand, number][]): void {
    this.sites.push(site);
    this.siteAxes.set(site, new Set(ends.map((end) => idOf(...end))));
    for (const end of ends) {
      const id = idOf(...end);
      this.sitesAt.set(id, [...(this.sitesAt.get(id) ?? []), site]);
    }
  }

  isActive(operand: Operand, axis: number): boolean {
    const found = this.slots.find(operand.key, axis);
    return found !== undefined && this.active.has(found);
  }

  private activate(operand: Operand, axis: number, via?: Node): void {
    const found = this.slots.axis(operand, axis);
    if (this.active.has(found)) return;
    this.active.add(found);
    this.queue.push(found);
    const { value, use } = operand;
    if (!use && this.inputs.has(value)) this.slots.block(found, `${joining(via, this)}'${value}' is a graph input`);
    if (!use && this.outputs.has(value)) this.slots.block(found, `'${value}' is a graph output`);
    const reason = this.blocks.get(idOf(operand, axis));
    if (reason) this.slots.block(found, reason);
  }

  private follow(): void {
    for (let at = this.queue.pop(); at; at = this.queue.pop()) {
      const id = idOf(at.operand, at.axis);
      for (const site of this.sitesAt.get(id) ?? []) {
        if (site.decided) continue;
        site.decided = true;
        site.decide(at.operand, at.axis, this.choices.get(site.node.name) ?? 0);
      }
      for (const link of this.links.get(id) ?? []) this.couple(link);
    }
  }

  private couple(link: Link): void {
    if (link.coupled) return;
    link.coupled = true;
    const { node, a, b, map } = link;
    this.activate(...a, node);
    this.activate(...b, node);
    const from = this.slots.axis(...a);
    const to = this.slots.axis(...b);
    for (let j = 0; j < to.size; j++) {
      const i = map ? map(j) : j;
      if (i >= 0) this.slots.unite(from.first + i, to.first + j);
    }
  }
}

export const idOf = (operand: Operand, axis: number): string => `${axis} ${operand.key}`;

const JOINS: ReadonlySet<string> = new Set(['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min', 'Pow']);

/** Words for a reason that stands beyond a node which joins two computed values. */
function joining(via: Node | undefined, { graph }: Coupling): string {
  const isJoin = via && JOINS.has(via.op) && via.inputs.every((name) => !graph.values.get(name)?.constant);
  return isJoin ? `${via.op} '${via.name}' joins two branches, of which ` : '';
}

/** One node, as the rule of its op sees it. */
export class NodeAxes {
  readonly node: Node;
  /** Whether the dims of all operands and outputs are known. */
  readonly complete: boolean;
  readonly coupling: Coupling;
  private readonly position: number;

  constructor(coupling: Coupling, node: Node, position: number) {
    this.coupling = coupling;
    this.node = node;
    this.position = position;
    const known = (name: string): boolean => name === '' || this.dims(name) !== undefined;
    this.complete = node.inputs.every(known) && node.outputs.filter((name) => this.isUsed(name)).every(known);
  }

  /** Operand `i`; undefined where it is absent. */
  input(i: number): Operand | undefined {
    const value = this.node.inputs[i];
    const dims = value ? this.dims(value) : undefined;
    if (!dims) return undefined;
    if (!this.coupling.graph.values.get(value)?.constant) return { key: value, value, dims };
    return { key: `${this.position}:${i} ${value}`, value, dims, use: { node: this.node, position: i } };
  }

  output(i = 0): Operand | undefined {
    const value = this.node.outputs[i];
    const dims = value ? this.dims(value) : undefined;
    return dims && { key: value, value, dims };
  }

  /** An operand that stands for the groups of this node. */
  groups(count: number): Operand {
    return { key: `${this.position}:groups`, value: '', dims: [count] };
  }

  /** An operand that stands for the filters that each group of this node has. */
  within(count: number): Operand {
    return { key: `${this.position}:within`, value: '', dims: [count] };
  }

  /** Elements of operand `i` if they do not depend on the inputs of the graph. */
  known(i: number): Tensor | undefined {
    const name = this.node.inputs[i] ?? '';
    return this.coupling.shadow.values.get(name)?.constant ?? this.constant(i);
  }

  /** The constant that operand `i` is. */
  constant(i: number): Tensor | undefined {
    return this.coupling.graph.values.get(this.node.inputs[i] ?? '')?.constant;
  }

  /** Any value that is no constant. */
  value(name: string): Operand | undefined {
    const dims = this.coupling.graph.values.get(name)?.constant ? undefined : this.dims(name);
    return dims && { key: name, value: name, dims };
  }

  /** Index j of axis `axisB` of `b` goes with index `map(j)` of axis `axisA` of `a`, or with j. */
  link(a: Operand, axisA: number, b: Operand, axisB: number, map?: IndexMap): void {
    this.coupling.link(this.node, [a, axisA], [b, axisB], map);
  }

  block(operand: Operand, axis: number, what: string): void {
    this.coupling.block(operand, axis, `${this.node.op} '${this.node.name}' ${what}`);
  }

  /** Blocks all axes of all operands and outputs, or of the one given. */
  blockAll(what: string, only?: Operand): void {
    const all = [...this.node.inputs.map((_, i) => this.input(i)), ...this.node.outputs.map((_, i) => this.output(i))];
    for (const operand of only ? [only] : all)
      for (const axis of operand?.dims.keys() ?? []) this.block(operand!, axis, what);
  }

  /** Decides about links when one of `ends` turns out to carry channels. */
  site(options: number, decide: Site['decide'], ...ends: [Operand, number][]): void {
    this.coupling.site({ node: this.node, options, decide, decided: false }, ...ends);
  }

  produces(weight: Operand, axis: number, inner: number, depthwise = false): void {
    this.coupling.producers.push({ node: this.node, weight, axis, inner, depthwise });
  }

  multiplies(output: Operand, inner: Operand, ...axes: number[]): void {
    this.coupling.products.push({ node: this.node, output, inner: [inner, axes] });
  }

  batches(operand: Operand, axis: number): void {
    this.coupling.batched.add(idOf(operand, axis));
  }

  fix(fix: Fix): void {
    this.coupling.fixes.set(this.node, fix);
  }

  private dims(name: string): readonly number[] | undefined {
    const { shadow, graph } = this.coupling;
    const dims = shadow.values.get(name)?.dims ?? graph.values.get(name)?.constant?.dims;
    return dims?.every((d) => typeof d === 'number') ? (dims as readonly number[]) : undefined;
  }

  private isUsed(name: string): boolean {
    return name !== '' && this.coupling.shadow.values.has(name);
  }
}
