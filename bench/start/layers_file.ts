import type { ChannelsLast, Layer } from '../peers/layer.ts';

type Weighted = Extract<Layer, { weights: Float32Array }>;

/** Where floats lie behind the header: the first one and how many. */
interface Place {
  floats: [at: number, length: number];
}

interface Header {
  network: { layers: unknown[]; input: string; output: string };
  shapes: [string, readonly number[]][];
}

/**
 * A network in one file, weights as they are given by `filter`.
 *
 * ```
 * u32 n | n bytes of JSON, padded with spaces so that 4 + n is a multiple of 4 | float32 weights and biases, layer by layer
 * ```
 */
export function packLayers(network: ChannelsLast, filter: (layer: Weighted) => Float32Array): Uint8Array {
  const parts: Float32Array[] = [];
  let length = 0;
  const place = (data: Float32Array): Place => {
    parts.push(data);
    length += data.length;
    return { floats: [length - data.length, data.length] };
  };
  const layers = network.layers.map((layer) => {
    if (!('weights' in layer)) return layer;
    return { ...layer, weights: place(filter(layer)), bias: layer.bias && place(layer.bias) };
  });
  const { input, output } = network;
  const header: Header = { network: { layers, input, output }, shapes: [...network.shapes] };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const start = Math.ceil((4 + text.length) / 4) * 4;
  const bytes = new Uint8Array(start + 4 * length).fill(0x20, 4, start);
  new DataView(bytes.buffer).setUint32(0, start - 4, true);
  bytes.set(text, 4);
  const floats = new Float32Array(bytes.buffer, start);
  let at = 0;
  for (const part of parts) {
    floats.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The network that {@link packLayers} wrote; its weights are views of `bytes` where those are aligned. */
export function unpackLayers(bytes: Uint8Array): ChannelsLast {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const { buffer, byteOffset } = aligned;
  const start = 4 + new DataView(buffer, byteOffset).getUint32(0, true);
  const header: Header = JSON.parse(new TextDecoder().decode(aligned.subarray(4, start)));
  const read = (place: Place | undefined): Float32Array | undefined =>
    place && new Float32Array(buffer, byteOffset + start + 4 * place.floats[0], place.floats[1]);
  const layers = header.network.layers.map((layer) => {
    const { weights, bias } = layer as { weights?: Place; bias?: Place };
    return weights ? { ...(layer as object), weights: read(weights), bias: read(bias) } : layer;
  });
  return { ...header.network, layers: layers as Layer[], shapes: new Map(header.shapes) };
}
