import { ensure } from '../errors.ts';
import { emptyGraph, type Graph } from '../graph/ir.ts';
import { orderNodes } from '../graph/regions.ts';
import { inlineBranches } from './branches.ts';
import { linkNodes } from './link.ts';
import { NodeReader } from './nodes.ts';
import { type GraphProto, MODEL, type ModelProto } from './schema.ts';
import { sniff } from './sniff.ts';
import { type ImportOptions, quote, Source } from './source.ts';
import { describeUnsupported } from './unsupported.ts';
import { DimNames, declared, define, defineInitializers } from './values.ts';
import { decode } from './wire.ts';

const OLDEST_OPSET = 7;
const NEWEST_OPSET = 21;

interface Header extends ModelProto {
  graph: GraphProto;
  opset: number;
}

function parse(source: Source, bytes: Uint8Array): ModelProto {
  let model: ModelProto | undefined;
  let cause: unknown;
  try {
    model = decode(MODEL, bytes);
  } catch (error) {
    cause = error;
  }
  if (model?.graph && model.irVersion !== undefined) return model;
  const found = sniff(bytes);
  if (found) source.fail(`not an ONNX model but ${found}`, cause);
  if (cause === undefined) source.fail('not an ONNX model: it has no graph or no ir_version');
  return source.fail('not an ONNX model, or a truncated or damaged one', cause);
}

function readHeader(source: Source, bytes: Uint8Array): Header {
  source.expect(bytes.length > 0, () => 'the file is empty');
  const model = parse(source, bytes);
  const opset = model.opsetImport.find(({ domain }) => !domain || domain === 'ai.onnx')?.version;
  if (opset === undefined) return source.fail('it does not say which opset of ai.onnx it uses');
  if (opset < OLDEST_OPSET || opset > NEWEST_OPSET)
    source.unsupported(`opset ${opset} is not supported, opsets ${OLDEST_OPSET} to ${NEWEST_OPSET} are`);
  return { ...model, graph: model.graph as GraphProto, opset };
}

/** Facts of the header under their names in onnx.proto, then the model's own entries, which win. */
function metadataOf(model: Header): Record<string, string> {
  const metadata = Object.create(null) as Record<string, string>;
  const set = (key: string, value: string | number | undefined) => {
    if (value !== undefined && value !== '') metadata[key] = String(value);
  };
  set('producer_name', model.producerName);
  set('producer_version', model.producerVersion);
  set('ir_version', model.irVersion);
  set('opset', model.opset);
  set('doc_string', model.docString || model.graph.docString);
  for (const { key, value } of model.metadataProps) if (key) metadata[key] = value ?? '';
  return metadata;
}

function defineInputs(source: Source, proto: GraphProto, names: DimNames, graph: Graph): void {
  const listed = new Set<string>();
  for (const info of proto.input) {
    const name = info.name ?? '';
    source.expect(!listed.has(name), () => `the input ${quote(name)} is listed twice`);
    listed.add(name);
    if (graph.values.has(name)) continue;
    const what = `input ${quote(name)}`;
    define(source, graph.values, declared(source, info, names, what), what);
    graph.inputs.push(name);
  }
}

function defineOutputs(source: Source, proto: GraphProto, names: DimNames, graph: Graph): void {
  source.expect(proto.output.length > 0, () => 'the graph has no output');
  const made = new Set(graph.nodes.flatMap((node) => node.outputs));
  const listed = new Set<string>();
  for (const info of proto.output) {
    const name = info.name ?? '';
    source.expect(!listed.has(name), () => `the output ${quote(name)} is listed twice`);
    listed.add(name);
    source.expect(graph.values.has(name), () => `the output ${quote(name)} is made by nothing`);
    if (made.has(name)) graph.values.set(name, declared(source, info, names, `output ${quote(name)}`));
    graph.outputs.push(name);
  }
}

/**
 * Reads an ONNX model of opset 7 to 21 as a graph whose nodes have the newest form of their ops, in topological order.
 *
 * Initializers, sparse initializers and Constant nodes become constants: views of `bytes` wherever they are aligned, float32 where
 * the model has float16, bfloat16 or float64. Dims that the model does not name get the name `<value>_dim<i>`. What nodes make has
 * no dims, except graph outputs, which keep what the model declares. The nodes of branches stand in the same graph, right before the If
 * that needs them (`graph/regions.ts`).
 *
 * @throws ZeroskipError `INVALID_MODEL` on anything malformed, `UNSUPPORTED_OP` naming all nodes that are not supported,
 * `FILE_ERROR` on weights in files that cannot be read.
 */
export function importOnnx(bytes: Uint8Array, options: ImportOptions): Graph {
  ensure(
    ArrayBuffer.isView(bytes) && bytes.BYTES_PER_ELEMENT === 1,
    'INVALID_ARGUMENT',
    'an ONNX model is a Uint8Array',
  );
  const source = new Source(bytes.length, options);
  const model = readHeader(source, bytes);
  const proto = inlineBranches(source, model.graph);
  const graph = emptyGraph(proto.name || 'graph');
  const names = new DimNames([...proto.input, ...proto.output]);
  defineInitializers(source, proto, graph.values);
  defineInputs(source, proto, names, graph);
  const reader = new NodeReader(source, options.ops, model.opset, proto, graph.values);
  graph.nodes = reader.read(proto.node);
  if (reader.unsupported.length > 0) source.unsupported(describeUnsupported(reader.unsupported));
  linkNodes(source, graph);
  defineOutputs(source, proto, names, graph);
  orderNodes(graph);
  Object.assign(graph.metadata, metadataOf(model));
  return graph;
}
