import { ZeroskipError } from '../errors.ts';
import type { Attr, Node, Value } from '../graph/ir.ts';
import { uniqueNames } from '../graph/names.ts';
import type { OnnxNode, Op } from '../ops/op.ts';
import { Tensor } from '../tensor.ts';
import { attributesOf } from './attributes.ts';
import type { GraphProto, NodeProto } from './schema.ts';
import { quote, type Source } from './source.ts';
import { isStandard } from './standard_domain.ts';
import type { Unsupported } from './unsupported.ts';
import { constantValue, define } from './values.ts';

const withoutTrailingAbsent = (names: readonly string[]): string[] =>
  names.slice(0, names.findLastIndex((name) => name !== '') + 1);

/** Tensor of a Constant node; undefined for strings. */
function constantOf(attrs: Record<string, Attr>): Tensor | undefined {
  const { value, sparse_value, value_float, value_floats, value_int, value_ints } = attrs;
  const tensor = value ?? sparse_value;
  if (tensor instanceof Tensor) return tensor;
  if (typeof value_float === 'number') return new Tensor('float32', [value_float], []);
  if (typeof value_int === 'number') return new Tensor('int64', [value_int], []);
  if (Array.isArray(value_floats)) return new Tensor('float32', value_floats as number[]);
  if (Array.isArray(value_ints)) return new Tensor('int64', value_ints as number[]);
  return undefined;
}

/** Reads the nodes of a graph: Constant nodes become constants in `values`, the others come back normalised, in the order of the file. */
export class NodeReader {
  readonly unsupported: Unsupported[] = [];
  private readonly source: Source;
  private readonly ops: ReadonlyMap<string, Op>;
  private readonly opset: number;
  private readonly values: Map<string, Value>;
  private readonly valueName: (base: string) => string;

  constructor(
    source: Source,
    ops: ReadonlyMap<string, Op>,
    opset: number,
    graph: GraphProto,
    values: Map<string, Value>,
  ) {
    this.source = source;
    this.ops = ops;
    this.opset = opset;
    this.values = values;
    const names = new Set([...values.keys(), ...graph.input.map(({ name }) => name ?? '')]);
    for (const node of graph.node) {
      for (const name of node.input) names.add(name);
      for (const name of node.output) names.add(name);
    }
    this.valueName = uniqueNames(names);
  }

  read(protos: readonly NodeProto[]): Node[] {
    const given = new Set(protos.map(({ name }) => name ?? ''));
    const fresh = uniqueNames(given);
    const seen = new Set<string>();
    const nodes: Node[] = [];
    protos.forEach((proto, index) => {
      const repeated = !proto.name || seen.has(proto.name);
      const name = repeated ? fresh(proto.name || `${proto.opType}_${index}`) : (proto.name as string);
      seen.add(name);
      const node = this.build(proto, name);
      if (node) nodes.push(node);
    });
    return nodes.filter((node) => this.normalized(node));
  }

  /** A node, unless it is a Constant or not supported. */
  private build(proto: NodeProto, name: string): Node | undefined {
    const source: Source = this.source;
    const op = proto.opType ?? '';
    source.expect(op !== '', () => `node ${quote(name)} has no op_type`);
    const standard = isStandard(proto.domain);
    const isConstant = standard && op === 'Constant';
    if (!isConstant && !(standard && this.ops.has(op))) {
      this.unsupported.push({ op: standard ? op : `${proto.domain}.${op}`, name });
      return undefined;
    }
    const attrs = attributesOf(source, proto, `${op} ${quote(name)}`);
    if (typeof attrs === 'string') {
      this.unsupported.push({ op, name, reason: `attribute ${attrs}` });
      return undefined;
    }
    const outputs = withoutTrailingAbsent(proto.output);
    source.expect(outputs.length > 0, () => `${op} ${quote(name)} has no output`);
    if (!isConstant) return { name, op, inputs: withoutTrailingAbsent(proto.input), outputs, attrs };
    this.constant(name, outputs[0], attrs);
    return undefined;
  }

  private constant(name: string, output: string, attrs: Record<string, Attr>): void {
    const keys = Object.keys(attrs);
    const what = `Constant ${quote(name)}`;
    const source: Source = this.source;
    source.expect(keys.length === 1, () => `${what} has one attribute, found ${keys.length}`);
    const tensor = constantOf(attrs);
    if (tensor) define(this.source, this.values, constantValue(output, tensor), what);
    else this.unsupported.push({ op: 'Constant', name, reason: `attribute ${keys[0]}` });
  }

  /** Brings a node into the form that `infer` reads; false if it has none. */
  private normalized(node: Node): boolean {
    const { op, name } = node;
    const { onnx } = this.ops.get(op) ?? {};
    if (!onnx?.normalize) return true;
    const call: OnnxNode = {
      node,
      opset: this.opset,
      constant: (index) => this.values.get(node.inputs[index] ?? '')?.constant,
      add: (tensor) => {
        const value = this.valueName(`${name}_constant`);
        this.values.set(value, constantValue(value, tensor));
        return value;
      },
    };
    try {
      this.source.head(() => onnx.normalize?.(call));
      return true;
    } catch (cause) {
      if (!(cause instanceof ZeroskipError))
        return this.source.fail(`${op} ${quote(name)}: its inputs or attributes do not fit the op`, cause);
      if (cause.code !== 'UNSUPPORTED_OP') throw cause;
      const heading = `${this.source.label}: ${op} '${name}': `;
      this.unsupported.push({ op, name, reason: cause.message.replace(heading, '') });
      return false;
    }
  }
}
