import { ensure } from '../errors.ts';
import { type Dim, type DType, sameDims, type Tensor } from '../tensor.ts';
import type { Graph, Node, Value } from './ir.ts';

/** What a rewrite rule may ask about a graph. */
export interface GraphIndex {
  /** The node that computes `value`; undefined for inputs and constants. */
  producer(value: string): Node | undefined;
  /** The nodes that read `value`, each once. */
  users(value: string): Node[];
  /** The node with the only use of `value`; undefined if there are more, none, or if `value` is a graph output. */
  soleUser(value: string): Node | undefined;
  isInput(value: string): boolean;
  isOutput(value: string): boolean;
  constant(value: string | undefined): Tensor | undefined;
  type(value: string): DType | undefined;
  /** Bound dims, or undefined while they are not known. */
  dims(value: string): readonly number[] | undefined;
  /** Whether `to` can stand in for `from`: same type and dims, and not two names of the graph's surface. */
  canReplace(from: string, to: string): boolean;
}

type Uses = Map<Node, number[]>;

/** Bytes by which one editor may grow the constants of a graph: copies of shared weights, mostly. */
const GROWTH = 2 ** 30;

/**
 * The only code that changes a graph. Keeps producers and uses indexed while it does; a node list in topological order is
 * written back by `commit`. Names of graph inputs and outputs never change.
 */
export class Editor implements GraphIndex {
  readonly graph: Graph;
  private readonly producers = new Map<string, Node>();
  private readonly uses = new Map<string, Uses>();
  private readonly inputs: Set<string>;
  private readonly outputs: ReadonlySet<string>;
  private readonly removed = new Set<Node>();
  private readonly before = new Map<Node, Node[]>();
  private readonly behind = new Map<Node, Node[]>();
  private readonly serials = new Map<string, number>();
  private growth = 0;

  constructor(graph: Graph) {
    this.graph = graph;
    this.inputs = new Set(graph.inputs);
    this.outputs = new Set(graph.outputs);
    for (const node of graph.nodes) this.attach(node);
  }

  producer(value: string): Node | undefined {
    return this.producers.get(value);
  }

  users(value: string): Node[] {
    return [...(this.uses.get(value)?.keys() ?? [])];
  }

  soleUser(value: string): Node | undefined {
    const uses = this.uses.get(value);
    if (uses?.size !== 1 || this.isOutput(value)) return undefined;
    const [[node, positions]] = uses;
    return positions.length === 1 ? node : undefined;
  }

  isInput(value: string): boolean {
    return this.inputs.has(value);
  }

  isOutput(value: string): boolean {
    return this.outputs.has(value);
  }

  isRemoved(node: Node): boolean {
    return this.removed.has(node);
  }

  constant(value: string | undefined): Tensor | undefined {
    return value ? this.graph.values.get(value)?.constant : undefined;
  }

  type(value: string): DType | undefined {
    return this.graph.values.get(value)?.type;
  }

  dims(value: string): readonly number[] | undefined {
    const dims = this.graph.values.get(value)?.dims;
    return dims?.every((d) => typeof d === 'number') ? (dims as readonly number[]) : undefined;
  }

  canReplace(from: string, to: string): boolean {
    const a = this.value(from);
    const b = this.value(to);
    if (a.type !== b.type || !a.dims || !b.dims || !sameDims(a.dims, b.dims)) return false;
    return !this.isOutput(from) || b.constant !== undefined || !(this.isInput(to) || this.isOutput(to));
  }

  /** `base`, or `base.1`, `base.2` … where that is taken. */
  freshName(base: string): string {
    let name = base;
    let serial = this.serials.get(base) ?? 0;
    while (name === '' || this.graph.values.has(name)) name = `${base}.${++serial}`;
    this.serials.set(base, serial);
    return name;
  }

  /** A new value; returns its name. */
  addValue(base: string, type: DType, dims?: readonly Dim[]): string {
    const name = this.freshName(base);
    this.graph.values.set(name, { name, type, dims });
    return name;
  }

