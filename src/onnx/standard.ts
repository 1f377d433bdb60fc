import type { Attr, Clamp, Graph, Node } from '../graph/ir.ts';
import { uniqueNames } from '../graph/names.ts';
import { Tensor } from '../tensor.ts';
import { tensorMessage } from './messages.ts';
import type { TensorMessage } from './schema.ts';

/** Nodes that ONNX has, and the constants that were added for them. */
interface Standard {
  nodes: Node[];
  initializers: TensorMessage[];
}

/** Writes what only this project's graphs have as standard nodes. */
class Writer {
  readonly initializers: TensorMessage[] = [];
  private readonly valueName: (base: string) => string;
  private readonly nodeName: (base: string) => string;

  constructor(graph: Graph) {
    this.valueName = uniqueNames(new Set(graph.values.keys()));
    this.nodeName = uniqueNames(new Set(graph.nodes.map(({ name }) => name)));
  }

  expand(node: Node): Node[] {
    if (!node.clamp) return this.unflatten(node);
    const [output, ...others] = node.outputs;
    const inner = this.valueName(`${output}_unclamped`);
    return [
      ...this.unflatten({ ...node, outputs: [inner, ...others] }),
      this.clamp(node.name, node.clamp, inner, output),
    ];
  }

  private clamp(base: string, { lo, hi }: Clamp, input: string, output: string): Node {
    const op = lo === 0 && hi === Number.POSITIVE_INFINITY ? 'Relu' : 'Clip';
    const name = this.nodeName(`${base}_${op.toLowerCase()}`);
    const inputs = op === 'Relu' ? [input] : [input, this.bound(`${name}_min`, lo), this.bound(`${name}_max`, hi)];
    return { name, op, inputs, outputs: [output], attrs: {} };
  }

  private bound(base: string, limit: number): string {
    if (!Number.isFinite(limit)) return '';
    const name = this.valueName(base);
    this.initializers.push(tensorMessage(new Tensor('float32', [limit], []), name));
    return name;
  }

  /** Softmax over all dims from `axis` on, as before opset 13, is a Softmax of the rows of a matrix. */
  private unflatten(node: Node): Node[] {
    if (node.op !== 'Softmax' || !node.attrs.flatten) return [node];
    const [x] = node.inputs;
    const { axis } = node.attrs;
    if (axis === -1) return [{ ...node, attrs: { axis } }];
    const [shape, matrix, rows] = ['shape', 'matrix', 'rows'].map((part) => this.valueName(`${node.name}_${part}`));
    const make = (op: string, inputs: string[], output: string, attrs: Record<string, Attr> = {}): Node => {
      const name = op === 'Softmax' ? node.name : this.nodeName(`${node.name}_${op.toLowerCase()}`);
      return { name, op, inputs, outputs: [output], attrs };
    };
    return [
      make('Shape', [x], shape),
      make('Flatten', [x], matrix, { axis }),
      make('Softmax', [matrix], rows, { axis: 1 }),
      make('Reshape', [rows, shape], node.outputs[0]),
    ];
  }
}

/** The nodes of a graph in the forms of opset 13 and newer: a fused clamp as Relu or Clip, a flattening Softmax as four nodes. */
export function standardNodes(graph: Graph): Standard {
  const writer = new Writer(graph);
  return { nodes: graph.nodes.flatMap((node) => writer.expand(node)), initializers: writer.initializers };
}
