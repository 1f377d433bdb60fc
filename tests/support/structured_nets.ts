import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { Tensor } from '../../src/tensor.ts';
import { numbers, randomTensor } from './graphs.ts';

const pads = [1, 1, 1, 1];

/** A builder that names its layers and gives each other weights. */
export class Net {
  readonly g: GraphBuilder;
  private seed = 1;

  constructor(name: string) {
    this.g = new GraphBuilder(name);
  }

  random(...dims: number[]): Tensor {
    return randomTensor(dims, this.seed++);
  }

  constant(...dims: number[]): string {
    return this.g.constant(this.random(...dims));
  }

  ints(...list: number[]): string {
    return this.g.constant(new Tensor('int64', list, [list.length]));
  }

  image(channels: number, size = 6): string {
    return this.g.input('x', 'float32', ['batch', channels, size, size]);
  }

  conv(x: string, ins: number, outs: number, name: string, options: { k?: number; group?: number } = {}): string {
    const { k = 3, group = 1 } = options;
    const shape = k === 3 ? { kernel_shape: [3, 3], pads } : { kernel_shape: [k, k] };
    const bias = numbers(outs, this.seed++);
    return this.g.conv(x, this.random(outs, ins / group, k, k), bias, { ...shape, name, ...(group > 1 && { group }) });
  }

  norm(x: string, channels: number): string {
    const vector = () => numbers(channels, this.seed++);
    const variance = vector().map((v) => v * v + 0.5);
    return this.g.batchNormalization(x, vector(), vector(), vector(), variance);
  }

  gemm(x: string, ins: number, outs: number, name: string): string {
    return this.g.gemm(x, this.random(outs, ins), numbers(outs, this.seed++), { name });
  }

  /** `x W + b` as exporters write a linear layer on more than two axes. */
  linear(x: string, ins: number, outs: number, name: string): string {
    return this.g.add(this.g.matMul(x, this.random(ins, outs), { name }), this.constant(outs));
  }

  build(y: string): Graph {
    this.g.output(y, 'y');
    return this.g.build();
  }
}

/** Two blocks on one stream, with batch norms. */
export function resnet(): Graph {
  const n = new Net('resnet');
  const { g } = n;
  let x = g.relu(n.norm(n.conv(n.image(3), 3, 8, 'stem'), 8));
  for (const block of ['b1', 'b2']) {
    const h = g.relu(n.norm(n.conv(x, 8, 6, `${block}.conv1`), 6));
    x = g.relu(g.add(n.norm(n.conv(h, 6, 8, `${block}.conv2`), 8), x));
  }
  return n.build(n.gemm(g.flatten(g.globalAveragePool(x)), 8, 5, 'fc'));
}

/** Three layers that read all before them, pre-activated. */
export function densenet(): Graph {
  const n = new Net('densenet');
  const { g } = n;
  let x = n.conv(n.image(3), 3, 6, 'stem');
  let width = 6;
  for (const layer of ['d1', 'd2', 'd3']) {
    const h = n.conv(g.relu(n.norm(x, width)), width, 4, layer);
    x = g.node('Concat', [x, h], { axis: 1 });
    width += 4;
  }
  const y = g.averagePool(g.relu(n.norm(x, width)), [2, 2], { strides: [2, 2] });
  return n.build(g.node('ReduceMean', [n.conv(y, width, 5, 'head', { k: 1 }), n.ints(2, 3)], { keepdims: 0 }));
}

/** An inception block: four branches joined by Concat. */
export function googlenet(): Graph {
  const n = new Net('googlenet');
  const { g } = n;
  const x = g.relu(n.conv(n.image(3), 3, 6, 'stem'));
  const branches = [
    n.conv(x, 6, 3, 'b1', { k: 1 }),
    n.conv(g.relu(n.conv(x, 6, 4, 'b2.reduce', { k: 1 })), 4, 5, 'b2'),
    n.conv(g.relu(n.conv(x, 6, 2, 'b3.reduce', { k: 1 })), 2, 3, 'b3'),
    n.conv(g.maxPool(x, [3, 3], { pads, strides: [1, 1] }), 6, 2, 'b4', { k: 1 }),
  ];
  const y = g.relu(g.node('Concat', branches, { axis: 1 }));
  return n.build(n.gemm(g.flatten(g.globalAveragePool(n.conv(y, 13, 4, 'next'))), 4, 3, 'fc'));
}

