import type { Node } from '../ir.ts';

/** A value of a graph, one use of a constant by a node, or the groups of a grouped Conv: what has axes. */
export interface Operand {
  /** Distinguishes operands; each use of a constant is one, so that it can be sliced by itself. */
  readonly key: string;
  /** Name of the value; '' for groups. */
  readonly value: string;
  readonly dims: readonly number[];
  /** Where the constant stands, if it is one. */
  readonly use?: { readonly node: Node; readonly position: number };
}

/** One axis of an operand; its indices are the slots `first` to `first + size - 1`. */
export interface Axis {
  readonly id: number;
  readonly operand: Operand;
  readonly axis: number;
  readonly size: number;
  readonly first: number;
}

/**
 * Axes and which of their indices have to be removed together (union-find). A set of coupled slots is a channel: its smallest slot
 * stands for it.
 */
export class Slots {
  readonly axes: Axis[] = [];
  private readonly known = new Map<string, Axis[]>();
  private readonly parent: number[] = [];
  private readonly reasons = new Map<number, string>();

  axis(operand: Operand, axis: number): Axis {
    const list = this.known.get(operand.key) ?? [];
    this.known.set(operand.key, list);
    const found = list[axis];
    if (found) return found;
    const size = operand.dims[axis];
    const made: Axis = { id: this.axes.length, operand, axis, size, first: this.parent.length };
    for (let i = 0; i < size; i++) this.parent.push(this.parent.length);
    this.axes.push(made);
    list[axis] = made;
    return made;
  }

  /** The axis if it has been asked for before. */
  find(key: string, axis: number): Axis | undefined {
    return this.known.get(key)?.[axis];
  }

  /** The channel of a slot. */
  channel(slot: number): number {
    const { parent } = this;
    let root = slot;
    while (parent[root] !== root) root = parent[root];
    for (let at = slot; parent[at] !== root; ) {
      const next = parent[at];
      parent[at] = root;
      at = next;
    }
    return root;
  }

  unite(a: number, b: number): void {
    const [one, other] = [this.channel(a), this.channel(b)];
    if (one === other) return;
    const low = Math.min(one, other);
    const high = Math.max(one, other);
    this.parent[high] = low;
    const reason = this.reasons.get(low) ?? this.reasons.get(high);
    if (reason) this.reasons.set(low, reason);
  }

  /** No channel of `axis` can be removed; the first reason counts unless `replace` is set. */
  block({ first, size }: Axis, reason: string, replace = false): void {
    for (let slot = first; slot < first + size; slot++) {
      const channel = this.channel(slot);
      if (replace || !this.reasons.has(channel)) this.reasons.set(channel, reason);
    }
  }

  reason(channel: number): string | undefined {
    return this.reasons.get(channel);
  }
}
