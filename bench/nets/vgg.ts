import type { NetBuilder, Signal } from './builder.ts';

/** Channels of the 3x3 convolutions, between poolings. */
const STAGES = [
  [64, 64],
  [128, 128],
  [256, 256, 256],
  [512, 512, 512],
  [512, 512, 512],
];

/** VGG-16 (Simonyan and Zisserman 2014). */
export function vgg16(net: NetBuilder, x: Signal): Signal {
  let y = x;
  for (const stage of STAGES) {
    for (const channels of stage) y = net.relu(net.conv(y, channels, { kernel: 3, pruned: y !== x }));
    y = net.maxPool(y, 2, 2);
  }
  y = net.flatten(y);
  for (let i = 0; i < 2; i++) y = net.relu(net.gemm(y, 4096));
  return net.gemm(y, 1000, { last: true });
}