/** Each channel in front of the Flatten is nine columns behind it. */
export function vgg(flat: 'flatten' | 'reshape' | 'computed' = 'flatten'): Graph {
  const n = new Net('vgg');
  const { g } = n;
  const a = g.relu(n.conv(n.image(3), 3, 5, 'conv1'));
  const b = g.maxPool(g.relu(n.conv(a, 5, 4, 'conv2')), [2, 2], { strides: [2, 2] });
  const rows = () => g.node('Gather', [g.node('Shape', [b]), n.ints(0)], { axis: 0 });
  const flattened =
    flat === 'flatten'
      ? g.flatten(b)
      : flat === 'reshape'
        ? g.reshape(b, [-1, 36])
        : g.node('Reshape', [b, g.node('Concat', [rows(), n.ints(36)], { axis: 0 })]);
  const h = g.relu(n.gemm(flattened, 36, 7, 'fc1'));
  const transposed = g.node('Gemm', [h, n.constant(7, 6), n.constant(1, 6)], { alpha: 0.5 }, undefined, 'fc2');
  return n.build(n.gemm(g.node('Tanh', [transposed]), 6, 3, 'fc3'));
}

/** Inverted residuals with Clip. */
export function mobilenet(): Graph {
  const n = new Net('mobilenet');
  const { g } = n;
  const relu6 = (x: string) => g.clip(x, 0, 6);
  let x = relu6(n.conv(n.image(3), 3, 4, 'stem'));
  for (const block of ['i1', 'i2']) {
    const e = relu6(n.norm(n.conv(x, 4, 10, `${block}.expand`, { k: 1 }), 10));
    const d = relu6(n.norm(n.conv(e, 10, 10, `${block}.depthwise`, { group: 10 }), 10));
    x = g.add(x, n.conv(d, 10, 4, `${block}.project`, { k: 1 }));
  }
  return n.build(n.gemm(g.flatten(g.globalAveragePool(x)), 4, 3, 'fc'));
}

/** LayerNormalization: a node, or in the form that exporters write before opset 17. */
function layerNorm(n: Net, x: string, width: number, norm: Norm): string {
  const { g } = n;
  if (norm === 'node') return g.node('LayerNormalization', [x, n.constant(width), n.constant(width)], { axis: -1 });
  const scalar = (v: number) => g.constant(new Tensor('float32', [v], []));
  const mean = (v: string) => g.node('ReduceMean', [v, n.ints(-1)], { keepdims: 1 });
  const centred = g.node('Sub', [x, mean(x)]);
  const variance = mean(g.node('Pow', [centred, scalar(2)]));
  const deviation = g.node('Sqrt', [g.add(variance, scalar(1e-5))]);
  return g.add(g.mul(g.node('Div', [centred, deviation]), n.constant(width)), n.constant(width));
}

type Norm = 'node' | 'decomposed';

