import type { Editor } from '../graph/edit.ts';
import type { Node } from '../graph/ir.ts';
import { uniqueNames } from '../graph/names.ts';
import { branchesOf, isIf, type Region, type Regions, regionsOf } from '../graph/regions.ts';

/** Puts the taken branch in the place of every If whose condition is a constant, during one walk over the nodes in order. */
export class TakenBranches {
  readonly notes: string[] = [];
  private readonly edit: Editor;
  private readonly regions: Regions;
  private readonly dead = new Set<Node>();
  private readonly nodeName: (base: string) => string;

  constructor(edit: Editor) {
    const { nodes, outputs } = edit.graph;
    this.edit = edit;
    this.regions = regionsOf(nodes, outputs);
    this.nodeName = uniqueNames(new Set(nodes.map(({ name }) => name)));
  }

  /** Whether a node belongs to a branch that is known not to be taken. Such a node is removed at the end. */
  isDead(node: Node): boolean {
    for (let at: Region | undefined = this.regions.of(node); at?.parent; at = at.parent) {
      const condition = this.edit.constant(at.condition);
      if (condition && Boolean(condition.data[0]) !== at.taken) this.dead.add(node);
    }
    return this.dead.has(node);
  }

  /** Replaces an If of known condition: its outputs become constants or copies of what the taken branch gives. False for other nodes. */
  resolve(node: Node): boolean {
    const { edit } = this;
    const condition = isIf(node) ? edit.constant(node.inputs[0]) : undefined;
    if (!condition || this.isDead(node)) return false;
    const { whenTrue, whenFalse } = branchesOf(node);
    const taken = condition.data[0] ? whenTrue : whenFalse;
    node.outputs.forEach((output, i) => {
      const source = edit.graph.values.get(taken[i]);
      if (output === '' || !source) return;
      const { type, dims, constant } = source;
      edit.setValue(output, { type, dims, ...(constant && { constant }) });
      if (constant) return;
      const name = this.nodeName(`${node.name}_${i}`);
      edit.insertNode(node, { name, op: 'Identity', inputs: [taken[i]], outputs: [output], attrs: {} });
    });
    this.notes.push(`If '${node.name}': always its ${condition.data[0] ? 'then' : 'else'}_branch`);
    edit.removeNode(node);
    return true;
  }

  /** Removes what no taken branch needs. */
  removeDead(): void {
    for (const node of [...this.dead].reverse()) this.edit.removeUnused(node);
  }
}