  /** A new graph input; returns its name, which has to be free. */
  addInput(name: string, type: DType, dims: readonly Dim[]): string {
    ensure(!this.graph.values.has(name), 'INTERNAL', () => `edit: the name '${name}' is taken`);
    this.graph.inputs = [...this.graph.inputs, this.addValue(name, type, dims)];
    this.inputs.add(name);
    return name;
  }

  /**
   * A new constant; returns its name.
   *
   * @throws ZeroskipError `OUT_OF_MEMORY` if the constants of the graph grow by more than 1 GiB.
   */
  addConstant(base: string, constant: Tensor): string {
    this.grow(base, constant.data.byteLength);
    const name = this.addValue(base, constant.type, constant.dims);
    this.value(name).constant = constant;
    return name;
  }

  /** Changes what is known of a value. A value with a constant is no longer a graph input. */
  setValue(name: string, change: Partial<Pick<Value, 'type' | 'dims' | 'constant'>>): void {
    Object.assign(this.value(name), change);
    if (change.constant && this.inputs.delete(name)) {
      this.graph.inputs = this.graph.inputs.filter((input) => input !== name);
    }
  }

  /** Puts `node`, whose output values exist, in front of `anchor`. */
  insertNode(anchor: Node, node: Node): void {
    const list = this.before.get(anchor);
    if (list) list.push(node);
    else this.before.set(anchor, [node]);
    this.attach(node);
  }

  /** Puts `node`, whose output values exist, behind `anchor` and what was put there before. */
  insertBehind(anchor: Node, node: Node): void {
    this.behind.set(anchor, [...(this.behind.get(anchor) ?? []), node]);
    this.attach(node);
  }

  /** Removes a node, its unused outputs, and the constants that only it read. */
  removeNode(node: Node): void {
    this.detach(node);
    this.removed.add(node);
    for (const output of node.outputs) this.release(output);
  }

  /** Removes a node that nobody reads any more. */
  removeUnused(node: Node): void {
    const used = node.outputs.some((name) => name !== '' && (this.isOutput(name) || this.users(name).length > 0));
    if (!used && !this.isRemoved(node)) this.removeNode(node);
  }

  /** Changes a node; constants that nobody reads any more go. */
  setNode(node: Node, change: Partial<Node>): void {
    const { outputs } = node;
    this.detach(node, () => {
      Object.assign(node, change);
      if ('clamp' in change && change.clamp === undefined) delete node.clamp;
      this.attach(node);
    });
    if (change.outputs) for (const name of outputs) this.release(name);
  }

  /**
   * Gives a node another constant operand (`base` names an operand that was absent). It keeps the name of the old one unless others
   * read that too.
   */
  setOperand(node: Node, position: number, constant: Tensor, base: string): void {
    const old = node.inputs[position] ?? '';
    const replaced = this.soleUser(old) === node ? this.constant(old) : undefined;
    if (replaced) {
      this.grow(old, constant.data.byteLength - replaced.data.byteLength);
      this.setValue(old, { constant, type: constant.type, dims: constant.dims });
      return;
    }
    const inputs = Array.from({ length: Math.max(node.inputs.length, position + 1) }, (_, i) => node.inputs[i] ?? '');
    inputs[position] = this.addConstant(old || base, constant);
    this.setNode(node, { inputs });
  }

  /**
   * Lets `to` stand in for `from`; the producer of `from`, if any, has to be removed next. Where `from` is a graph output, `to`
   * takes over its name.
   */
  replaceUses(from: string, to: string): void {
    ensure(this.canReplace(from, to), 'INTERNAL', () => `edit: '${to}' cannot stand in for '${from}'`);
    const constant = this.constant(to);
    if (!this.isOutput(from)) {
      this.moveUses(from, to);
    } else if (constant) {
      this.setValue(from, { constant });
    } else {
      this.rename(to, from);
    }
  }

