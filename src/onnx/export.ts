import { ensure } from '../errors.ts';
import type { Graph } from '../graph/ir.ts';
import type { Tensor } from '../tensor.ts';
import { branchedNodes } from './export_branches.ts';
import { tensorMessage, valueInfoMessage } from './messages.ts';
import { irVersionFor, opsetFor } from './opset.ts';
import { MODEL } from './schema.ts';
import { standardNodes } from './standard.ts';
import { encode } from './wire.ts';

/** Protobuf messages end here. */
const MOST_BYTES = 2 ** 31 - 1;

/**
 * Writes a graph as an ONNX model of the lowest opset from 13 that has the forms of its nodes. Constants become initializers with
 * `raw_data`, a fused clamp becomes a Relu or Clip node behind its node, a Softmax over several dims (as before opset 13) four nodes.
 * What only one branch of an If needs stands in that branch. Apart from these, reading the result gives the same graph.
 * An output without dims is written without a shape.
 *
 * @throws ZeroskipError `INVALID_ARGUMENT` if the constants do not fit into the 2 GiB of a protobuf file.
 */
export function exportOnnx(graph: Graph): Uint8Array {
  const values = [...graph.values.values()];
  const constants = values.filter(({ constant }) => constant);
  const total = constants.reduce((sum, { constant }) => sum + (constant?.data.byteLength ?? 0), 0);
  ensure(total < MOST_BYTES, 'INVALID_ARGUMENT', () => `exportOnnx: ${total} bytes of weights, a file holds 2 GiB`);
  const { nodes, initializers } = standardNodes(graph);
  const opset = opsetFor(nodes);
  const infos = (names: readonly string[]) =>
    names.map((name) => valueInfoMessage(graph.values.get(name) ?? { name, type: 'float32' }));
  const { producer_name, producer_version, doc_string, ...others } = graph.metadata;
  return encode(MODEL, {
    irVersion: irVersionFor(opset),
    producerName: producer_name,
    producerVersion: producer_version,
    docString: doc_string,
    graph: {
      node: branchedNodes(nodes, graph),
      name: graph.name || 'graph',
      initializer: [...constants.map(({ name, constant }) => tensorMessage(constant as Tensor, name)), ...initializers],
      input: infos(graph.inputs),
      output: infos(graph.outputs),
    },
    opsetImport: [{ domain: '', version: opset }],
    metadataProps: Object.entries(others).map(([key, value]) => ({ key, value })),
  });
}
