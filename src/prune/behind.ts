import type { Graph, Node } from '../graph/ir.ts';
import type { Layer } from './types.ts';

const ACTIVATIONS: ReadonlySet<string> = new Set([
  ...['Relu', 'LeakyRelu', 'PRelu', 'Clip', 'Sigmoid', 'Tanh', 'HardSigmoid', 'HardSwish', 'Elu', 'Gelu'],
]);
const KEEPS: ReadonlySet<string> = new Set(['BatchNormalization', 'Add', 'Sub', 'Mul', 'Div', 'Identity', 'Dropout']);

/** The one node that reads a value; undefined if it is read elsewhere too or is an output of the graph. */
export function soleReader(value: string, graph: Graph): Node | undefined {
  if (graph.outputs.includes(value)) return undefined;
  const readers = graph.nodes.filter(({ inputs }) => inputs.includes(value));
  return readers.length === 1 && readers[0].inputs.filter((name) => name === value).length === 1
    ? readers[0]
    : undefined;
}

/**
 * The output of the activation behind a layer: over batch normalisation, elementwise arithmetic with constants and residual additions. Where
 * there is no activation, the last value of that chain.
 */
export function activationBehind(layer: Layer, graph: Graph): string {
  let value = layer.output;
  for (;;) {
    const reader = soleReader(value, graph);
    if (!reader || reader.outputs.slice(1).some((name) => name !== '')) return value;
    if (ACTIVATIONS.has(reader.op) && reader.inputs[0] === value) return reader.outputs[0];
    if (!keeps(reader, value, graph)) return value;
    value = reader.outputs[0];
  }
}

function keeps({ op, inputs }: Node, value: string, graph: Graph): boolean {
  if (!KEEPS.has(op)) return false;
  const rank = (name: string): number => graph.values.get(name)?.constant?.dims.length ?? 0;
  const widens = inputs.some((name) => rank(name) > 4);
  return !widens && (op === 'Add' || inputs.every((name) => name === value || graph.values.get(name)?.constant));
}
