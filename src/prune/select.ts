import { ensure, ZeroskipError } from '../errors.ts';
import type { Graph } from '../graph/ir.ts';
import { didYouMean } from '../words.ts';
import type { Layer } from './types.ts';

/** Which layers a stage prunes. */
export interface Selection {
  /** Names, globs (`*`, `?`) or ops (`op:Conv`); unset: all. */
  layers?: readonly string[];
  /** What is left out, in the same notation. */
  skip?: readonly string[];
  /** Layers that sparse kernels do not serve, too: depthwise convolutions and the convolution of the input. */
  all?: boolean;
}

/**
 * The layers that are named.
 * @throws ZeroskipError `INVALID_ARGUMENT` for a name or glob that fits no layer, and if none is left
 */
export function selectLayers(
  graph: Graph,
  layers: readonly Layer[],
  { layers: wanted, skip, all }: Selection,
): Layer[] {
  ensure(layers.length > 0, 'INVALID_ARGUMENT', 'prune: the network has no Conv, Gemm or MatMul with constant weights');
  const chosen = wanted ? layersNamed(layers, wanted, 'layers') : new Set(layers);
  const left = skip ? layersNamed(layers, skip, 'skip') : new Set<Layer>();
  const served = (layer: Layer): boolean => all === true || !(isDepthwise(layer) || readsImage(graph, layer));
  const found = layers.filter((layer) => chosen.has(layer) && !left.has(layer) && served(layer));
  ensure(
    found.length > 0,
    'INVALID_ARGUMENT',
    () =>
      `prune: nothing to prune: of ${layers.length} layers ${chosen.size} are named and ${left.size} skipped, the rest are depthwise or read the input image`,
  );
  return found;
}

/**
 * The layers that fit one of several names, globs or `op:Conv`.
 * @param what heads the error
 * @throws ZeroskipError `INVALID_ARGUMENT` for one that fits no layer
 */
export function layersNamed(layers: readonly Layer[], patterns: readonly string[], what: string): Set<Layer> {
  const found = new Set<Layer>();
  for (const pattern of patterns) {
    const matched = layers.filter(matcher(pattern));
    for (const layer of matched) found.add(layer);
    if (matched.length > 0) continue;
    const names = layers.map(({ name }) => name);
    const near = didYouMean(pattern, names);
    const list = names.length > 8 ? `${names.slice(0, 8).join(', ')}, …` : names.join(', ');
    throw new ZeroskipError(
      'INVALID_ARGUMENT',
      `${what}: no layer fits '${pattern}'${near || `; the layers are ${list}`}`,
    );
  }
  return found;
}

function matcher(pattern: string): (layer: Layer) => boolean {
  if (pattern.startsWith('op:')) return ({ op }) => op.toLowerCase() === pattern.slice(3).toLowerCase();
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  const glob = new RegExp(`^${source}$`);
  return ({ name }) => name === pattern || glob.test(name);
}

const isDepthwise = ({ groups, cols, taps }: Layer): boolean => groups > 1 && cols === taps;

/** Channels of an image. */
const IMAGE_CHANNELS = 4;

const readsImage = (graph: Graph, { op, input, cols, taps }: Layer): boolean =>
  op === 'Conv' && graph.inputs.includes(input) && cols / taps <= IMAGE_CHANNELS;
