import type { SampleData } from '../../calibrate/samples.ts';
import { cloneGraph, Editor } from '../../graph/edit.ts';
import type { Graph, Node } from '../../graph/ir.ts';
import { Tensor } from '../../tensor.ts';
import { soleReader } from '../behind.ts';
import { nodeOf } from '../columns.ts';
import type { RunOptions } from '../runs.ts';
import type { Layer } from '../types.ts';
import { momentsOf, type Watched } from './moments.ts';
import type { Repaired } from './repaired.ts';

/**
 * Bias correction: adds to the bias of each layer what pruning took from its mean output, `b += E[y dense] - E[y pruned]` by output, layer after
 * layer, so that a layer also makes up for what those before it still miss. With the same inputs that is `(W - W') E[x]`.
 *
 * A Conv or Gemm without a bias gets one; behind a MatMul the constant of an Add is changed, or an Add put in.
 *
 * Nagel et al. 2019, "Data-Free Quantization Through Weight Equalization and Bias Correction".
 *
 * @param dense the graph before pruning: same nodes, same names
 * @throws ZeroskipError as `runSamples`
 */
export async function correctBias(
  pruned: Graph,
  dense: Graph,
  layers: readonly Layer[],
  data: SampleData,
  options: RunOptions = {},
): Promise<Repaired<Graph>> {
  const { progress = () => {}, ...rest } = options;
  const share = 1 / (layers.length + 1);
  const wanted = await momentsOf(dense, layers.map(outputOf), data, { ...rest, progress: (p) => progress(p * share) });
  let graph = pruned;
  const result: Omit<Repaired<Graph>, 'graph'> = { changed: [], left: [] };
  for (const [i, layer] of layers.entries()) {
    const found = await momentsOf(graph, [outputOf(layer)], data, {
      ...rest,
      progress: (p) => progress((i + 1 + p) * share),
    });
    const { mean } = found.get(layer.output)!;
    if (mean.length !== layer.rows) {
      result.left.push({ name: layer.name, reason: `it has ${mean.length} outputs, ${layer.rows} in the dense graph` });
      continue;
    }
    const shift = wanted.get(layer.output)!.mean.map((m, r) => m - mean[r]);
    const next = cloneGraph(graph);
    const reason = addToBias(next, layer, shift);
    if (reason) result.left.push({ name: layer.name, reason });
    else {
      result.changed.push(layer.name);
      graph = next;
    }
  }
  return { graph: graph === pruned ? cloneGraph(pruned) : graph, ...result };
}

const outputOf = ({ op, output }: Layer): Watched => ({ name: output, axis: op === 'Conv' ? 1 : -1 });

/** @returns why the bias of this layer cannot be changed */
function addToBias(graph: Graph, layer: Layer, shift: Float64Array): string | undefined {
  const node = nodeOf(layer, graph);
  const edit = new Editor(graph);
  const base = `${layer.name}/bias`;
  if (layer.op === 'MatMul') addBehind(edit, node, layer, shift, base);
  else {
    const beta = node.op === 'Gemm' ? ((node.attrs.beta as number | undefined) ?? 1) : 1;
    const name = node.inputs[2] ?? '';
    const old = edit.constant(name);
    if (name !== '' && !old) return 'its bias is no constant';
    if (beta === 0 && old) return 'its bias counts 0 times';
    const { rows } = layer;
    if (old && old.size !== rows && old.size !== 1) return 'its bias differs from sample to sample';
    const biases = Float32Array.from(
      shift,
      (s, r) => (old ? (old.data as Float32Array)[old.size === 1 ? 0 : r] : 0) + s / beta,
    );
    const dims = old && old.size === rows ? old.dims : [rows];
    edit.setOperand(node, 2, new Tensor('float32', biases, dims), base);
  }
  edit.commit();
  return undefined;
}

/** Adds to the constant of the Add behind a MatMul, or puts such an Add behind it. */
function addBehind(edit: Editor, node: Node, { rows, output }: Layer, shift: Float64Array, base: string): void {
  const reader = soleReader(output, edit.graph);
  const position = reader?.inputs[0] === output ? 1 : 0;
  const old = reader?.op === 'Add' ? edit.constant(reader.inputs[position]) : undefined;
  if (reader && old && old.size === rows && old.dims.at(-1) === rows) {
    const sums = (old.data as Float32Array).map((b, r) => b + shift[r]);
    edit.setOperand(reader, position, new Tensor('float32', sums, old.dims), base);
    return;
  }
  const { type, dims } = edit.graph.values.get(output)!;
  const product = edit.addValue(`${output}/product`, type, dims);
  const bias = edit.addConstant(base, new Tensor('float32', Float32Array.from(shift), [rows]));
  edit.setNode(node, { outputs: [product] });
  const add = { name: base, op: 'Add', inputs: [product, bias], outputs: [output], attrs: {} };
  edit.insertBehind(node, add);
}
