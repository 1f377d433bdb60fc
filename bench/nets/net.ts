import type { Graph } from '../../src/graph/ir.ts';

/** Networks of the benchmark; `ffn1` and `ffn128` are the same stack with 1 and 128 tokens. */
export const NETS = ['mobilenetv1', 'mobilenetv2', 'resnet50', 'vgg16', 'mlp', 'ffn1', 'ffn128', 'lenet300'] as const;
export type NetName = (typeof NETS)[number];

/** Per cent of zeros in each pruned weight. */
export const SPARSITIES: readonly number[] = [0, 70, 80, 90, 95];

/** What is zero or not as one: a single weight, or a block of outputs x inputs. */
export const PATTERNS = ['unstructured', '2x1', '4x1', '16x1'] as const;
export type Pattern = (typeof PATTERNS)[number];

/** One network at one sparsity, made by seed: the same bytes each time and everywhere. */
export interface BenchNet {
  name: NetName;
  /** 0, 70, 80, 90 or 95. */
  sparsity: number;
  pattern: Pattern;
  /** `mobilenetv1-90`, `mobilenetv1-90-2x1`. */
  id: string;
  input: { name: string; dims: number[] };
  output: { name: string };
  /** The network in our form, freshly made. */
  graph(): Graph;
  /** The network as ONNX, from the cache if it is there. */
  onnx(): Uint8Array;
  /** Path of the ONNX file in the cache. */
  onnxFile(): string;
  /** A normally distributed input. */
  data(): Float32Array;
}
