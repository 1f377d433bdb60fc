import { callOf } from '../graph/call.ts';
import type { Graph } from '../graph/ir.ts';
import { convWindow } from '../ops/common/conv_geometry.ts';
import { sizeOf, stridesOf } from '../tensor.ts';
import type { Layer } from './types.ts';

/**
 * How a value becomes the matrix X that a layer multiplies: a column for each position of each image. Of a grouped Conv the rows of all groups
 * stand one behind the other, row `(group * ins + i) * taps + t`.
 */
export interface Columns {
  images: number;
  /** Positions of one image. */
  positions: number;
  /** Rows of X: `groups * cols`. */
  length: number;
  /** Writes one column of X to `out` from `at` on. */
  read(data: Float32Array, image: number, position: number, out: Float32Array, at: number): void;
}

/** Says, beside the name of the input, which columns a layer reads: layers with equal ones have the same X. */
export function columnsKey(layer: Layer, graph: Graph): string {
  const { attrs, inputs } = nodeOf(layer, graph);
  if (layer.op !== 'Conv') return JSON.stringify([layer.input, attrs.transA ?? 0]);
  return JSON.stringify([layer.input, attrs, graph.values.get(inputs[1])!.constant!.dims.slice(1)]);
}

/** The node of a layer. */
export const nodeOf = (layer: Layer, graph: Graph) => graph.nodes.find(({ outputs }) => outputs[0] === layer.output)!;

/** The columns that a layer reads of an input of `dims`. */
export function columnsOf(layer: Layer, graph: Graph, dims: readonly number[]): Columns {
  const node = nodeOf(layer, graph);
  const { cols } = layer;
  if (layer.op === 'Conv') return patches(layer, graph, dims);
  if (layer.op === 'Gemm' && node.attrs.transA) {
    const images = dims[1];
    const read: Columns['read'] = (data, image, _, out, at) => {
      for (let i = 0; i < cols; i++) out[at + i] = data[i * images + image];
    };
    return { images, positions: 1, length: cols, read };
  }
  const positions = sizeOf(dims.slice(1, -1));
  const read: Columns['read'] = (data, image, position, out, at) => {
    const from = (image * positions + position) * cols;
    for (let i = 0; i < cols; i++) out[at + i] = data[from + i];
  };
  return { images: dims[0], positions, length: cols, read };
}

/**
 * Patches of a padded, strided, dilated convolution (im2col): `X[c * taps + t, (n, p)] = x[n, c, p * stride - pad + t * dilation]`, 0 outside of
 * the image.
 */
function patches(layer: Layer, graph: Graph, dims: readonly number[]): Columns {
  const node = nodeOf(layer, graph);
  const [images, channels, ...spatial] = dims;
  const kernel = graph.values.get(layer.weight)!.constant!.dims.slice(2);
  const values = new Map(graph.values).set(layer.input, { name: layer.input, type: 'float32' as const, dims });
  const call = callOf({ ...graph, values }, node)!;
  const { out, pads, strides, dilations } = convWindow(call, spatial, kernel);
  const { taps } = layer;
  const positions = sizeOf(out);
  const plane = sizeOf(spatial);
  const steps = [stridesOf(out), stridesOf(kernel), stridesOf(spatial)];
  /** The pixel under tap t of position p, -1 outside of the image. */
  const pixels = new Int32Array(positions * taps);
  for (let i = 0; i < pixels.length; i++) {
    const p = Math.floor(i / taps);
    const t = i % taps;
    for (let axis = 0; axis < spatial.length && pixels[i] >= 0; axis++) {
      const step = Math.floor(p / steps[0][axis]) % out[axis];
      const tap = Math.floor(t / steps[1][axis]) % kernel[axis];
      const q = step * strides[axis] - pads[axis] + tap * dilations[axis];
      pixels[i] = q < 0 || q >= spatial[axis] ? -1 : pixels[i] + q * steps[2][axis];
    }
  }
  const read: Columns['read'] = (data, image, position, buffer, at) => {
    const first = position * taps;
    for (let c = 0, to = at; c < channels; c++) {
      const from = (image * channels + c) * plane;
      for (let t = 0; t < taps; t++, to++) {
        const pixel = pixels[first + t];
        buffer[to] = pixel < 0 ? 0 : data[from + pixel];
      }
    }
  };
  return { images, positions, length: channels * taps, read };
}
