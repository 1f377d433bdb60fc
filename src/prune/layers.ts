import { ensure } from '../errors.ts';
import { cloneGraph } from '../graph/edit.ts';
import type { Graph, Node } from '../graph/ir.ts';
import { OPS } from '../ops/index.ts';
import { bind } from '../passes/bind.ts';
import { fold } from '../passes/fold.ts';
import { runPasses } from '../passes/index.ts';
import { sizeOf, Tensor } from '../tensor.ts';
import type { Layer, Mask } from './types.ts';

/** Shapes that bind symbolic dimensions, as the option of `compile`. */
export type Shapes = Record<string, number[]>;

/**
 * The graph with all dims bound and all constants computed. Values keep their names, so that it says what the dims and constants of the
 * graph itself are, which stays as it is, symbolic dims included.
 *
 * @throws ZeroskipError what `compile` throws for such a graph
 */
export function shadowOf(graph: Graph, shapes: Shapes = {}): Graph {
  const shadow = cloneGraph(graph);
  runPasses(shadow, { ops: OPS, shapes, passes: [bind, fold] });
  return shadow;
}

/** The layers of a graph that can be pruned, in its order: Conv, Gemm and MatMul with constant float32 weights that no other node uses. */
export function layersOf(graph: Graph, shadow: Graph): Layer[] {
  const uses = new Map<string, number>();
  for (const { inputs } of graph.nodes) for (const name of inputs) uses.set(name, (uses.get(name) ?? 0) + 1);
  return graph.nodes.flatMap((node) => layerOf(node, graph, shadow, uses) ?? []);
}

function layerOf(node: Node, graph: Graph, shadow: Graph, uses: ReadonlyMap<string, number>): Layer | undefined {
  const [input, weight] = node.inputs;
  const constant = graph.values.get(weight)?.constant;
  const inputDims = shadow.values.get(input)?.dims as readonly number[] | undefined;
  const outputDims = shadow.values.get(node.outputs[0])?.dims as readonly number[] | undefined;
  if (constant?.type !== 'float32' || constant.size === 0 || uses.get(weight) !== 1) return undefined;
  if (!inputDims || !outputDims) return undefined;
  const shape = matrixShape(node, constant, inputDims);
  if (!shape) return undefined;
  const macs = sizeOf(outputDims) * shape.cols;
  return { name: node.name, weight, input, output: node.outputs[0], inputDims, outputDims, macs, ...shape };
}

type Shape = Pick<Layer, 'op' | 'rows' | 'cols' | 'groups' | 'kernel' | 'taps' | 'outStride' | 'inStride'>;

function matrixShape({ op, attrs }: Node, { dims, size }: Tensor, inputDims: readonly number[]): Shape | undefined {
  if (op === 'Conv' && dims.length >= 3) {
    const [rows, ins, ...kernel] = dims;
    const taps = size / (rows * ins);
    const cols = ins * taps;
    return { op, rows, cols, groups: (attrs.group as number) ?? 1, kernel, taps, outStride: cols, inStride: taps };
  }
  if (dims.length !== 2) return undefined;
  const plain = { groups: 1, kernel: [], taps: 1 };
  if (op === 'Gemm' && attrs.transB)
    return { op, rows: dims[0], cols: dims[1], ...plain, outStride: dims[1], inStride: 1 };
  if (op === 'Gemm' || (op === 'MatMul' && inputDims.length >= 2))
    return { op, rows: dims[1], cols: dims[0], ...plain, outStride: 1, inStride: dims[1] };
  return undefined;
}

/** Whether W stands row-major in the initializer, as it does but in a MatMul or a Gemm without `transB`. */
const isRowMajor = ({ outStride, inStride, cols, taps }: Layer): boolean => outStride === cols && inStride === taps;

/** Calls `visit` with the place of each weight in W, row-major, and in the initializer. */
function walk(layer: Layer, visit: (matrix: number, tensor: number) => void): void {
  const { rows, cols, taps, outStride, inStride } = layer;
  for (let r = 0, at = 0; r < rows; r++)
    for (let i = 0; i < cols / taps; i++) for (let t = 0; t < taps; t++) visit(at++, r * outStride + i * inStride + t);
}

/** W of a layer, `[rows, cols]` row-major; a copy. */
export function weightsOf(layer: Layer, graph: Graph): Float32Array {
  const data = graph.values.get(layer.weight)!.constant!.data as Float32Array;
  if (isRowMajor(layer)) return data.slice();
  const matrix = new Float32Array(data.length);
  walk(layer, (m, t) => {
    matrix[m] = data[t];
  });
  return matrix;
}

/** The initializer of a layer that has the weights W. */
export function tensorOf(layer: Layer, matrix: Float32Array, graph: Graph): Tensor {
  const { dims } = graph.values.get(layer.weight)!.constant!;
  if (isRowMajor(layer)) return new Tensor('float32', matrix.slice(), dims);
  const data = new Float32Array(matrix.length);
  walk(layer, (m, t) => {
    data[t] = matrix[m];
  });
  return new Tensor('float32', data, dims);
}

/** The mask of a layer in the layout of its initializer, and back: `to` says which. */
export function maskAs(layer: Layer, mask: Mask, to: 'tensor' | 'matrix'): Mask {
  ensure(
    mask.length === layer.rows * layer.cols,
    'INVALID_ARGUMENT',
    () => `prune: the mask of '${layer.name}' has ${layer.rows * layer.cols} elements, found ${mask.length}`,
  );
  if (isRowMajor(layer)) return mask.slice();
  const other = new Uint8Array(mask.length);
  walk(layer, (m, t) => {
    if (to === 'tensor') other[t] = mask[m];
    else other[m] = mask[t];
  });
  return other;
}

/** Sets what a mask prunes to exact zero, in place. */
export function applyMask(weights: Float32Array, mask: Mask): void {
  for (let i = 0; i < weights.length; i++) if (mask[i] === 0) weights[i] = 0;
}

/** The graph with other weights in some of its layers; nothing else changes, and the graph itself stays. */
export function withWeights(graph: Graph, layers: readonly Layer[], weights: ReadonlyMap<string, Float32Array>): Graph {
  const copy = cloneGraph(graph);
  for (const layer of layers) {
    const matrix = weights.get(layer.name);
    const value = copy.values.get(layer.weight)!;
    if (matrix) copy.values.set(layer.weight, { ...value, constant: tensorOf(layer, matrix, graph) });
  }
  return copy;
}
