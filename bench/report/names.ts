import type { NetName, Pattern } from '../nets/net.ts';
import type { RuntimeName } from '../peers/runtime.ts';

/** Networks as a reader knows them. */
export const NET_NAMES: Readonly<Record<NetName, string>> = {
  mobilenetv1: 'MobileNetV1 1.0, 224',
  mobilenetv2: 'MobileNetV2 1.0, 224',
  resnet50: 'ResNet-50 v1.5, 224',
  vgg16: 'VGG-16, 224',
  mlp: 'MLP 784-2048-2048-2048-10',
  ffn1: '12 x FFN 768-3072-768, 1 token',
  ffn128: '12 x FFN 768-3072-768, 128 tokens',
  lenet300: 'LeNet-300-100',
};

export const RUNTIME_NAMES: Readonly<Record<RuntimeName, string>> = {
  zeroskip: 'zeroskip',
  'zeroskip-dense': 'zeroskip, dense',
  'ort-web': 'ONNX Runtime Web',
  'ort-node': 'ONNX Runtime, native',
  'tfjs-wasm': 'TensorFlow.js Wasm',
  litert: 'LiteRT.js',
  'litert-sparse': 'LiteRT.js, sparse tensors',
};

/** `90 %`, `90 % in 4x1 blocks` */
export const zerosOf = ({ sparsity, pattern }: { sparsity: number; pattern: Pattern }): string =>
  pattern === 'unstructured' ? `${sparsity} %` : `${sparsity} % in ${pattern} blocks`;

/** A runtime, or the script that runs nothing. */
export const nameOf = (name: string): string =>
  name === 'empty' ? 'an empty script' : (RUNTIME_NAMES[name as RuntimeName] ?? name);
