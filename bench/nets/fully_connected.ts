import { BRANCH_VARIANCE, type NetBuilder, type Signal } from './builder.ts';

/** Fully connected layers with a ReLU between them. */
export function mlp(net: NetBuilder, x: Signal, widths: readonly number[]): Signal {
  return widths.reduce((y, width, i) => {
    const last = i === widths.length - 1;
    const z = net.gemm(y, width, { last });
    return last ? z : net.relu(z);
  }, x);
}

/** Feed-forward blocks of a transformer, `x + W2 relu(W1 x)`, one behind the other. */
export function feedForward(net: NetBuilder, x: Signal, blocks: number, hidden: number): Signal {
  let y = x;
  for (let i = 0; i < blocks; i++) {
    const branch = net.matMul(net.relu(net.matMul(y, hidden)), y.channels, { variance: BRANCH_VARIANCE });
    y = net.add(y, branch, i === blocks - 1);
  }
  return y;
}