  /** Writes the node list back: removed nodes go, inserted ones take their places. */
  commit(): void {
    const nodes: Node[] = [];
    const place = (node: Node): void => {
      for (const inserted of this.before.get(node) ?? []) place(inserted);
      if (!this.removed.has(node)) nodes.push(node);
      for (const inserted of this.behind.get(node) ?? []) place(inserted);
    };
    this.graph.nodes.forEach(place);
    this.graph.nodes = nodes;
    this.before.clear();
    this.behind.clear();
    this.removed.clear();
  }

  /** Drops every value that nothing refers to. */
  releaseUnused(): void {
    for (const name of [...this.graph.values.keys()]) this.release(name);
  }

  private value(name: string): Value {
    const value = this.graph.values.get(name);
    ensure(value, 'INTERNAL', () => `edit: there is no value '${name}'`);
    return value;
  }

  private attach(node: Node): void {
    node.inputs.forEach((name, position) => {
      if (name !== '') this.use(name, node, position);
    });
    for (const name of node.outputs) if (name !== '') this.producers.set(name, node);
  }

  private use(name: string, node: Node, position: number): void {
    const uses: Uses = this.uses.get(name) ?? new Map();
    this.uses.set(name, uses);
    const positions = uses.get(node);
    if (positions) positions.push(position);
    else uses.set(node, [position]);
  }

  /** Takes `node` out of the index, runs `between`, then drops the constants that lost their last use. */
  private detach(node: Node, between?: () => void): void {
    const names = node.inputs.filter((name) => name !== '');
    for (const name of names) this.uses.get(name)?.delete(node);
    for (const name of node.outputs) if (this.producers.get(name) === node) this.producers.delete(name);
    between?.();
    for (const name of names) if (this.constant(name)) this.release(name);
  }

  /** Drops a value that nothing refers to. */
  private release(name: string): void {
    const used = (this.uses.get(name)?.size ?? 0) > 0;
    if (name === '' || used || this.isOutput(name) || this.isInput(name) || this.producers.has(name)) return;
    this.growth -= this.constant(name)?.data.byteLength ?? 0;
    this.uses.delete(name);
    this.graph.values.delete(name);
  }

  private grow(name: string, bytes: number): void {
    this.growth += bytes;
    ensure(
      this.growth <= GROWTH,
      'OUT_OF_MEMORY',
      () =>
        `the constants of the graph grow by more than ${GROWTH} bytes at '${name}': too many copies of shared weights`,
    );
  }

  private moveUses(from: string, to: string): void {
    for (const [node, positions] of this.uses.get(from) ?? []) {
      for (const position of positions) {
        node.inputs[position] = to;
        this.use(to, node, position);
      }
    }
    this.uses.delete(from);
  }

  /** `to`'s value gets the name of the graph output `from`; the former producer of `from` keeps no output. */
  private rename(to: string, from: string): void {
    const former = this.producers.get(from);
    if (former) former.outputs = former.outputs.map((name) => (name === from ? '' : name));
    this.moveUses(to, from);
    const producer = this.producers.get(to);
    this.producers.delete(to);
    if (producer) {
      producer.outputs = producer.outputs.map((name) => (name === to ? from : name));
      this.producers.set(from, producer);
    }
    this.graph.values.set(from, { ...this.value(to), name: from });
    this.graph.values.delete(to);
  }
}

/** A copy that can be edited alone. Constants are shared: their elements are never written. */
export function cloneGraph(graph: Graph): Graph {
  return {
    ...graph,
    nodes: graph.nodes.map((n) => ({
      ...n,
      inputs: [...n.inputs],
      outputs: [...n.outputs],
      attrs: { ...n.attrs },
    })),
    values: new Map([...graph.values].map(([name, value]) => [name, { ...value }])),
    inputs: [...graph.inputs],
    outputs: [...graph.outputs],
  };
}
