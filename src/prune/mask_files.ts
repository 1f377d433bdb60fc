import { formatNpz, parseNpz } from '../arrays/npz.ts';
import { formatSafetensors, parseSafetensors } from '../arrays/safetensors.ts';
import { ensure } from '../errors.ts';
import type { Graph } from '../graph/ir.ts';
import { sameDims, showDims, Tensor } from '../tensor.ts';
import { didYouMean } from '../words.ts';
import { maskAs, weightsOf } from './layers.ts';
import type { Layer, Mask, Masks } from './types.ts';

export type MaskFormat = 'npz' | 'safetensors';

/** What PyTorch's `torch.nn.utils.prune` appends to the name of a parameter. */
const SUFFIX = '_mask';

/**
 * Masks as a file: for each a bool array by the name of the layer's initializer, of its dims, 1 for what is kept.
 *
 * @throws ZeroskipError `INVALID_ARGUMENT` for a mask of another length or of no layer
 */
export function formatMasks(masks: Masks, layers: readonly Layer[], graph: Graph, format: MaskFormat): Uint8Array {
  const arrays = new Map<string, Tensor>();
  for (const [name, mask] of masks) {
    const layer = layers.find((l) => l.name === name);
    ensure(layer, 'INVALID_ARGUMENT', () => `masks: there is no layer '${name}'${didYouMean(name, namesOf(layers))}`);
    arrays.set(layer.weight, new Tensor('bool', maskAs(layer, mask, 'tensor'), dimsOf(layer, graph)));
  }
  return format === 'npz' ? formatNpz(arrays, true) : formatSafetensors(arrays);
}

/**
 * Masks by layer name from the bytes of a .npz or .safetensors file, which its first bytes tell apart. Arrays have the names of initializers,
 * with or without `_mask` behind, and their dims; their elements, of any type but float16, are 0 or 1.
 *
 * @param path heads the errors
 * @throws ZeroskipError `FILE_ERROR`, `INVALID_ARGUMENT` for a name or an element that is none, `SHAPE_MISMATCH`, `TYPE_MISMATCH`
 */
export function parseMasks(file: Uint8Array, path: string, layers: readonly Layer[], graph: Graph): Map<string, Mask> {
  const isZip = file[0] === 0x50 && file[1] === 0x4b;
  const arrays = isZip ? parseNpz(file, path).arrays : parseSafetensors(file, path);
  const masks = new Map<string, Mask>();
  for (const [name, array] of arrays) {
    const layer = layerOf(name, path, layers);
    ensure(!masks.has(layer.name), 'FILE_ERROR', () => `${path}: there are two masks for '${layer.weight}'`);
    const dims = dimsOf(layer, graph);
    ensure(
      sameDims(array.dims, dims),
      'SHAPE_MISMATCH',
      () => `${path}: the mask of '${layer.weight}' is ${showDims(dims)}, found ${showDims(array.dims)}`,
    );
    masks.set(layer.name, maskAs(layer, bitsOf(array, `${path}: the mask of '${layer.weight}'`), 'matrix'));
  }
  return masks;
}

function layerOf(name: string, path: string, layers: readonly Layer[]): Layer {
  const bare = name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : name;
  const layer = layers.find(({ weight }) => weight === name) ?? layers.find(({ weight }) => weight === bare);
  const weights = layers.map(({ weight }) => weight);
  ensure(
    layer,
    'INVALID_ARGUMENT',
    () => `${path}: '${name}' is no initializer of a layer that can be pruned${didYouMean(name, weights)}`,
  );
  return layer;
}

function bitsOf({ type, data }: Tensor, what: string): Mask {
  ensure(type !== 'float16', 'TYPE_MISMATCH', `${what} has elements of type float16; save it as bool`);
  const mask = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const bit = Number(data[i]);
    ensure(bit === 0 || bit === 1, 'INVALID_ARGUMENT', () => `${what} has elements 0 and 1, found ${bit}`);
    mask[i] = bit;
  }
  return mask;
}

/** Masks of the zeros that the weights of a graph have already; layers without zeros have none. */
export function masksIn(graph: Graph, layers: readonly Layer[]): Map<string, Mask> {
  const masks = new Map<string, Mask>();
  for (const layer of layers) {
    const mask = Uint8Array.from(weightsOf(layer, graph), (w) => (w === 0 ? 0 : 1));
    if (mask.includes(0)) masks.set(layer.name, mask);
  }
  return masks;
}

const dimsOf = (layer: Layer, graph: Graph): readonly number[] => graph.values.get(layer.weight)!.constant!.dims;

const namesOf = (layers: readonly Layer[]): string[] => layers.map(({ name }) => name);
