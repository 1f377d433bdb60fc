import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type Normalisation, normalised, testDigits } from './mnist.ts';

/** One pruned network of `tests/fixtures`, and what PyTorch computes with it. */
export interface Network {
  name: string;
  /** The ONNX bytes, with batch 1 or with a free batch dimension. */
  onnx(dynamic: boolean): Uint8Array<ArrayBuffer>;
  /** Share of zero weights. */
  sparsity: number;
  /** How many of MNIST's 10,000 test digits PyTorch gets right, and as a share. */
  correct: number;
  accuracy: number;
  /** The test digits whose logits are known, and those logits, 10 for each digit. */
  indices: number[];
  logits: Float32Array;
  normalisation: Normalisation;
  /** The normalised images of `indices`. */
  digits(): Float32Array;
}

interface Expected {
  normalisation: Normalisation;
  versions: Record<string, string | number>;
  nets: Record<
    string,
    {
      file: string;
      dynamicFile: string;
      totalSparsity: number;
      correct: number;
      accuracy: number;
      indices: number[];
      logits: number[][];
    }
  >;
}

const folder = new URL('../../tests/fixtures/', import.meta.url);
const expected: Expected = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8'));

/** What the networks were made with. */
export const madeWith = expected.versions;

export const networks: readonly Network[] = Object.entries(expected.nets).map(([name, net]) => ({
  name,
  onnx: (dynamic) => new Uint8Array(gunzipSync(readFileSync(new URL(dynamic ? net.dynamicFile : net.file, folder)))),
  sparsity: net.totalSparsity,
  correct: net.correct,
  accuracy: net.accuracy,
  indices: net.indices,
  logits: Float32Array.from(net.logits.flat()),
  normalisation: expected.normalisation,
  digits: () => normalised(testDigits(), net.indices, expected.normalisation),
}));
