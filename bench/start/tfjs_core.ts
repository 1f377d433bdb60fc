import type * as TF from '@tensorflow/tfjs-core';
import { add, dispose, fused, maxPool, mean, relu, relu6, reshape, tensor, tidy } from '@tensorflow/tfjs-core';

/** Of TensorFlow.js only what the network calls, so that the rest is not bundled. */
export const tf = { add, dispose, fused, maxPool, mean, relu, relu6, reshape, tensor, tidy } as unknown as typeof TF;