/** A ViT block on 5 tokens of 12 numbers with 3 heads of 4; q, k and v in layers of their own or in one. */
export function vit(qkv: 'own' | 'split' | 'gather' = 'own', norm: Norm = 'decomposed'): Graph {
  const n = new Net('vit');
  const { g } = n;
  const x = g.input('x', 'float32', ['batch', 5, 12]);
  const normed = layerNorm(n, x, 12, norm);
  const heads = (v: string, perm: number[]) => g.node('Transpose', [g.reshape(v, [0, 5, 3, 4])], { perm });
  let parts: string[];
  if (qkv === 'own') {
    parts = ['q', 'k', 'v'].map((name) =>
      heads(n.linear(normed, 12, 12, name), [0, 2, name === 'k' ? 3 : 1, name === 'k' ? 1 : 3]),
    );
  } else if (qkv === 'split') {
    const all = n.linear(normed, 12, 36, 'qkv');
    const names = ['qp', 'kp', 'vp'];
    g.node('Split', [all, n.ints(12, 12, 12)], { axis: 2 }, names);
    parts = names.map((name) => heads(name, name === 'kp' ? [0, 2, 3, 1] : [0, 2, 1, 3]));
  } else {
    const all = g.reshape(n.linear(normed, 12, 36, 'qkv'), [0, 5, 3, 3, 4]);
    const moved = g.node('Transpose', [all], { perm: [2, 0, 3, 1, 4] });
    const pick = (i: number) => g.node('Gather', [moved, g.constant(new Tensor('int64', [i], []))], { axis: 0 });
    parts = [pick(0), g.node('Transpose', [pick(1)], { perm: [0, 1, 3, 2] }), pick(2)];
  }
  const [q, k, v] = parts;
  const scale = g.constant(new Tensor('float32', [2], []));
  const scores = g.softmax(g.node('Div', [g.matMul(q, k), scale]));
  const joined = g.reshape(g.node('Transpose', [g.matMul(scores, v)], { perm: [0, 2, 1, 3] }), [0, 5, 12]);
  const y = g.add(x, n.linear(joined, 12, 12, 'out'));
  const wide = n.linear(layerNorm(n, y, 12, norm), 12, 16, 'mlp1');
  const gelu = g.mul(wide, g.node('Sigmoid', [wide]));
  return n.build(g.add(y, n.linear(gelu, 16, 12, 'mlp2')));
}

/** Grouped convolutions: one behind a layer, one on the input, one that is mixed by a channel shuffle. */
export function grouped(): Graph {
  const n = new Net('grouped');
  const { g } = n;
  const first = g.relu(n.conv(n.image(4), 4, 6, 'first', { group: 2 }));
  const wide = g.relu(n.conv(first, 6, 12, 'wide', { k: 1 }));
  const mid = g.relu(n.conv(wide, 12, 8, 'mid', { group: 4 }));
  return n.build(n.conv(mid, 8, 3, 'last', { k: 1 }));
}

/** Channels shuffled behind a grouped convolution. */
export function shuffle(): Graph {
  const n = new Net('shuffle');
  const { g } = n;
  const a = g.relu(n.conv(n.image(3), 3, 6, 'a', { k: 1 }));
  const b = n.conv(a, 6, 6, 'b', { group: 2 });
  const swapped = g.node('Transpose', [g.reshape(b, [0, 2, 3, 6, 6])], { perm: [0, 2, 1, 3, 4] });
  const c = n.conv(g.reshape(swapped, [0, -1, 6, 6]), 6, 6, 'c', { k: 1 });
  return n.build(n.conv(g.relu(c), 6, 3, 'd', { k: 1 }));
}

/** Halves of a layer: a gate by Split, a part by Slice, some by Gather. */
export function parts(): Graph {
  const n = new Net('parts');
  const { g } = n;
  const a = n.conv(n.image(3), 3, 12, 'a');
  g.node('Split', [a], { axis: 1 }, ['a1', 'a2']);
  const gated = g.mul('a1', g.node('Sigmoid', ['a2']));
  const b = g.relu(n.conv(gated, 6, 8, 'b'));
  const low = g.node('Slice', [b, n.ints(0), n.ints(5), n.ints(1)]);
  const high = g.node('Slice', [b, n.ints(-3), n.ints(2 ** 31), n.ints(1)]);
  const c = g.add(n.conv(low, 5, 4, 'c'), n.conv(high, 3, 4, 'd'));
  const mixed = g.node('Gather', [c, n.ints(3, 1, 2, 0)], { axis: 1 });
  return n.build(n.gemm(g.flatten(g.globalAveragePool(mixed)), 4, 2, 'fc'));
}

