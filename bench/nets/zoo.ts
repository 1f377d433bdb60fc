import type { Graph } from '../../src/graph/ir.ts';
import { NetBuilder, type Signal } from './builder.ts';
import { feedForward, mlp } from './fully_connected.ts';
import { mobileNetV1, mobileNetV2 } from './mobilenet.ts';
import type { NetName, Pattern } from './net.ts';
import { resNet50 } from './resnet.ts';
import { vgg16 } from './vgg.ts';

/** How one net is made. Nets of the same `seed` have the same weights. */
interface Recipe {
  seed: string;
  input: number[];
  output: number[];
  layers(net: NetBuilder, x: Signal): Signal;
}

const IMAGE = [1, 3, 224, 224];
const CLASSES = [1, 1000];

const stack = (tokens: number): Recipe => ({
  seed: 'ffn',
  input: [1, tokens, 768],
  output: [1, tokens, 768],
  layers: (net, x) => feedForward(net, x, 12, 3072),
});

/** The nets by name. */
export const ZOO: Readonly<Record<NetName, Recipe>> = {
  mobilenetv1: { seed: 'mobilenetv1', input: IMAGE, output: CLASSES, layers: mobileNetV1 },
  mobilenetv2: { seed: 'mobilenetv2', input: IMAGE, output: CLASSES, layers: mobileNetV2 },
  resnet50: { seed: 'resnet50', input: IMAGE, output: CLASSES, layers: resNet50 },
  vgg16: { seed: 'vgg16', input: IMAGE, output: CLASSES, layers: vgg16 },
  mlp: { seed: 'mlp', input: [1, 784], output: [1, 10], layers: (net, x) => mlp(net, x, [2048, 2048, 2048, 10]) },
  ffn1: stack(1),
  ffn128: stack(128),
  lenet300: { seed: 'lenet300', input: [1, 784], output: [1, 10], layers: (net, x) => mlp(net, x, [300, 100, 10]) },
};

/** Makes a net: every weight but that of the first convolution and of depthwise ones has `sparsity` per cent of zeros. */
export function makeNet(name: NetName, id: string, sparsity: number, pattern: Pattern): Graph {
  const { seed, input, output, layers } = ZOO[name];
  const net = new NetBuilder(id, seed, sparsity, pattern);
  layers(net, net.input(input));
  return net.build(output);
}
