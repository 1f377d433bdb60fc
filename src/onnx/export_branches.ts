import type { Graph, Node } from '../graph/ir.ts';
import { uniqueNames } from '../graph/names.ts';
import { branchesOf, isIf, isWithin, type Region, type Regions, regionsOf } from '../graph/regions.ts';
import { graphAttribute, nodeMessage } from './messages.ts';
import type { NodeMessage } from './schema.ts';

/** The messages of `nodes`, in topological order, those of branches in the attributes of their Ifs. */
export function branchedNodes(nodes: readonly Node[], graph: Graph): NodeMessage[] {
  return nodes.some(isIf) ? new BranchWriter(nodes, graph).write() : nodes.map(nodeMessage);
}

class BranchWriter {
  private readonly regions: Regions;
  private readonly byRegion = new Map<Region, Node[]>();
  private readonly producers: ReadonlyMap<string, Node>;
  private readonly valueName: (base: string) => string;

  constructor(nodes: readonly Node[], graph: Graph) {
    // A branch stands in one If only, so Ifs do not share theirs.
    this.regions = regionsOf(nodes, graph.outputs, true);
    this.producers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node])));
    this.valueName = uniqueNames(new Set([...graph.values.keys(), ...this.producers.keys()]));
    for (const node of nodes) {
      const region = this.regions.of(node);
      const list = this.byRegion.get(region);
      if (list) list.push(node);
      else this.byRegion.set(region, [node]);
    }
  }

  write(region: Region = this.regions.root): NodeMessage[] {
    return (this.byRegion.get(region) ?? []).map((node) => (isIf(node) ? this.branched(node) : nodeMessage(node)));
  }

  private branched(node: Node): NodeMessage {
    const { condition, whenTrue, whenFalse } = branchesOf(node);
    const branch = (name: string, values: readonly string[], taken: boolean) => {
      const inner = this.regions.branch(node, taken);
      const seen = new Set<string>();
      const copies: NodeMessage[] = [];
      // What a branch gives is made in it, and given once.
      const outputs = values.map((value) => {
        const maker = this.producers.get(value);
        if (maker && isWithin(this.regions.of(maker), inner) && !seen.has(value)) {
          seen.add(value);
          return value;
        }
        const copy = this.valueName(`${value}_copy`);
        copies.push({ opType: 'Identity', input: [value], output: [copy], name: copy });
        return copy;
      });
      return graphAttribute(name, [...this.write(inner), ...copies], outputs);
    };
    return {
      ...nodeMessage({ ...node, inputs: [condition] }),
      attribute: [branch('then_branch', whenTrue, true), branch('else_branch', whenFalse, false)],
    };
  }
}
