import { uniqueNames } from '../graph/names.ts';
import { ATTRIBUTE_TYPE, GRAPH, type GraphProto, type NodeProto } from './schema.ts';
import { quote, type Source } from './source.ts';
import { isStandard } from './standard_domain.ts';
import { decode } from './wire.ts';

/** Ifs inside of one another. */
const MOST_DEPTH = 32;

/** Flat name of every value that a graph can name: its own, then those of the graphs around it. */
interface Scope {
  names: ReadonlyMap<string, string>;
  outer?: Scope;
}

const BRANCHES = ['then_branch', 'else_branch'] as const;

const initializerNames = (graph: GraphProto): string[] => [
  ...graph.initializer.map(({ name }) => name ?? ''),
  ...graph.sparseInitializer.map(({ values }) => values?.name ?? ''),
];

/**
 * The graph with the nodes and initializers of all branches in it, under names of their own, each If with the inputs
 * `[condition, ...then, ...else]` behind its branches.
 *
 * @throws ZeroskipError `INVALID_MODEL` for an If without one of its branches, with branches that read what no graph around them makes or
 *   give another number of outputs, or more than 32 deep.
 */
export function inlineBranches(source: Source, graph: GraphProto): GraphProto {
  if (!graph.node.some(isIf)) return graph;
  return new Inliner(source, graph).run();
}

const isIf = ({ opType, domain }: NodeProto): boolean => opType === 'If' && isStandard(domain);

class Inliner {
  private readonly source: Source;
  private readonly graph: GraphProto;
  private readonly flat: GraphProto;
  private readonly unique: (base: string) => string;

  constructor(source: Source, graph: GraphProto) {
    this.source = source;
    this.graph = graph;
    this.flat = {
      ...graph,
      node: [],
      initializer: [...graph.initializer],
      sparseInitializer: [...graph.sparseInitializer],
    };
    const names = new Set([...initializerNames(graph), ...graph.input.map(({ name }) => name ?? '')]);
    for (const { input, output } of graph.node) for (const name of [...input, ...output]) names.add(name);
    this.unique = uniqueNames(names);
  }

  run(): GraphProto {
    const { graph, flat } = this;
    const own = [...initializerNames(graph), ...graph.input.map(({ name }) => name ?? '')];
    const names = new Map([...own, ...graph.node.flatMap(({ output }) => output)].map((name) => [name, name]));
    for (const node of graph.node) this.place(node, { names }, node, 0);
    return flat;
  }

  /** Appends a node of a graph with scope `scope`; `named` has its values under their flat names. */
  private place(node: NodeProto, scope: Scope, named: NodeProto, depth: number): void {
    if (isIf(node)) {
      const operands = this.branches(node, scope, depth);
      const used = named.output.map((name, i) => ({ name, i })).filter(({ name }) => name !== '');
      this.flat.node.push({
        ...named,
        input: [named.input[0] ?? '', ...operands.flatMap((names) => used.map(({ i }) => names[i]))],
        output: used.map(({ name }) => name),
        attribute: [],
      });
    } else this.flat.node.push(named);
  }

  /** Flat names of what the branches of an If give. */
  private branches(node: NodeProto, scope: Scope, depth: number): string[][] {
    const source: Source = this.source;
    const what = `If ${quote(node.name ?? '')}`;
    source.expect(depth < MOST_DEPTH, () => `${what}: at most ${MOST_DEPTH} Ifs stand inside of one another`);
    source.expect(node.input.length === 1 && node.input[0] !== '', () => `${what} has one input, its condition`);
    return BRANCHES.map((key) => {
      const found = node.attribute.filter(({ name }) => name === key);
      const [attribute] = found;
      const isGraph = found.length === 1 && attribute.g && (attribute.type ?? 5) === ATTRIBUTE_TYPE.GRAPH;
      source.expect(
        isGraph,
        () => `${what} has one graph ${key}, found ${found.length === 1 ? 'no graph' : found.length}`,
      );
      const outputs = this.inline(this.parse(attribute.g!, `${key} of ${what}`), scope, `${key} of ${what}`, depth + 1);
      source.expect(
        outputs.length === node.output.length,
        () => `${what} has ${node.output.length} outputs, its ${key} gives ${outputs.length}`,
      );
      return outputs;
    });
  }

  private parse(bytes: Uint8Array, what: string): GraphProto {
    try {
      return decode(GRAPH, bytes);
    } catch (cause) {
      return this.source.fail(`${what} is truncated or damaged`, cause);
    }
  }

  /** Adds a branch to the flat graph; returns the flat names of its outputs. */
  private inline(graph: GraphProto, outer: Scope, what: string, depth: number): string[] {
    const source: Source = this.source;
    const { flat } = this;
    const names = new Map<string, string>();
    const scope: Scope = { names, outer };
    const initializers = initializerNames(graph);
    const inputs = graph.input.filter(({ name }) => !initializers.includes(name ?? ''));
    source.expect(inputs.length === 0, () => `${what} has ${inputs.length} inputs, a branch has none`);
    for (const name of [...initializers, ...graph.node.flatMap(({ output }) => output)]) {
      if (name === '') continue;
      source.expect(!names.has(name), () => `${what}: the value ${quote(name)} is defined twice`);
      names.set(name, this.unique(name));
    }
    const resolve = (name: string, reader: string): string => {
      if (name === '') return '';
      for (let at: Scope | undefined = scope; at; at = at.outer) {
        const found = at.names.get(name);
        if (found !== undefined) return found;
      }
      return source.fail(`${what}: ${reader} reads ${quote(name)}, which nothing makes`);
    };
    for (const tensor of graph.initializer) flat.initializer.push({ ...tensor, name: names.get(tensor.name ?? '') });
    for (const sparse of graph.sparseInitializer)
      flat.sparseInitializer.push({
        ...sparse,
        values: sparse.values && { ...sparse.values, name: names.get(sparse.values.name ?? '') },
      });
    for (const node of graph.node) {
      const reader = `${node.opType} ${quote(node.name ?? '')}`;
      const input = node.input.map((name) => resolve(name, reader));
      this.place(node, scope, { ...node, input, output: node.output.map((name) => names.get(name) ?? '') }, depth);
    }
    return graph.output.map(({ name }) => {
      source.expect(name, () => `${what} has an output without a name`);
      return resolve(name ?? '', 'its output');
    });
  }
}