/** Squeeze and excitation, and a constant of one number a channel. */
export function gates(): Graph {
  const n = new Net('gates');
  const { g } = n;
  const a = g.relu(n.conv(n.image(3), 3, 8, 'a'));
  const pooled = g.globalAveragePool(a);
  const s = g.relu(n.conv(pooled, 8, 3, 'squeeze', { k: 1 }));
  const e = g.node('Sigmoid', [n.conv(s, 3, 8, 'excite', { k: 1 })]);
  const scaled = g.node('Sub', [g.mul(g.mul(a, e), n.constant(1, 8, 1, 1)), n.constant(8, 1, 1)]);
  return n.build(n.conv(scaled, 8, 3, 'b'));
}

/** Slopes: one a channel in an image, a single one, one a neuron. */
export function slopes(): Graph {
  const n = new Net('slopes');
  const { g } = n;
  const prelu = (x: string, ...dims: number[]) => g.node('PRelu', [x, n.constant(...dims)]);
  const a = prelu(n.conv(n.image(3), 3, 6, 'a'), 6, 1, 1);
  const b = prelu(n.conv(a, 6, 6, 'b', { group: 6 }), 1, 1, 1);
  const c = prelu(g.add(n.conv(b, 6, 8, 'c', { k: 1 }), n.conv(a, 6, 8, 'd', { k: 1 })), 8, 1, 1);
  const h = prelu(n.gemm(g.flatten(g.globalAveragePool(c)), 8, 7, 'fc1'), 7);
  return n.build(n.gemm(h, 7, 3, 'fc2'));
}

/** Queries and keys normalised within each of 3 heads of 4: whole heads can go. */
export function headNorms(): Graph {
  const n = new Net('norms of heads');
  const { g } = n;
  const x = g.input('x', 'float32', ['batch', 5, 12]);
  const heads = (name: string) =>
    g.node('Transpose', [g.reshape(n.linear(x, 12, 12, name), [0, 5, 3, 4])], { perm: [0, 2, 1, 3] });
  const [q, k] = ['q', 'k'].map((name) => layerNorm(n, heads(name), 4, 'node'));
  const scores = g.softmax(g.matMul(q, g.node('Transpose', [k], { perm: [0, 1, 3, 2] })));
  const joined = g.node('Transpose', [g.matMul(scores, heads('v'))], { perm: [0, 2, 1, 3] });
  return n.build(n.linear(g.reshape(joined, [0, 5, 12]), 12, 3, 'out'));
}

/** Features of two sizes that meet by upsampling. */
export function pyramid(): Graph {
  const n = new Net('pyramid');
  const { g } = n;
  const a = g.relu(n.conv(n.image(3), 3, 6, 'a'));
  const b = g.relu(n.conv(g.maxPool(a, [2, 2], { strides: [2, 2] }), 6, 8, 'b'));
  const c = n.conv(b, 8, 6, 'c', { k: 1 });
  const scales = g.constant(new Tensor('float32', [1, 1, 2, 2], [4]));
  const up = g.node('Resize', [c, '', scales], { mode: 'nearest', nearest_mode: 'floor', coordinate_transformation_mode: 'asymmetric' }); // biome-ignore format: one line
  return n.build(n.conv(g.add(a, up), 6, 3, 'd'));
}

export const NETS: Readonly<Record<string, () => Graph>> = {
  ResNet: resnet,
  DenseNet: densenet,
  GoogLeNet: googlenet,
  'VGG with Flatten': () => vgg(),
  'VGG with Reshape': () => vgg('reshape'),
  'VGG with a computed Reshape': () => vgg('computed'),
  MobileNetV2: mobilenet,
  'ViT with q, k and v': () => vit(),
  'ViT with Split': () => vit('split'),
  'ViT with Gather': () => vit('gather'),
  'ViT with LayerNormalization': () => vit('split', 'node'),
  'norms of heads': headNorms,
  PReLU: slopes,
  upsampling: pyramid,
  'grouped convolutions': grouped,
  'a channel shuffle': shuffle,
  'Split, Slice and Gather': parts,
  'gates of channels': gates,
};
