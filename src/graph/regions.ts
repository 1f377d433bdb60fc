import { ensure } from '../errors.ts';
import type { Graph, Node } from './ir.ts';

/**
 * Part of a graph that runs only if `condition`, a bool value, is `taken`, inside of `parent`; the root, without a parent, always runs.
 * Regions are unique within one map of {@link regionsOf}.
 */
export interface Region {
  readonly parent?: Region;
  readonly depth: number;
  readonly condition: string;
  readonly taken: boolean;
}

/** Operands of an If node: `y[i] = condition ? whenTrue[i] : whenFalse[i]`. */
export interface Branches {
  condition: string;
  whenTrue: readonly string[];
  whenFalse: readonly string[];
}

export const isIf = (node: Node): boolean => node.op === 'If';

/** The parts of an If, whose inputs are `[condition, ...whenTrue, ...whenFalse]`, as many of each as it has outputs. */
export function branchesOf({ inputs, outputs }: Node): Branches {
  const behind = 1 + outputs.length;
  return { condition: inputs[0], whenTrue: inputs.slice(1, behind), whenFalse: inputs.slice(behind) };
}

/** Whether `region` is `outer` or lies in it. */
export function isWithin(region: Region, outer: Region): boolean {
  let at: Region | undefined = region;
  while (at && at.depth > outer.depth) at = at.parent;
  return at === outer;
}

/** The innermost region that holds both. */
function common(a: Region, b: Region): Region {
  let [x, y] = [a, b];
  while (x !== y) {
    if (x.depth >= y.depth) x = x.parent!;
    else y = y.parent!;
  }
  return x;
}

/** Which region each node belongs to. */
export class Regions {
  readonly root: Region = { depth: 0, condition: '', taken: true };
  private readonly ofNode = new Map<Node, Region>();
  private readonly perNode: boolean;
  private readonly entered = new Map<Region, Map<unknown, Region[]>>();

  constructor(perNode: boolean) {
    this.perNode = perNode;
  }

  /** Region of a node. */
  of(node: Node): Region {
    return this.ofNode.get(node) ?? this.root;
  }

  /** Region of a branch of an If whose own region is known. */
  branch(node: Node, taken: boolean): Region {
    const parent = this.of(node);
    const children = this.entered.get(parent) ?? new Map<unknown, Region[]>();
    this.entered.set(parent, children);
    const key = this.perNode ? node : node.inputs[0];
    const pair =
      children.get(key) ??
      [true, false].map((taken) => ({
        parent,
        depth: parent.depth + 1,
        condition: node.inputs[0],
        taken,
      }));
    children.set(key, pair);
    return pair[taken ? 0 : 1];
  }

  set(node: Node, region: Region): void {
    this.ofNode.set(node, region);
  }
}

/**
 * Finds what need not run: a node that only one branch of an If reads, directly or through others, belongs to that branch. Nodes that
 * nobody reads belong to the root.
 *
 * @param perNode whether Ifs of equal condition have regions of their own
 */
export function regionsOf(nodes: readonly Node[], outputs: readonly string[], perNode = false): Regions {
  const regions = new Regions(perNode);
  const needs = new Map<string, Region>();
  const need = (name: string, region: Region): void => {
    const known = needs.get(name);
    needs.set(name, known ? common(known, region) : region);
  };
  for (const name of outputs) need(name, regions.root);
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i];
    const found = node.outputs.flatMap((name) => needs.get(name) ?? []);
    const region = found.length > 0 ? found.reduce(common) : regions.root;
    regions.set(node, region);
    if (!isIf(node)) {
      for (const name of node.inputs) need(name, region);
      continue;
    }
    const { condition, whenTrue, whenFalse } = branchesOf(node);
    need(condition, region);
    for (const name of whenTrue) need(name, regions.branch(node, true));
    for (const name of whenFalse) need(name, regions.branch(node, false));
  }
  return regions;
}

/**
 * Orders the nodes so that a condition stands before its branches and the nodes of a branch stand together, right before the first If that
 * needs them. What the outputs `first` need comes first, one output after the other. Otherwise the order, which is topological, stays.
 */
export function orderNodes(graph: Graph, first: readonly string[] = []): void {
  const { nodes, outputs } = graph;
  if (first.length === 0 && !nodes.some(isIf)) return;
  const regions = regionsOf(nodes, outputs);
  const positions = new Map(nodes.map((node, i) => [node, i]));
  const producers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const ordered = new Set<Node>();

  /** What `names` need and what is not placed yet, in order. */
  const needed = (names: readonly string[]): Node[] => {
    const found = new Set<Node>();
    const open = [...names];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      const node = name === '' ? undefined : producers.get(name);
      if (!node || ordered.has(node) || found.has(node)) continue;
      found.add(node);
      open.push(...node.inputs);
    }
    return [...found].sort((a, b) => positions.get(a)! - positions.get(b)!);
  };
  /** Nodes of deeper regions wait for the If that needs them. */
  const placeAll = (list: readonly Node[], region: Region): void => {
    for (const node of list) {
      const own = regions.of(node);
      if (own === region || !isWithin(own, region)) place(node);
    }
  };
  const place = (node: Node): void => {
    if (ordered.has(node)) return;
    if (isIf(node)) {
      const region = regions.of(node);
      const { condition, whenTrue, whenFalse } = branchesOf(node);
      placeAll(needed([condition]), region);
      for (const [names, taken] of [
        [whenTrue, true],
        [whenFalse, false],
      ] as const) {
        const inner = regions.branch(node, taken);
        const list = needed(names);
        placeAll(
          list.filter((other) => !isWithin(regions.of(other), inner)),
          region,
        );
        placeAll(
          list.filter((other) => isWithin(regions.of(other), inner)),
          inner,
        );
      }
    }
    ordered.add(node);
  };

  for (const name of first) placeAll(needed([name]), regions.root);
  placeAll(nodes, regions.root);
  ensure(ordered.size === nodes.length, 'INTERNAL', 'a branch holds nodes that nobody needs');
  graph.nodes = [...ordered];
}
