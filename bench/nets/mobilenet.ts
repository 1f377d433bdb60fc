import { BRANCH_VARIANCE, type ConvOptions, type NetBuilder, type Signal } from './builder.ts';

const activated = (net: NetBuilder, x: Signal, outs: number, options: ConvOptions): Signal =>
  net.relu6(net.conv(x, outs, options));

const depthwise = (net: NetBuilder, x: Signal, stride: number): Signal =>
  activated(net, x, x.channels, { kernel: 3, stride, depthwise: true });

/** Outputs and stride of the 13 depthwise separable blocks. */
const V1_BLOCKS = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  ...Array.from({ length: 5 }, () => [512, 1]),
  [1024, 2],
  [1024, 1],
] as const;

/** MobileNetV1 1.0 (Howard et al. 2017), batch normalisation folded. */
export function mobileNetV1(net: NetBuilder, x: Signal): Signal {
  let y = activated(net, x, 32, { kernel: 3, stride: 2, pruned: false });
  for (const [outs, stride] of V1_BLOCKS) y = activated(net, depthwise(net, y, stride), outs, {});
  return net.gemm(net.meanPool(y), 1000, { last: true });
}

/** Expansion, outputs, repeats and first stride of the stages of inverted residuals. */
const V2_STAGES = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

/** MobileNetV2 1.0 (Sandler et al. 2018), batch normalisation folded: the last 1x1 of a block has no activation. */
export function mobileNetV2(net: NetBuilder, x: Signal): Signal {
  let y = activated(net, x, 32, { kernel: 3, stride: 2, pruned: false });
  for (const [expansion, outs, repeats, firstStride] of V2_STAGES) {
    for (let i = 0; i < repeats; i++) {
      const stride = i === 0 ? firstStride : 1;
      const residual = stride === 1 && y.channels === outs;
      const wide = expansion === 1 ? y : activated(net, y, y.channels * expansion, {});
      const narrow = net.conv(depthwise(net, wide, stride), outs, { variance: residual ? BRANCH_VARIANCE : 1 });
      y = residual ? net.add(y, narrow) : narrow;
    }
  }
  return net.gemm(net.meanPool(activated(net, y, 1280, {})), 1000, { last: true });
}
