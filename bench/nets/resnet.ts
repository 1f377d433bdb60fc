import { BRANCH_VARIANCE, type NetBuilder, type Signal } from './builder.ts';

/** Channels of the 3x3 convolution, blocks, and stride of the first one. */
const STAGES = [
  [64, 3, 1],
  [128, 4, 2],
  [256, 6, 2],
  [512, 3, 2],
] as const;

/** 1x1, 3x3 (which has the stride: "v1.5"), 1x1 to four times the channels, added to the input or, in a stage's first block, to a 1x1 of it. */
function bottleneck(net: NetBuilder, x: Signal, channels: number, stride: number, project: boolean): Signal {
  const outs = 4 * channels;
  let y = net.relu(net.conv(x, channels));
  y = net.relu(net.conv(y, channels, { kernel: 3, stride }));
  y = net.conv(y, outs, { variance: project ? 0.5 : BRANCH_VARIANCE });
  if (!project) return net.reluOfSum(x, y);
  return net.relu(net.add(net.conv(x, outs, { stride, variance: 0.5 }), y));
}

/** ResNet-50 v1.5 (He et al. 2015), batch normalisation folded. */
export function resNet50(net: NetBuilder, x: Signal): Signal {
  let y = net.relu(net.conv(x, 64, { kernel: 7, stride: 2, pruned: false }));
  y = net.maxPool(y, 3, 2, 1);
  for (const [channels, blocks, stride] of STAGES) {
    for (let i = 0; i < blocks; i++) y = bottleneck(net, y, channels, i === 0 ? stride : 1, i === 0);
  }
  return net.gemm(net.meanPool(y), 1000, { last: true });
}
