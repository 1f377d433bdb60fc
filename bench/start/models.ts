import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../../src/compile.ts';
import { cacheFolder } from '../lib/folders.ts';
import type { BenchNet } from '../nets/net.ts';
import { layersOf } from '../peers/layers.ts';
import { toChannelsLast } from '../peers/order.ts';
import { filterOf } from '../peers/tfjs_graph.ts';
import { toTflite } from '../peers/tflite/ops.ts';
import { packLayers } from './layers_file.ts';

/** Paths of one network in the form that each runtime reads. */
export interface ModelFiles {
  onnx: string;
  package: string;
  tflite: string;
  sparseTflite: string;
  /** Layers with their weights in TensorFlow's order, as a converter for TensorFlow.js would leave them: see `packLayers`. */
  layers: string;
  /** The input, channels first and channels last. */
  input: string;
  inputLast: string;
}

export const START_FOLDER = cacheFolder('start');

/** Writes all forms of `net`. */
export async function writeModels(net: BenchNet): Promise<ModelFiles> {
  mkdirSync(START_FOLDER, { recursive: true });
  const write = (extension: string, bytes: Uint8Array): string => {
    const file = join(START_FOLDER, `${net.id}.${extension}`);
    writeFileSync(file, bytes);
    return file;
  };
  const layers = layersOf(net.graph());
  const raw = ({ buffer, byteOffset, byteLength }: Float32Array) => new Uint8Array(buffer, byteOffset, byteLength);
  return {
    onnx: net.onnxFile(),
    package: write('zsk', await compile(net.graph())),
    tflite: write('tflite', toTflite(layers, { sparse: false })),
    sparseTflite: write('sparse.tflite', toTflite(layers, { sparse: true })),
    layers: write('layers', packLayers(layers, filterOf)),
    input: write('input', raw(net.data())),
    inputLast: write('input_last', raw(toChannelsLast(net.data(), net.input.dims))),
  };
}
