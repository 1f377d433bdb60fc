import { ensure, ZeroskipError } from '../../errors.ts';
import type { Graph } from '../../graph/ir.ts';
import type { NetworkCost } from '../../prune/costs.ts';
import { layersOf, type Shapes, shadowOf, weightsOf } from '../../prune/layers.ts';
import type { Layer } from '../../prune/types.ts';
import type { LayerFacts, NetworkFacts, ReportLayer } from './data.ts';
import { limitOf, patternFound, pictureOf, weightHistogram, zeroLines } from './weights.ts';

/** A network whose constants are computed: masks that stand beside weights, as in exports of PyTorch, count. */
export interface Network {
  name: string;
  graph: Graph;
  layers: readonly Layer[];
  cost: NetworkCost;
}

/** The network with its layers; costs are added by the caller. */
export function networkOf(name: string, source: Graph, shapes: Shapes): Omit<Network, 'cost'> {
  const graph = shadowOf(source, shapes);
  return { name, graph, layers: layersOf(graph, graph) };
}

type Counterpart = Pick<Network, 'name' | 'graph' | 'layers'>;

/**
 * The layers of a pruned network in the order of the dense one.
 * @throws ZeroskipError `INVALID_ARGUMENT` naming the first input, output or layer that does not fit
 */
export function matched(dense: Counterpart, pruned: Counterpart): Map<string, Layer> {
  const fail = (what: string): never => {
    throw new ZeroskipError(
      'INVALID_ARGUMENT',
      `report: ${pruned.name} is another network than ${dense.name}: ${what}`,
    );
  };
  for (const kind of ['inputs', 'outputs'] as const) {
    const [own, wanted] = [pruned.graph[kind], dense.graph[kind]];
    if (own.join('\n') !== wanted.join('\n')) fail(`its ${kind} are ${listed(own)}, expected ${listed(wanted)}`);
  }
  const byName = new Map(pruned.layers.map((layer) => [layer.name, layer]));
  for (const layer of dense.layers) {
    const own = byName.get(layer.name);
    if (!own) return fail(`it has no layer '${layer.name}'`);
    const fits = own.op === layer.op && own.kernel.join() === layer.kernel.join();
    const smaller = own.rows <= layer.rows && own.cols <= layer.cols;
    if (!fits || !smaller) fail(`layer '${layer.name}' is ${shown(own)}, expected at most ${shown(layer)}`);
  }
  const other = pruned.layers.find(({ name }) => !dense.layers.some((layer) => layer.name === name));
  if (other) fail(`its layer '${other.name}' is not in ${dense.name}`);
  return byName;
}

const listed = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');
const shown = ({ op, rows, cols, taps, kernel }: Layer): string =>
  `${op} of ${rows} outputs and ${cols / taps} inputs${kernel.length > 0 ? `, kernel ${kernel.join('x')}` : ''}`;

/** Facts of every layer, dense and pruned. */
export function layerFacts(dense: Network, pruned?: Network): ReportLayer[] {
  const byName = pruned && matched(dense, pruned);
  return dense.layers.map((layer) => {
    const weights = weightsOf(layer, dense.graph);
    const own = byName?.get(layer.name);
    const other = own && weightsOf(own, pruned!.graph);
    const limit = limitOf(weights);
    return {
      name: layer.name,
      op: layer.op,
      dense: factsOf(layer, weights, dense, limit),
      ...(own && { pruned: factsOf(own, other!, pruned!, limit) }),
    };
  });
}

function factsOf(layer: Layer, weights: Float32Array, { graph, cost }: Network, limit: number): LayerFacts {
  const { rows, cols, macs } = layer;
  const histogram = weightHistogram(weights, limit);
  const nonZeros = weights.length - histogram.zeros;
  const own = cost.layers.get(layer.name);
  return {
    dims: [...graph.values.get(layer.weight)!.constant!.dims],
    rows,
    cols,
    nonZeros,
    sparsity: histogram.zeros / weights.length,
    ...zeroLines(weights, layer),
    pattern: patternFound(weights, layer),
    macs: (macs * nonZeros) / weights.length,
    ...(own && { cost: { format: own.format, bytes: own.bytes, ns: own.ns } }),
    histogram,
    picture: pictureOf(weights, rows, cols),
  };
}

/** Sums over the layers, and the costs of the whole. */
export function totalsOf(layers: readonly LayerFacts[], { ns, bytes }: NetworkCost): NetworkFacts {
  const sum = (of: (layer: LayerFacts) => number): number => layers.reduce((total, layer) => total + of(layer), 0);
  return {
    ns,
    bytes,
    macs: sum(({ macs }) => macs),
    weights: sum(({ rows, cols }) => rows * cols),
    nonZeros: sum(({ nonZeros }) => nonZeros),
  };
}

/** @throws ZeroskipError `INVALID_ARGUMENT` where there is nothing to report on */
export function expectLayers({ name, layers }: Counterpart): void {
  ensure(
    layers.length > 0,
    'INVALID_ARGUMENT',
    () => `report: ${name} has no Conv, Gemm or MatMul with constant weights`,
  );
}
